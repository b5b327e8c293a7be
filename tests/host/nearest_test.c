/* SPDX-License-Identifier: MIT */
/*
 * lib/nearest.c: distances, and the name that a word was probably meant to be.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/nearest.h"

/* The two texts are in heap blocks of exactly their size, without a NUL. */
static void assert_distance(const char *left, const char *right, unsigned distance)
{
    size_t left_length = strlen(left), right_length = strlen(right);
    char *left_copy = memcpy(malloc(left_length), left, left_length);
    char *right_copy = memcpy(malloc(right_length), right, right_length);

    assert_int_equal(nearest_distance(left_copy, left_length, right_copy, right_length), distance);
    assert_int_equal(nearest_distance(right_copy, right_length, left_copy, left_length), distance);
    free(left_copy);
    free(right_copy);
}

static void assert_nearest(const char *word, const char *const *names, const char *expected)
{
    struct nearest nearest;

    nearest_begin(&nearest, word, strlen(word));
    for (; *names != NULL; names++) {
        nearest_offer(&nearest, *names);
    }
    if (expected == NULL) {
        assert_null(nearest.name);
    } else {
        assert_non_null(nearest.name);
        assert_string_equal(nearest.name, expected);
    }
}

static void equal_texts_have_no_distance(void **state)
{
    (void)state;
    assert_distance("", "", 0);
    assert_distance("maxcpus", "maxcpus", 0);
}

static void each_change_counts_once(void **state)
{
    (void)state;
    assert_distance("", "abc", 3);
    assert_distance("maxcpu", "maxcpus", 1);
    assert_distance("axcpus", "maxcpus", 1);
    assert_distance("mxcpus", "maxcpus", 1);
    assert_distance("maxcpis", "maxcpus", 1);
    assert_distance("kitten", "sitting", 3);
}

static void case_does_not_count(void **state)
{
    (void)state;
    assert_distance("NOSMP", "nosmp", 0);
    assert_distance("MaxCpu", "maxcpus", 1);
    assert_distance("TSet", "test", 1);
    assert_distance("@[", "`{", 2); /* next to the letters */
}

static void a_swap_of_neighbours_counts_once(void **state)
{
    (void)state;
    assert_distance("tset", "test", 1);
    assert_distance("ab", "ba", 1);
    assert_distance("tesst", "setst", 2);
    assert_distance("abc", "cab", 2); /* not neighbours */
}

static void the_longest_are_taken(void **state)
{
    char long_text[NEAREST_LENGTH_LIMIT + 2];

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    long_text[NEAREST_LENGTH_LIMIT] = '\0';
    assert_distance(long_text, "", NEAREST_LENGTH_LIMIT);
    assert_distance(long_text, "xxx", NEAREST_LENGTH_LIMIT - 3);
    assert_nearest(long_text, (const char *[]){ long_text + 1, NULL }, long_text + 1);
}

static void longer_ones_are_near_to_nothing(void **state)
{
    char long_text[NEAREST_LENGTH_LIMIT + 2];

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    long_text[NEAREST_LENGTH_LIMIT + 1] = '\0';
    assert_nearest(long_text, (const char *[]){ long_text, "x", NULL }, NULL);
    assert_nearest("x", (const char *[]){ long_text, NULL }, NULL);
}

static void the_nearest_is_found(void **state)
{
    static const char *const names[] = { "test", "maxcpus", "nosmp", "nosmep", "nosse", NULL };

    (void)state;
    assert_nearest("maxcpu", names, "maxcpus");
    assert_nearest("cpus", names, "maxcpus");
    assert_nearest("tset", names, "test");
    assert_nearest("nosmap", names, "nosmp"); /* of two that are equally near, the first */
    assert_nearest("nosmep", names, "nosmep");
}

static void no_name_is_near(void **state)
{
    static const char *const names[] = { "test", "maxcpus", "ipi", NULL };

    (void)state;
    assert_nearest("foo", names, NULL);
    assert_nearest("", names, NULL);
    assert_nearest("tedious", names, NULL);
    assert_nearest("ab", (const char *[]){ "ac", NULL }, "ac"); /* half, but no more */
    assert_nearest("abc", (const char *[]){ "ade", NULL }, NULL);
    assert_nearest("word", (const char *[]){ NULL }, NULL);
}

/* The word ends at its length, whatever follows. */
static void the_word_needs_no_end(void **state)
{
    struct nearest nearest;

    (void)state;
    nearest_begin(&nearest, "maxcpu=2", 6);
    nearest_offer(&nearest, "maxcpus");
    assert_string_equal(nearest.name, "maxcpus");
    assert_int_equal(nearest.distance, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_no_distance),
        cmocka_unit_test(each_change_counts_once),
        cmocka_unit_test(case_does_not_count),
        cmocka_unit_test(a_swap_of_neighbours_counts_once),
        cmocka_unit_test(the_longest_are_taken),
        cmocka_unit_test(longer_ones_are_near_to_nothing),
        cmocka_unit_test(the_nearest_is_found),
        cmocka_unit_test(no_name_is_near),
        cmocka_unit_test(the_word_needs_no_end),
    };

    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
