/* SPDX-License-Identifier: MIT */
/*
 * Calls while doorbells go astray and processors are delayed (C5): each call succeeds as usual. The
 * rules are armed at run time. Cases that end in a bug check, or that need a deadline to expire,
 * are separate runs: tests/inject.t.
 */
#include <wdm.h>

#include "kernel/inject/inject.h"
#include "kernel/rendezvous/wait.h"
#include "lib/printf.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/trial.h"

#define CALLS 4 /* of each kind, under each rule */

#define RULE_TEXT_SIZE 64

/* `form` has a %u for the last processor. */
static int arm(const char *form)
{
    char text[RULE_TEXT_SIZE];

    printf_format(text, sizeof(text), form, processor_count - 1);
    int number = inject_arm(text);
    CHECK(number >= 0);
    return number;
}

static void do_nothing(void *argument)
{
    (void)argument;
}

/* A doorbell of the last call that is still on its way has no effect. */
static void check_late_doorbell(unsigned present)
{
    while (hooks_pass()) {
        arch_relax();
    }
    (void)work_post(processor_count - 1, do_nothing, NULL);
    work_await(processor_count - 1);
    trial_check_ran(present);
}

/* With and without waiting, on all and on the last processor only, with one phase and three. */
static void make_calls(void)
{
    for (unsigned i = 0; i < CALLS; i++) {
        unsigned present = i % 2 == 0 ? 2 : 7;
        trial_choose(0, 1);
        trial_call(present);
        check_late_doorbell(present);
        trial_begin(present);
        trial_choose_only(processor_count - 1);
        trial_call(present);
        check_late_doorbell(present);
    }
}

/* Returns how often the rule has struck. */
static unsigned call_under(const char *form)
{
    int number = arm(form);
    make_calls();
    unsigned strikes = inject_strikes(number);
    inject_disarm();
    trial_call(7); /* late doorbells belong to no call */
    return strikes;
}

static bool is_alone(void)
{
    if (processor_count == 1) {
        suite_skip("there is no other processor to interrupt");
        return true;
    }
    return false;
}

static void test_doorbells(void)
{
    if (is_alone()) {
        return;
    }
    CHECK(call_under("delay:%u:*:300") >= 3 * CALLS);
    CHECK(call_under("delay:%u:2-3:3000") == 2);
    CHECK(call_under("duplicate:%u:*:0") >= 3 * CALLS);
    CHECK(call_under("duplicate:%u:*:200") >= 3 * CALLS);
    CHECK(call_under("misdirect:%u:1000000:0") == 0); /* fewer are rung */
}

/* No processor has to sleep during these calls, so no wake doorbell has to be rung. */
static void test_wake_doorbells(void)
{
    enum wait_policy policy = wait_get_policy();

    if (is_alone()) {
        return;
    }
    wait_set_policy(WAIT_HALT);
    (void)call_under("delay-wake:%u:*:300");
    (void)call_under("delay-wake:0:*:300");
    (void)call_under("duplicate-wake:%u:*:200");
    (void)call_under("delay:%u:*:300");
    wait_set_policy(policy);
}

static void test_pauses(void)
{
    if (is_alone()) {
        return;
    }
    (void)call_under("pause:%u:entry@*:300"); /* a processor that polls takes no doorbell */
    CHECK(call_under("pause:%u:arrival@*:300") == 3 * CALLS);
    CHECK(call_under("pause:%u:worker@*:300") >= 3 * CALLS);
    CHECK(call_under("pause:%u:finish@*:300") >= 3 * CALLS);
    CHECK(call_under("pause:0:collect@*:300") != 0);
}

static void test_storm(void)
{
    if (is_alone()) {
        return;
    }
    CHECK(call_under("storm:%u:1000") >= 3 * CALLS);
    CHECK(call_under("storm:0:1000") != 0);
}

/* An impossible rule is refused, and nothing is armed. */
static void test_refusals(void)
{
    static const char *const bad[] = { "wedge:0:masked", "wedge:0:priority", "wedge:0:nmi",
                                       "drop:4000:1",    "squall:1:1",       "misdirect:0:1:4000" };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(inject_arm(bad[i]) == -1);
    }
    for (unsigned i = 0; i < 8; i++) {
        CHECK(inject_arm("drop:0:1000000") == (int)i);
    }
    CHECK(inject_arm("drop:0:1000000") == -1);
    inject_disarm();
}

const struct suite_case inject_cases[] = {
    { "C5 K4 doorbells that are late or doubled", test_doorbells },
    { "C5 wake doorbells that are late or doubled", test_wake_doorbells },
    { "K4 a processor that is delayed anywhere in a call", test_pauses },
    { "K4 unmaskable interrupts all the time", test_storm },
    { "a fault that cannot be injected is refused", test_refusals },
    { NULL, NULL },
};
