/* SPDX-License-Identifier: MIT */
/*
 * kernel/console/forged.c: a driver never prints a verdict line, and other text is unchanged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/console/forged.h"

/* `length` bytes; the text is in a heap block of exactly that size. */
static void assert_becomes(const char *text, const char *expected, size_t length)
{
    char *copy = memcpy(malloc(length), text, length);

    forged_disarm(copy, length);
    assert_memory_equal(copy, expected, length);
    free(copy);
}

static void test_verdict(void **state)
{
    (void)state;
    assert_becomes("verdict status=ok", "Verdict status=ok", 17);
    assert_becomes("verdict ", "Verdict ", 8);
}

/* The launcher drops carriage returns and NULs, so the rest would be a verdict. */
static void test_invisible(void **state)
{
    (void)state;
    assert_becomes("\rverdict x", "\rVerdict x", 10);
    assert_becomes("\0\0v\rer\0dict x", "\0\0V\rer\0dict x", 13);
}

static void test_other_text(void **state)
{
    (void)state;
    assert_becomes("verdict", "verdict", 7);
    assert_becomes("verdicts x", "verdicts x", 10);
    assert_becomes(" verdict x", " verdict x", 10);
    assert_becomes("\r\r\r", "\r\r\r", 3);
    assert_becomes("v", "v", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_invisible),
        cmocka_unit_test(test_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
