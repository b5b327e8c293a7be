/* SPDX-License-Identifier: MIT */
/*
 * kernel/console/cmdline.c: each option, each mistake, and the text of the complaints.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/console/cmdline.h"

static struct cmdline parsed;

/* The machine's own option here: it remembers which choice was stored last. */
static uint64_t machine_choice;

static int store_machine_choice(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    machine_choice = number;
    return 0;
}

static const struct cmdline_option machine_options[] = {
    { .name = "gears", .choices = "one|two|three", .store = store_machine_choice },
    { .name = NULL },
};

/* The tests' option here. */
static uint64_t test_number;

static int store_test_number(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    test_number = number;
    return 0;
}

static const struct cmdline_option test_options[] = {
    { .name = "rounds", .maximum = UINT64_MAX, .store = store_test_number },
    { .name = NULL },
};

/* An option that has its own text for the expected value. */
static const char *expected_fruit(const char *text)
{
    return text[0] == 'a' ? "apple" : "some fruit";
}

static int store_fruit(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)number;
    return strcmp(text, "apple") == 0 ? 0 : -1;
}

static const struct cmdline_option fruit_options[] = {
    { .name = "fruit", .text = "a fruit", .expected = expected_fruit, .store = store_fruit },
    { .name = NULL },
};

static const struct cmdline_option *const tables[] = { cmdline_options, machine_options,
                                                       fruit_options, test_options, NULL };

/* The complaints of the last parse, each followed by a line end. */
static char complaints[8192];

static void complain(const char *message)
{
    assert_null(strchr(message, '\n'));
    assert_true(strlen(complaints) + strlen(message) + 2 <= sizeof(complaints));
    strcat(complaints, message);
    strcat(complaints, "\n");
}

/* Parses a copy in a heap block of exactly the line's size, into a struct full of garbage. */
static void parse(const char *line)
{
    char *copy = strdup(line);

    complaints[0] = '\0';
    memset(&parsed, 0x5A, sizeof(parsed));
    cmdline_parse(copy, tables, &parsed, complain);
    free(copy);
}

static void parse_well(const char *line)
{
    parse(line);
    assert_string_equal(complaints, "");
}

/* Everything is as if the line had been empty. */
static void assert_defaults(void)
{
    assert_string_equal(parsed.test, "");
    assert_int_equal(parsed.max_processors, 0);
    assert_false(parsed.no_smp);
    assert_int_equal(parsed.timeout_ms, 0);
    assert_int_equal(parsed.end, ARCH_END_DEFAULT);
    assert_int_equal(parsed.broadcast, ARCH_BROADCAST_AUTO);
    assert_int_equal(parsed.wait, WAIT_AUTO);
    assert_int_equal(parsed.trace_calls, 0);
    assert_int_equal(parsed.phantom_count, 0);
}

/* The line's only word is refused with this text, and nothing is set. */
static void assert_refused(const char *word, const char *complaint)
{
    char expected[256];

    parse(word);
    snprintf(expected, sizeof(expected), "%s\n", complaint);
    assert_string_equal(complaints, expected);
    assert_defaults();
}

/* The same for an option whose refusal ends the run. */
static void assert_ends_the_run(const char *word, const char *complaint)
{
    assert_refused(word, complaint);
    assert_true(parsed.refused);
    parse("nosmp maxcpus=x");
    assert_false(parsed.refused);
}

static void nothing_gives_the_defaults(void **state)
{
    (void)state;
    parse_well("");
    assert_defaults();
    parse_well(" \t\r\n  ");
    assert_defaults();
    memset(&parsed, 0x5A, sizeof(parsed));
    cmdline_parse(NULL, tables, &parsed, complain);
    assert_defaults();
}

static void every_option_is_taken(void **state)
{
    (void)state;
    parse_well("test=barrier maxcpus=3 nosmp timeout_ms=250 bugcheck=reset ipi=unicast "
               "wait=halt trace=2 phantom=77");
    assert_string_equal(parsed.test, "barrier");
    assert_int_equal(parsed.max_processors, 3);
    assert_true(parsed.no_smp);
    assert_int_equal(parsed.timeout_ms, 250);
    assert_int_equal(parsed.end, ARCH_END_RESET);
    assert_int_equal(parsed.broadcast, ARCH_BROADCAST_UNICAST);
    assert_int_equal(parsed.wait, WAIT_HALT);
    assert_int_equal(parsed.trace_calls, 2);
    assert_int_equal(parsed.phantom_count, 1);
    assert_int_equal(parsed.phantom_hardware_ids[0], 77);
}

static void any_white_space_separates_and_the_first_word_counts(void **state)
{
    (void)state;
    parse_well("nosmp\t maxcpus=2\n\ntimeout_ms=100 ");
    assert_true(parsed.no_smp);
    assert_int_equal(parsed.max_processors, 2);
    assert_int_equal(parsed.timeout_ms, 100);
}

