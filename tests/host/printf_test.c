/* SPDX-License-Identifier: MIT */
/*
 * lib/printf.c: the C dialect is compared with the host's snprintf, the Windows dialect with tables
 * made from the documentation that lib/printf.h names.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/printf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TEXT_SIZE = 256 };

/* ANSI_STRING and UNICODE_STRING as the WDK lays them out. */
struct counted {
    uint16_t length;
    uint16_t maximum_length;
    const void *buffer;
};

/* --- the C dialect --- */

/* Compares text and length of one call with the host's. */
#define SAME_AS_HOST(...)                                                    \
    do {                                                                     \
        char expected[TEXT_SIZE];                                            \
        char actual[TEXT_SIZE];                                              \
        int host_length = snprintf(expected, sizeof(expected), __VA_ARGS__); \
        size_t length = printf_format(actual, sizeof(actual), __VA_ARGS__);  \
                                                                             \
        assert_string_equal(actual, expected);                               \
        assert_int_equal(length, host_length);                               \
    } while (0)

static const uint64_t integers[] = {
    0,
    1,
    7,
    8,
    10,
    42,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    2147483647,
    2147483648,
    4294967295,
    4294967296,
    INT64_MAX,
    0x8000000000000000,
    UINT64_MAX,
    0xFFFFFFFF80000000,
    01234567012345670,
    0xDEADBEEFCAFEF00D,
};

static const char *const widths[] = { "", "1", "5", "12", "30" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".4", ".25" };

/* Writes the flags of a bit mask to `text`. */
static void make_flags(char *text, unsigned mask)
{
    for (unsigned i = 0; i < 5; i++) {
        if (mask & 1u << i) {
            *text++ = "-+ #0"[i];
        }
    }
    *text = '\0';
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat"
#ifndef __clang__ /* which has no such warning */
#pragma GCC diagnostic ignored "-Wformat-overflow"
#endif

/* All values with one format of a conversion with a size prefix. */
static void try_integers(const char *flags, const char *width, const char *precision,
                         const char *conversion)
{
    char format[64];

    snprintf(format, sizeof(format), "[%%%s%s%s%s]", flags, width, precision, conversion);
    for (unsigned i = 0; i < COUNT(integers); i++) {
        SAME_AS_HOST(format, integers[i]);
    }
}

static void c_integers_print_as_the_host_does(void **state)
{
    static const char *const conversions[] = {
        "d",  "i",  "u",  "x",   "X",   "o",   "hhd", "hhu", "hhx", "hd", "hu", "hX", "ho",
        "ld", "lu", "lx", "lld", "llu", "llX", "llo", "zd",  "zu",  "td", "jd", "ju", "jx",
    };

    (void)state;
    for (unsigned c = 0; c < COUNT(conversions); c++) {
        for (unsigned mask = 0; mask < 32; mask++) {
            char flags[8];

            make_flags(flags, mask);
            for (unsigned w = 0; w < COUNT(widths); w++) {
                for (unsigned p = 0; p < COUNT(precisions); p++) {
                    try_integers(flags, widths[w], precisions[p], conversions[c]);
                }
            }
        }
    }
}

static void c_strings_print_as_the_host_does(void **state)
{
    static const char *const texts[] = { "", "a", "hello", "a longer text than most widths here" };
    static const char *const left[] = { "", "-" };

    (void)state;
    for (unsigned f = 0; f < COUNT(left); f++) {
        for (unsigned w = 0; w < COUNT(widths); w++) {
            for (unsigned p = 0; p < COUNT(precisions); p++) {
                char format[64];

                snprintf(format, sizeof(format), "[%%%s%s%ss]", left[f], widths[w], precisions[p]);
                for (unsigned t = 0; t < COUNT(texts); t++) {
                    SAME_AS_HOST(format, texts[t]);
                }
                snprintf(format, sizeof(format), "[%%%s%sc]", left[f], widths[w]);
                SAME_AS_HOST(format, 'x');
            }
        }
    }
}

static void c_asterisks_take_arguments_as_on_the_host(void **state)
{
    static const int numbers[] = { 0, 1, 7, 20, -1, -7, -20 };

    (void)state;
    for (unsigned w = 0; w < COUNT(numbers); w++) {
        SAME_AS_HOST("[%*d|%0*d]", numbers[w], 42, numbers[w], -42);
        for (unsigned p = 0; p < COUNT(numbers); p++) {
            SAME_AS_HOST("[%*.*d|%x]", numbers[w], numbers[p], 42, 0xABC);
            SAME_AS_HOST("[%-*.*s|%s]", numbers[w], numbers[p], "hello", "next");
        }
    }
}

/* Enough arguments to need the stack; narrow and wide ones mixed. */
static void c_arguments_keep_their_order(void **state)
{
    (void)state;
    SAME_AS_HOST("%d %lld %s %c %x %lu %hd %s %d %d %zu", 1, -2ll, "three", '4', 5u, 6ul, (short)-7,
                 "eight", 9, -10, (size_t)11);
}

static void c_percent_and_plain_text(void **state)
{
    (void)state;
    SAME_AS_HOST("%s", "");
    SAME_AS_HOST("100%%");
    SAME_AS_HOST("%%%d%%", 5);
    SAME_AS_HOST("plain \xC3\xA9 text\n");
}

static void c_pointers_print_as_sharp_llx(void **state)
{
    static const uintptr_t addresses[] = { 0, 1, 0xFFFFFFFF80001234, 0xABCDEF };

    (void)state;
    for (unsigned i = 0; i < COUNT(addresses); i++) {
        char expected[TEXT_SIZE];
        char actual[TEXT_SIZE];

        snprintf(expected, sizeof(expected), "[%#llx|%#24llx|%-#24llx]",
                 (unsigned long long)addresses[i], (unsigned long long)addresses[i],
                 (unsigned long long)addresses[i]);
        printf_format(actual, sizeof(actual), "[%p|%24p|%-24p]", (void *)addresses[i],
                      (void *)addresses[i], (void *)addresses[i]);
        assert_string_equal(actual, expected);
    }
}

static void output_is_cut_as_by_snprintf(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 24; size++) {
        char *expected = malloc(size + 1);
        char *actual = malloc(size + 1); /* the extra byte must not change */

        memset(expected, '!', size + 1);
        memset(actual, '!', size + 1);
        assert_int_equal(printf_format(actual, size, "ab%8d%-6scd", -42, "xyz"),
                         snprintf(expected, size, "ab%8d%-6scd", -42, "xyz"));
        assert_memory_equal(actual, expected, size + 1);
        free(expected);
        free(actual);
    }
    assert_int_equal(printf_format(NULL, 0, "%s", "hello"), 5);
}

