/* SPDX-License-Identifier: MIT */
/*
 * kernel/inject/rule.c: every form of a rule, and the complaints about bad rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/inject/rule.h"

static struct inject_rule rule;

static void read_well(const char *text, enum inject_kind kind, unsigned processor, uint32_t first,
                      uint32_t last)
{
    memset(&rule, 0xa5, sizeof(rule));
    assert_int_equal(inject_parse(text, &rule), 0);
    assert_string_equal(rule.text, text);
    assert_int_equal(rule.kind, kind);
    assert_int_equal(rule.processor, processor);
    assert_int_equal(rule.first, first);
    assert_int_equal(rule.last, last);
}

static void doorbells_go_astray(void **state)
{
    (void)state;
    read_well("drop:2:1", INJECT_DROP, 2, 1, 1);
    assert_false(rule.wake);
    read_well("drop-wake:0:3-7", INJECT_DROP, 0, 3, 7);
    assert_true(rule.wake);
    read_well("delay:63:*:1500", INJECT_DELAY, 63, 1, UINT32_MAX);
    assert_int_equal(rule.amount, 1500);
    read_well("duplicate:1:2:0", INJECT_DUPLICATE, 1, 2, 2);
    assert_int_equal(rule.amount, 0);
    read_well("misdirect-wake:1:5-5:2", INJECT_MISDIRECT, 1, 5, 5);
    assert_int_equal(rule.other, 2);
    assert_true(rule.wake);
}

static void wedges_have_a_place(void **state)
{
    static const struct {
        const char *text;
        unsigned place;
    } cases[] = {
        { "wedge:2:masked", INJECT_MASKED },  { "wedge:2:priority", INJECT_PRIORITY },
        { "wedge:2:nmi", INJECT_UNMASKABLE }, { "wedge:2:entry", HOOK_ENTRY },
        { "wedge:2:arrival", HOOK_ARRIVAL },  { "wedge:2:worker", HOOK_WORKER },
        { "wedge:2:finish", HOOK_FINISH },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_well(cases[i].text, INJECT_WEDGE, 2, 1, 1);
        assert_int_equal(rule.place, cases[i].place);
        assert_int_equal(rule.amount, 0);
    }
    read_well("wedge:2:masked:600000", INJECT_WEDGE, 2, 1, 1);
    assert_int_equal(rule.amount, 600000);
    read_well("wedge:2:worker@12:5", INJECT_WEDGE, 2, 12, 12);
    assert_int_equal(rule.amount, 5);
}

static void faults_are_in_the_worker(void **state)
{
    static const struct {
        const char *text;
        enum arch_fault fault;
    } cases[] = {
        { "fault:1:page", ARCH_FAULT_PAGE },     { "fault:1:protection", ARCH_FAULT_PROTECTION },
        { "fault:1:opcode", ARCH_FAULT_OPCODE }, { "fault:1:divide", ARCH_FAULT_DIVIDE },
        { "fault:1:stack", ARCH_FAULT_STACK },   { "fault:1:double", ARCH_FAULT_DOUBLE },
        { "fault:1:nmi", ARCH_FAULT_NMI },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_well(cases[i].text, INJECT_FAULT, 1, 1, 1);
        assert_int_equal(rule.fault, cases[i].fault);
        assert_int_equal(rule.place, HOOK_WORKER);
    }
    read_well("fault:1:page@3", INJECT_FAULT, 1, 3, 3);
}

static void pauses_and_storms_have_a_size(void **state)
{
    (void)state;
    read_well("pause:0:collect@*:250", INJECT_PAUSE, 0, 1, UINT32_MAX);
    assert_int_equal(rule.place, HOOK_COLLECT);
    assert_int_equal(rule.amount, 250);
    read_well("pause:3:finish@2-4:1", INJECT_PAUSE, 3, 2, 4);
    read_well("storm:2:100", INJECT_STORM, 2, 0, 0);
    assert_int_equal(rule.amount, 100);
}

static void bad_ones_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        "drop",
        "drop:",
        "drop:2",
        "drop:2:",
        "drop:x:1",
        "drop:-1:1",
        "drop:99999:1",
        "drop:2:0",
        "drop:2:5-4",
        "drop:2:1-",
        "drop:2:-2",
        "drop:2:1:1",
        "drop:2:**",
        "Drop:2:1",
        "delay:2:1",
        "delay:2:1:",
        "delay:2:1:x",
        "delay:2:1:1:1",
        "delay:2:1:600000001",
        "misdirect:2:1:99999",
        "wedge:2",
        "wedge:2:collect",
        "wedge:2:worker@",
        "wedge:2:worker@0",
        "wedge:2:masked@2",
        "wedge:2:worker:0",
        "wedge-wake:2:worker",
        "-wake:2:1",
        "fault:2:page:1",
        "fault:2:pages",
        "fault:2:entry",
        "pause:2:entry",
        "pause:2:masked:5",
        "pause:2:entry:0",
        "storm:2",
        "storm:2:0",
        "storm:2:1:1",
        "squall:2:1",
        "drop:2:000000000000000000000000000000000000000000000000000000000001",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (inject_parse(bad[i], &rule) == 0) {
            fail_msg("'%s' was taken", bad[i]);
        }
    }
}

static void what_is_expected_is_told_by_its_kind(void **state)
{
    (void)state;
    assert_string_equal(inject_expected("drop"), "drop[-wake]:K:N");
    assert_string_equal(inject_expected("misdirect-wake:1"), "misdirect[-wake]:K:N:M");
    assert_non_null(strstr(inject_expected("wedge:2:maske"), "wedge:K:masked|priority|nmi|entry"));
    assert_non_null(strstr(inject_expected("fault:2:"), "page|protection|opcode|divide|stack"));
    assert_non_null(strstr(inject_expected("pause:2:worker"), "worker|finish|collect[@N]:US"));
    assert_string_equal(inject_expected("storm:2:x"), "storm:K:COUNT");
    assert_non_null(strstr(inject_expected("squall:2:1"), "drop|delay|duplicate|misdirect|wedge"));
    assert_non_null(strstr(inject_expected("wedge-wake:2:worker"), "drop|delay|"));
    assert_non_null(strstr(inject_expected("drop:2:1"), "8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doorbells_go_astray),
        cmocka_unit_test(wedges_have_a_place),
        cmocka_unit_test(faults_are_in_the_worker),
        cmocka_unit_test(pauses_and_storms_have_a_size),
        cmocka_unit_test(bad_ones_are_refused),
        cmocka_unit_test(what_is_expected_is_told_by_its_kind),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("inject_rule", tests, NULL, NULL);
}