static void choices_are_told_apart(void **state)
{
    (void)state;
    parse_well("bugcheck=halt");
    assert_int_equal(parsed.end, ARCH_END_HALT);
    parse_well("bugcheck=reset");
    assert_int_equal(parsed.end, ARCH_END_RESET);
    parse_well("bugcheck=exit");
    assert_int_equal(parsed.end, ARCH_END_EXIT);
    parse_well("ipi=cluster");
    assert_int_equal(parsed.broadcast, ARCH_BROADCAST_CLUSTER);
    parse_well("ipi=shorthand");
    assert_int_equal(parsed.broadcast, ARCH_BROADCAST_SHORTHAND);
    parse_well("ipi=auto");
    assert_defaults();
    parse_well("wait=spin");
    assert_int_equal(parsed.wait, WAIT_SPIN);
    parse_well("wait=auto");
    assert_defaults();
}

static void of_two_the_last_counts(void **state)
{
    (void)state;
    parse_well("maxcpus=2 maxcpus=5 test=a test=bc bugcheck=halt bugcheck=exit");
    assert_int_equal(parsed.max_processors, 5);
    assert_string_equal(parsed.test, "bc");
    assert_int_equal(parsed.end, ARCH_END_EXIT);
    parse_well("ipi=unicast ipi=shorthand");
    assert_int_equal(parsed.broadcast, ARCH_BROADCAST_SHORTHAND);
    parse_well("ipi=unicast ipi=auto");
    assert_defaults();
}

static void a_bad_value_leaves_the_earlier_one(void **state)
{
    (void)state;
    parse("maxcpus=2 maxcpus=0");
    assert_int_equal(parsed.max_processors, 2);
    assert_string_equal(complaints, "maxcpus=0: expected 1..1024: ignored\n");
}

static void ranges_end_where_they_say(void **state)
{
    (void)state;
    parse_well("maxcpus=1");
    assert_int_equal(parsed.max_processors, 1);
    parse_well("maxcpus=1024");
    assert_int_equal(parsed.max_processors, 1024);
    parse_well("maxcpus=0x10");
    assert_int_equal(parsed.max_processors, 16);
    parse_well("timeout_ms=600000");
    assert_int_equal(parsed.timeout_ms, 600000);
    parse_well("trace=1");
    assert_int_equal(parsed.trace_calls, 1);
    parse_well("trace=64");
    assert_int_equal(parsed.trace_calls, 64);
    parse_well("phantom=0xFFFFFFFE phantom=0");
    assert_true(parsed.phantom_hardware_ids[0] == 0xFFFFFFFE);
    assert_int_equal(parsed.phantom_hardware_ids[1], 0);
}

static void bad_values_are_named_and_ignored(void **state)
{
    (void)state;
    assert_refused("maxcpus=zero", "maxcpus=zero: expected 1..1024: ignored");
    assert_refused("maxcpus=0", "maxcpus=0: expected 1..1024: ignored");
    assert_refused("maxcpus=1025", "maxcpus=1025: expected 1..1024: ignored");
    assert_refused("maxcpus=4294967297", "maxcpus=4294967297: expected 1..1024: ignored");
    assert_refused("maxcpus=", "maxcpus=: expected 1..1024: ignored");
    assert_refused("maxcpus", "maxcpus: expected 1..1024: ignored");
    assert_refused("maxcpus=1=2", "maxcpus=1=2: expected 1..1024: ignored");
    assert_refused("timeout_ms=99", "timeout_ms=99: expected 100..600000: ignored");
    assert_refused("timeout_ms=600001", "timeout_ms=600001: expected 100..600000: ignored");
    assert_refused("bugcheck=", "bugcheck=: expected halt|reset|exit: ignored");
    assert_refused("bugcheck=hal", "bugcheck=hal: expected halt|reset|exit: ignored");
    assert_refused("bugcheck=halt|reset", "bugcheck=halt|reset: expected halt|reset|exit: ignored");
    assert_refused("bugcheck=HALT", "bugcheck=HALT: expected halt|reset|exit: ignored");
    assert_refused("ipi=nmi", "ipi=nmi: expected auto|shorthand|cluster|unicast: ignored");
    assert_refused("ipi", "ipi: expected auto|shorthand|cluster|unicast: ignored");
    assert_refused("trace", "trace: expected 1..64: ignored");
    assert_refused("trace=0", "trace=0: expected 1..64: ignored");
    assert_refused("trace=65", "trace=65: expected 1..64: ignored");
    assert_refused("nosmp=1", "nosmp=1: expected no value: ignored");
    assert_refused("nosmp=", "nosmp=: expected no value: ignored");
    assert_refused("phantom=4294967295",
                   "phantom=4294967295: expected 0..4294967294, at most 4 times: ignored");
}