/* A width beyond the buffer costs neither time nor memory. */
static void a_huge_width_is_only_counted(void **state)
{
    char text[8];

    (void)state;
    assert_int_equal(printf_format(text, sizeof(text), "%2147483647d", 1), INT_MAX);
    assert_string_equal(text, "       ");
    assert_int_equal(printf_format(text, sizeof(text), "%.2147483647d", 1), INT_MAX);
    assert_string_equal(text, "0000000");
    assert_int_equal(printf_format(text, sizeof(text), "%99999999999999999999d", 1), INT_MAX);
    assert_int_equal(printf_format(text, sizeof(text), "%*d", INT_MIN, 1), INT_MAX);
    assert_string_equal(text, "1      ");
}

static void unsupported_conversions_print_as_they_stand(void **state)
{
    static const char *const formats[] = {
        "%n", "%5.2k", "%", "%-", "%l", "%.", "%08", "%y%q", "\x25\xC3\xA9", "a%!b",
    };
    char text[TEXT_SIZE];

    (void)state;
    for (unsigned i = 0; i < COUNT(formats); i++) {
        assert_int_equal(printf_format(text, sizeof(text), formats[i]), strlen(formats[i]));
        assert_string_equal(text, formats[i]);
    }
    printf_format(text, sizeof(text), "%k %d", 7);
    assert_string_equal(text, "%k 7");
}

/* System V passes a double in a vector register: it uses no integer slot. */
static void c_doubles_print_as_they_stand_and_take_no_slot(void **state)
{
    char text[TEXT_SIZE];

    (void)state;
    printf_format(text, sizeof(text), "%d %5.2f %e %G %d", 1, 2.0, 3.0, 4.0, 5);
    assert_string_equal(text, "1 %5.2f %e %G 5");
}

static void c_null_string_prints_null(void **state)
{
    const char *nothing = NULL;
    char text[TEXT_SIZE];

    (void)state;
    printf_format(text, sizeof(text), "[%s|%8s|%.3s]", nothing, nothing, nothing);
    assert_string_equal(text, "[(null)|  (null)|(nu]");
}

/* A string without a NUL is not read beyond its precision: the sanitizer would detect it. */
static void precision_bounds_what_is_read(void **state)
{
    char *narrow = malloc(3);
    uint16_t *wide = malloc(3 * sizeof(*wide));
    char text[TEXT_SIZE];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        narrow[i] = (char)('a' + i);
        wide[i] = (uint16_t)('x' + i);
    }
    printf_format(text, sizeof(text), "%.3s|%.*s|%.3ls", narrow, 2, narrow, (const void *)wide);
    assert_string_equal(text, "abc|ab|xyz");
    free(narrow);
    free(wide);
}

#pragma GCC diagnostic pop

/* --- the Windows dialect --- */

