/* SPDX-License-Identifier: MIT */
/*
 * lib/string.c against ISO C 7.24 and lib/string.h.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/host/rename_string.h"

#include "lib/string.h"

/* Room for every tested combination of offset and size, with guard bytes around it. */
enum { BUFFER_SIZE = 160, MAX_OFFSET = 9, MAX_SIZE = 40, BASE = 48 };

static void fill(unsigned char *buffer, unsigned first)
{
    for (unsigned i = 0; i < BUFFER_SIZE; i++) {
        buffer[i] = (unsigned char)(first + i * 7);
    }
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

/* Copies byte by byte through a second buffer: correct for any overlap. */
static void copy_plainly(unsigned char *buffer, unsigned to, unsigned from, unsigned size)
{
    unsigned char copy[BUFFER_SIZE];

    for (unsigned i = 0; i < size; i++) {
        copy[i] = buffer[from + i];
    }
    for (unsigned i = 0; i < size; i++) {
        buffer[to + i] = copy[i];
    }
}

static void memcpy_copies_those_bytes_and_no_others(void **state)
{
    (void)state;
    for (unsigned from = 0; from < MAX_OFFSET; from++) {
        for (unsigned to = 0; to < MAX_OFFSET; to++) {
            for (unsigned size = 0; size <= MAX_SIZE; size++) {
                unsigned char source[BUFFER_SIZE];
                unsigned char target[BUFFER_SIZE];
                unsigned char untouched[BUFFER_SIZE];

                fill(source, 1);
                fill(target, 101);
                fill(untouched, 101);
                assert_ptr_equal(memcpy(target + to, source + from, size), target + to);
                for (unsigned i = 0; i < BUFFER_SIZE; i++) {
                    unsigned char expected = untouched[i];

                    if (i >= to && i < to + size) {
                        expected = source[from + i - to];
                    }
                    assert_int_equal(target[i], expected);
                }
            }
        }
    }
}

static void memmove_copies_overlapping_ranges(void **state)
{
    (void)state;
    for (int shift = -MAX_SIZE - 1; shift <= MAX_SIZE + 1; shift++) {
        for (unsigned size = 0; size <= MAX_SIZE; size++) {
            unsigned char actual[BUFFER_SIZE];
            unsigned char expected[BUFFER_SIZE];
            unsigned to = (unsigned)(BASE + shift);

            fill(actual, 3);
            fill(expected, 3);
            copy_plainly(expected, to, BASE, size);
            assert_ptr_equal(memmove(actual + to, actual + BASE, size), actual + to);
            for (unsigned i = 0; i < BUFFER_SIZE; i++) {
                assert_int_equal(actual[i], expected[i]);
            }
        }
    }
}

static void memset_sets_those_bytes_to_an_unsigned_char(void **state)
{
    static const int values[] = { 0, 1, 0x7F, 0x80, 0xFF, -1, 0x1234 };

    (void)state;
    for (unsigned v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
        for (unsigned size = 0; size <= MAX_SIZE; size++) {
            unsigned char buffer[BUFFER_SIZE];
            unsigned char untouched[BUFFER_SIZE];

            fill(buffer, 5);
            fill(untouched, 5);
            assert_ptr_equal(memset(buffer + 3, values[v], size), buffer + 3);
            for (unsigned i = 0; i < BUFFER_SIZE; i++) {
                int inside = i >= 3 && i < 3 + size;

                assert_int_equal(buffer[i], inside ? (unsigned char)values[v] : untouched[i]);
            }
        }
    }
}

static void memcmp_orders_by_the_first_difference_unsigned(void **state)
{
    (void)state;
    assert_true(memcmp("abc", "abd", 3) < 0);
    assert_true(memcmp("abd", "abc", 3) > 0);
    assert_int_equal(memcmp("abc", "abd", 2), 0);
    assert_int_equal(memcmp("a", "b", 0), 0);
    assert_true(memcmp("\x80", "\x7F", 1) > 0);
    assert_true(memcmp("\x01\x80", "\x01\x7F", 2) > 0);
    assert_true(memcmp("a\0b", "a\0c", 3) < 0);
}

/* Long ranges, so that a comparison by words that misses a last byte is detected. */
static void memcmp_sees_every_byte(void **state)
{
    unsigned char left[MAX_SIZE];
    unsigned char right[MAX_SIZE];

    (void)state;
    for (unsigned i = 0; i < MAX_SIZE; i++) {
        memset(left, 0x55, sizeof(left));
        memset(right, 0x55, sizeof(right));
        assert_int_equal(memcmp(left, right, MAX_SIZE), 0);
        right[i] = 0x56;
        assert_int_equal(sign(memcmp(left, right, MAX_SIZE)), -1);
        assert_int_equal(sign(memcmp(right, left, MAX_SIZE)), 1);
        assert_int_equal(memcmp(left, right, i), 0);
    }
}

static void strlen_counts_up_to_the_nul(void **state)
{
    (void)state;
    assert_int_equal(strlen(""), 0);
    assert_int_equal(strlen("a"), 1);
    assert_int_equal(strlen("abcdefgh\0ij"), 8);
}

static void strcmp_orders_unsigned_and_shorter_first(void **state)
{
    (void)state;
    assert_int_equal(strcmp("", ""), 0);
    assert_int_equal(strcmp("abc", "abc"), 0);
    assert_int_equal(sign(strcmp("ab", "abc")), -1);
    assert_int_equal(sign(strcmp("abc", "ab")), 1);
    assert_int_equal(sign(strcmp("b", "abc")), 1);
    assert_int_equal(sign(strcmp("\xFF", "a")), 1);
}

static void strncmp_looks_no_further_than_size(void **state)
{
    /* No NUL at their ends: a sanitizer detects it if one byte too many is read. */
    char *left = malloc(3);
    char *right = malloc(3);

    (void)state;
    memcpy(left, "abc", 3);
    memcpy(right, "abd", 3);
    assert_int_equal(strncmp(left, right, 2), 0);
    assert_int_equal(sign(strncmp(left, right, 3)), -1);
    assert_int_equal(strncmp(left, right, 0), 0);
    assert_int_equal(strncmp("ab\0x", "ab\0y", 4), 0);
    assert_int_equal(sign(strncmp("ab", "abc", 9)), -1);
    free(left);
    free(right);
}

static void strchr_finds_the_first_and_the_nul(void **state)
{
    const char *text = "abcabc";

    (void)state;
    assert_ptr_equal(strchr(text, 'a'), text);
    assert_ptr_equal(strchr(text, 'c'), text + 2);
    assert_ptr_equal(strchr(text, '\0'), text + 6);
    assert_null(strchr(text, 'd'));
    assert_null(strchr("", 'a'));
    text = "a\xE9";
    assert_ptr_equal(strchr(text, 0xE9), text + 1);
    assert_ptr_equal(strchr(text, 'a' + 256), text);
}

static void string_to_u64_takes_decimal_and_hexadecimal(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        { "0", 0 },
        { "7", 7 },
        { "010", 10 },
        { "4294967296", 4294967296 },
        { "18446744073709551615", UINT64_MAX },
        { "00000000000000000000000000001", 1 },
        { "0x0", 0 },
        { "0xff", 255 },
        { "0XfF", 255 },
        { "0xffffffffffffffff", UINT64_MAX },
        { "0x00000000000000000000000000000010", 16 },
        { "0xabcdef0123456789", 0xABCDEF0123456789 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t value = 99;

        assert_int_equal(string_to_u64(good[i].text, &value), 0);
        assert_true(value == good[i].value);
    }
}

static void string_to_u64_refuses_all_else(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "-1",
        "+1",
        "1 ",
        " 1",
        "1k",
        "a",
        "ff",
        "0x",
        "0X",
        "0xg",
        "0x1.",
        "x10",
        "0b1",
        "1,0",
        "18446744073709551616",
        "18446744073709551620",
        "99999999999999999999",
        "0x10000000000000000",
        "0x0x1",
        "1\n",
        ":",
        "/",
        "0x@",
        "0xG",
        "0x`",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t value = 99;

        assert_int_equal(string_to_u64(bad[i], &value), -1);
        assert_int_equal(value, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcpy_copies_those_bytes_and_no_others),
        cmocka_unit_test(memmove_copies_overlapping_ranges),
        cmocka_unit_test(memset_sets_those_bytes_to_an_unsigned_char),
        cmocka_unit_test(memcmp_orders_by_the_first_difference_unsigned),
        cmocka_unit_test(memcmp_sees_every_byte),
        cmocka_unit_test(strlen_counts_up_to_the_nul),
        cmocka_unit_test(strcmp_orders_unsigned_and_shorter_first),
        cmocka_unit_test(strncmp_looks_no_further_than_size),
        cmocka_unit_test(strchr_finds_the_first_and_the_nul),
        cmocka_unit_test(string_to_u64_takes_decimal_and_hexadecimal),
        cmocka_unit_test(string_to_u64_refuses_all_else),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}