static void unknown_options_are_named_and_ignored(void **state)
{
    (void)state;
    assert_refused("foo=1", "option 'foo=1' is not known and is ignored");
    assert_refused("foo", "option 'foo' is not known and is ignored");
    assert_refused("=", "option '=' is not known and is ignored");
    assert_refused("=5", "option '=5' is not known and is ignored");
    assert_refused("/boot/muster.elf", "option '/boot/muster.elf' is not known and is ignored");
    assert_refused("%s%n", "option '%s%n' is not known and is ignored");
}

static void a_bad_word_does_not_disturb_the_others(void **state)
{
    (void)state;
    parse("x maxcpus=7 y=1 nosmp bugcheck=x timeout_ms=300");
    assert_int_equal(parsed.max_processors, 7);
    assert_true(parsed.no_smp);
    assert_int_equal(parsed.timeout_ms, 300);
    assert_string_equal(complaints, "option 'x' is not known and is ignored\n"
                                    "option 'y=1' is not known and is ignored\n"
                                    "bugcheck=x: expected halt|reset|exit: ignored\n");
}

static void test_names_have_1_to_31_characters(void **state)
{
    (void)state;
    parse_well("test=1234567890123456789012345678901");
    assert_string_equal(parsed.test, "1234567890123456789012345678901");
    assert_ends_the_run("test=12345678901234567890123456789012",
                        "test=12345678901234567890123456789012: "
                        "expected a name of 1..31 characters: refused");
    assert_ends_the_run("test=", "test=: expected a name of 1..31 characters: refused");
    assert_ends_the_run("test", "test: expected a name of 1..31 characters: refused");
}

static void an_essential_option_ends_the_run_even_if_too_long(void **state)
{
    char word[80] = "test=";

    (void)state;
    memset(word + 5, 'w', 70);
    word[75] = '\0';
    assert_ends_the_run(word, "option 'test=wwwwwwwwwwwwwwwwwwwwwwwwwww...' is too long: refused");
    memset(word, 'w', 5);
    parse(word);
    assert_false(parsed.refused);
    parse("test=good test=");
    assert_true(parsed.refused);
    assert_string_equal(parsed.test, "good");
}

/* The nearest name of all tables, with an equals sign if it has a value. */
static void the_nearest_option_is_named(void **state)
{
    (void)state;
    assert_refused("maxcpu=2",
                   "option 'maxcpu=2' is not known and is ignored; did you mean maxcpus=?");
    assert_refused("maxcpuss=1",
                   "option 'maxcpuss=1' is not known and is ignored; did you mean maxcpus=?");
    assert_refused("NOSMP", "option 'NOSMP' is not known and is ignored; did you mean nosmp?");
    assert_refused("cpus=8", "option 'cpus=8' is not known and is ignored; did you mean maxcpus=?");
    assert_refused("nosmep", "option 'nosmep' is not known and is ignored; did you mean nosmp?");
    assert_refused("timeout=9",
                   "option 'timeout=9' is not known and is ignored; did you mean timeout_ms=?");
    assert_refused("gaers=one",
                   "option 'gaers=one' is not known and is ignored; did you mean gears=?");
    assert_refused("ruonds", "option 'ruonds' is not known and is ignored; did you mean rounds=?");
}

static void there_is_room_for_four_phantoms(void **state)
{
    (void)state;
    parse("phantom=1 phantom=2 phantom=3 phantom=4 phantom=5");
    assert_int_equal(parsed.phantom_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(parsed.phantom_hardware_ids[i], i + 1);
    }
    assert_string_equal(complaints,
                        "phantom=5: expected 0..4294967294, at most 4 times: ignored\n");
}

/* Words of every length, so that the copy of a word is tried at its limit. */
static void long_words_are_refused(void **state)
{
    (void)state;
    for (size_t length = 1; length < 300; length++) {
        char word[512];

        memset(word, 'w', length);
        strcpy(word + length, " maxcpus=2");
        parse(word);
        assert_int_equal(parsed.max_processors, 2);
        assert_memory_equal(complaints, "option 'www", length < 3 ? 8 + length : 11);
        assert_non_null(strstr(complaints, length < 64 ? "is not known and is ignored\n"
                                                       : "...' is too long: ignored\n"));
    }
}

#define TOO_LONG "command line is longer than 4095 bytes: the rest is ignored\n"

/* `spaces` spaces, followed by the word. */
static void parse_behind_spaces(size_t spaces, const char *word)
{
    char *line = malloc(spaces + strlen(word) + 1);

    memset(line, ' ', spaces);
    strcpy(line + spaces, word);
    parse(line);
    free(line);
}