__attribute__((ms_abi)) static size_t format_windows(char *buffer, size_t size, const char *format,
                                                     ...)
{
    __builtin_ms_va_list arguments;
    size_t length;

    __builtin_ms_va_start(arguments, format);
    length = printf_format_windows(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}

#define WINDOWS_PRINTS(expected, ...)                                        \
    do {                                                                     \
        char actual[TEXT_SIZE];                                              \
        size_t length = format_windows(actual, sizeof(actual), __VA_ARGS__); \
                                                                             \
        assert_string_equal(actual, expected);                               \
        assert_int_equal(length, strlen(expected));                          \
    } while (0)

static void windows_sizes(void **state)
{
    const uint64_t big = 0xFEDCBA9876543210;

    (void)state;
    WINDOWS_PRINTS("76543210", "%x", big);
    WINDOWS_PRINTS("76543210", "%lx", big);
    WINDOWS_PRINTS("76543210", "%I32x", big);
    WINDOWS_PRINTS("fedcba9876543210", "%llx", big);
    WINDOWS_PRINTS("fedcba9876543210", "%I64x", big);
    WINDOWS_PRINTS("fedcba9876543210", "%Ix", big);
    WINDOWS_PRINTS("fedcba9876543210", "%zx", big);
    WINDOWS_PRINTS("fedcba9876543210", "%tx", big);
    WINDOWS_PRINTS("fedcba9876543210", "%jx", big);
    WINDOWS_PRINTS("3210", "%hx", big);
    WINDOWS_PRINTS("10", "%hhx", big);
    WINDOWS_PRINTS("FEDCBA9876543210", "%I64X", big);
    WINDOWS_PRINTS("1773345651416625031020", "%I64o", big);
}

static void windows_signs(void **state)
{
    (void)state;
    WINDOWS_PRINTS("-1", "%ld", UINT64_C(0xFFFFFFFF));
    WINDOWS_PRINTS("4294967295", "%I64d", UINT64_C(0xFFFFFFFF));
    WINDOWS_PRINTS("-1", "%Id", UINT64_MAX);
    WINDOWS_PRINTS("-2147483648", "%I32d", INT_MIN);
    WINDOWS_PRINTS("-9223372036854775808", "%lld", INT64_MIN);
    WINDOWS_PRINTS("4294967295", "%lu", -1);
    WINDOWS_PRINTS("-5 +5 005 0x1F", "%i %+d %03d 0x%X", -5, 5, 5, 31);
}

static void windows_pointers(void **state)
{
    (void)state;
    WINDOWS_PRINTS("FFFFF80012345678", "%p", (void *)0xFFFFF80012345678);
    WINDOWS_PRINTS("0000000000000000", "%p", NULL);
    WINDOWS_PRINTS("[  000000000000ABCD]", "[%18p]", (void *)0xABCD);
    WINDOWS_PRINTS("[000000000000ABCD  ]", "[%-18p]", (void *)0xABCD);
}

static void windows_narrow_text(void **state)
{
    (void)state;
    WINDOWS_PRINTS("abc", "%s", "abc");
    WINDOWS_PRINTS("abc", "%hs", "abc");
    WINDOWS_PRINTS("abc", "%hS", "abc");
    WINDOWS_PRINTS("[  abc|abc  |ab]", "[%5s|%-5s|%.2s]", "abc", "abc", "abc");
    WINDOWS_PRINTS("x y z", "%c %hc %hC", 'x', 'y', 'z');
    WINDOWS_PRINTS("(null) (null)", "%s %hs", NULL, NULL);
}

static void windows_wide_text(void **state)
{
    static const uint16_t text[] = { 'w', 'i', 'd', 'e', 0 };

    (void)state;
    WINDOWS_PRINTS("wide", "%S", text);
    WINDOWS_PRINTS("wide", "%ls", text);
    WINDOWS_PRINTS("wide", "%ws", text);
    WINDOWS_PRINTS("wide", "%lS", text);
    WINDOWS_PRINTS("[  wide|wide  |wi]", "[%6S|%-6ls|%.2ws]", text, text, text);
    WINDOWS_PRINTS("a b c", "%C %lc %wc", 'a', 'b', 'c');
    WINDOWS_PRINTS("(null) (null) (null)", "%S %ls %ws", NULL, NULL, NULL);
}

static void windows_wide_text_beyond_ascii_is_a_question_mark(void **state)
{
    static const uint16_t text[] = { 'a', 0x7F, 0x80, 0xE9, 0x2603, 0xD83D, 0xDE00, 'z', 0 };

    (void)state;
    WINDOWS_PRINTS("a\x7F?????z", "%ws", text);
    WINDOWS_PRINTS("?", "%C", 0x141);
    WINDOWS_PRINTS("A", "%C", 0x10041);
}

/* Drivers pack structures: a wide string need not be aligned. */
static void windows_wide_text_at_an_odd_address(void **state)
{
    char bytes[8] = { 0, 'o', 0, 'd', 0, 'd', 0, 0 };

    (void)state;
    WINDOWS_PRINTS("od", "%.2ws", bytes + 1);
}

static void windows_counted_strings(void **state)
{
    static const uint16_t wide[] = { 'w', 'i', 'd', 'e' };
    const struct counted ansi = { 3, 3, "abcdef" };
    const struct counted unicode = { 8, 8, wide };
    const struct counted odd = { 5, 8, wide };
    const struct counted empty = { 0, 0, "x" };
    const struct counted no_buffer = { 4, 4, NULL };

    (void)state;
    WINDOWS_PRINTS("abc", "%Z", &ansi);
    WINDOWS_PRINTS("abc", "%hZ", &ansi);
    WINDOWS_PRINTS("wide", "%wZ", &unicode);
    WINDOWS_PRINTS("wide", "%lZ", &unicode);
    WINDOWS_PRINTS("wi", "%wZ", &odd);
    WINDOWS_PRINTS("[]", "[%Z]", &empty);
    WINDOWS_PRINTS("[ abc|wide  |w|ab]", "[%4Z|%-6wZ|%.1wZ|%.2Z]", &ansi, &unicode, &unicode,
                   &ansi);
    WINDOWS_PRINTS("(null) (null) (null)", "%Z %wZ %wZ", NULL, NULL, &no_buffer);
}

static void windows_doubles_take_one_slot(void **state)
{
    (void)state;
    WINDOWS_PRINTS("1 %f 2 %5.1e 3 %G %*a 4", "%d %f %d %5.1e %d %G %*a %d", 1, 1.5, 2, 2.5, 3, 3.5,
                   8, 4.5, 4);
}

static void windows_unknown_conversions_take_none(void **state)
{
    (void)state;
    WINDOWS_PRINTS("%n 7", "%n %d", 7);
    WINDOWS_PRINTS("%y %I64 7", "%y %I64 %d", 7);
    WINDOWS_PRINTS("50% %", "%d%% %%", 50);
    WINDOWS_PRINTS("%I", "%I", 0);
    WINDOWS_PRINTS("%w", "%w", 0);
}

static void windows_asterisks(void **state)
{
    (void)state;
    WINDOWS_PRINTS("[    7|7    |00007|  ab]", "[%*d|%*d|%.*d|%*.*s]", 5, 7, -5, 7, 5, 7, 4, 2,
                   "abc");
}

static void windows_arguments_keep_their_order(void **state)
{
    (void)state;
    WINDOWS_PRINTS("1 2 three 4 5 6 seven 8", "%d %I64d %s %c %x %lu %s %hd", 1, INT64_C(2),
                   "three", '4', 5, 6, "seven", 8);
}

static void windows_output_is_cut(void **state)
{
    char text[4] = "!!!";

    (void)state;
    assert_int_equal(format_windows(text, sizeof(text), "%s", "hello"), 5);
    assert_string_equal(text, "hel");
    assert_int_equal(format_windows(NULL, 0, "%p", NULL), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_integers_print_as_the_host_does),
        cmocka_unit_test(c_strings_print_as_the_host_does),
        cmocka_unit_test(c_asterisks_take_arguments_as_on_the_host),
        cmocka_unit_test(c_arguments_keep_their_order),
        cmocka_unit_test(c_percent_and_plain_text),
        cmocka_unit_test(c_pointers_print_as_sharp_llx),
        cmocka_unit_test(output_is_cut_as_by_snprintf),
        cmocka_unit_test(a_huge_width_is_only_counted),
        cmocka_unit_test(unsupported_conversions_print_as_they_stand),
        cmocka_unit_test(c_doubles_print_as_they_stand_and_take_no_slot),
        cmocka_unit_test(c_null_string_prints_null),
        cmocka_unit_test(precision_bounds_what_is_read),
        cmocka_unit_test(windows_sizes),
        cmocka_unit_test(windows_signs),
        cmocka_unit_test(windows_pointers),
        cmocka_unit_test(windows_narrow_text),
        cmocka_unit_test(windows_wide_text),
        cmocka_unit_test(windows_wide_text_beyond_ascii_is_a_question_mark),
        cmocka_unit_test(windows_wide_text_at_an_odd_address),
        cmocka_unit_test(windows_counted_strings),
        cmocka_unit_test(windows_doubles_take_one_slot),
        cmocka_unit_test(windows_unknown_conversions_take_none),
        cmocka_unit_test(windows_asterisks),
        cmocka_unit_test(windows_arguments_keep_their_order),
        cmocka_unit_test(windows_output_is_cut),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("printf", tests, NULL, NULL);
}