static void a_line_of_4095_bytes_is_read_whole(void **state)
{
    (void)state;
    parse_behind_spaces(4095 - 10, "maxcpus=12");
    assert_int_equal(parsed.max_processors, 12);
    assert_string_equal(complaints, "");
    parse_behind_spaces(4095 - 10, "maxcpus=12 ");
    assert_int_equal(parsed.max_processors, 12);
    assert_string_equal(complaints, "");
}

/* A truncated word may be valid with another meaning: maxcpus=12 instead of maxcpus=128. */
static void a_longer_line_is_cut_before_the_word_across_the_limit(void **state)
{
    (void)state;
    parse_behind_spaces(4095 - 10, "maxcpus=128");
    assert_defaults();
    assert_string_equal(complaints, TOO_LONG);
    parse_behind_spaces(4095 - 10, "maxcpus=12 nosmp");
    assert_int_equal(parsed.max_processors, 12);
    assert_false(parsed.no_smp);
    assert_string_equal(complaints, TOO_LONG);
    parse_behind_spaces(9000, "nosmp");
    assert_defaults();
    assert_string_equal(complaints, TOO_LONG);
}

static void the_machines_own_options_are_taken(void **state)
{
    (void)state;
    machine_choice = 99;
    parse_well("nosmp gears=three");
    assert_int_equal(machine_choice, 2);
    assert_true(parsed.no_smp);
    assert_refused("gears=four", "gears=four: expected one|two|three: ignored");
    assert_int_equal(machine_choice, 2);
}

static void the_tests_own_options_are_taken(void **state)
{
    (void)state;
    test_number = 99;
    parse_well("rounds=0 nosmp");
    assert_true(test_number == 0);
    assert_true(parsed.no_smp);
    parse_well("gears=one rounds=18446744073709551615");
    assert_true(test_number == UINT64_MAX);
    assert_refused("rounds=18446744073709551616",
                   "rounds=18446744073709551616: expected 0..18446744073709551615: ignored");
    assert_refused("rounds", "rounds: expected 0..18446744073709551615: ignored");
}

static void a_bad_text_is_told_its_form(void **state)
{
    (void)state;
    parse_well("fruit=apple");
    assert_refused("fruit", "fruit: expected a fruit: ignored");
    assert_refused("fruit=axe", "fruit=axe: expected apple: ignored");
    assert_refused("fruit=rye", "fruit=rye: expected some fruit: ignored");
}

static void only_the_tables_given_count(void **state)
{
    static const struct cmdline_option *const machine[] = { machine_options, NULL };

    (void)state;
    complaints[0] = '\0';
    cmdline_parse("gears=two nosmp", machine, &parsed, complain);
    assert_int_equal(machine_choice, 1);
    assert_false(parsed.no_smp);
    assert_string_equal(complaints, "option 'nosmp' is not known and is ignored\n");
}

static void nobody_need_listen(void **state)
{
    (void)state;
    cmdline_parse("foo maxcpus=x nosmp", tables, &parsed, NULL);
    assert_true(parsed.no_smp);
}

static void the_table_describes_every_option(void **state)
{
    const struct cmdline_option *option = cmdline_options;
    char text[64];

    (void)state;
    for (; option->name != NULL; option++) {
        assert_non_null(option->help);
        assert_true(option->help[0] != '\0');
        assert_in_range(cmdline_describe(option, text, sizeof(text)), 1, sizeof(text) - 1);
    }
    assert_int_equal(option - cmdline_options, 9);
    assert_int_equal(cmdline_describe(&cmdline_options[1], text, 3), 7);
    assert_string_equal(text, "1.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gives_the_defaults),
        cmocka_unit_test(every_option_is_taken),
        cmocka_unit_test(any_white_space_separates_and_the_first_word_counts),
        cmocka_unit_test(choices_are_told_apart),
        cmocka_unit_test(of_two_the_last_counts),
        cmocka_unit_test(a_bad_value_leaves_the_earlier_one),
        cmocka_unit_test(ranges_end_where_they_say),
        cmocka_unit_test(bad_values_are_named_and_ignored),
        cmocka_unit_test(unknown_options_are_named_and_ignored),
        cmocka_unit_test(a_bad_word_does_not_disturb_the_others),
        cmocka_unit_test(test_names_have_1_to_31_characters),
        cmocka_unit_test(an_essential_option_ends_the_run_even_if_too_long),
        cmocka_unit_test(the_nearest_option_is_named),
        cmocka_unit_test(there_is_room_for_four_phantoms),
        cmocka_unit_test(long_words_are_refused),
        cmocka_unit_test(a_line_of_4095_bytes_is_read_whole),
        cmocka_unit_test(a_longer_line_is_cut_before_the_word_across_the_limit),
        cmocka_unit_test(the_machines_own_options_are_taken),
        cmocka_unit_test(the_tests_own_options_are_taken),
        cmocka_unit_test(a_bad_text_is_told_its_form),
        cmocka_unit_test(only_the_tables_given_count),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(the_table_describes_every_option),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
