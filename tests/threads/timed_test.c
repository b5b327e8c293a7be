/* SPDX-License-Identifier: MIT */
/*
 * Contract X on threads: whether the clocks agree, and a release at a common moment.
 *
 * A thread's clock is the machine's, or ahead of it or behind it by an amount that the test sets.
 * The outcome of a measurement does not depend on how long anything takes, with one exception: on a
 * crowded host a message may take too long for a verdict; then the measurement is repeated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/clocks_measure.h"
#include "kernel/rendezvous/moment.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/errand.h"

#define SKEW_NS  20000000000000 /* longer than any message takes; too long in ns to be multiplied */
#define ATTEMPTS 100

/* ---- the measurement ---- */

static struct clocks_finding measure_all(void)
{
    struct clocks_finding worst = clocks_measure_all();

    for (unsigned i = 0; i < ATTEMPTS && worst.status == CLOCKS_UNKNOWN; i++) {
        worst = clocks_measure_all();
    }
    return worst;
}

static void find_agreement(unsigned index)
{
    if (index == 0) {
        struct clocks_finding worst = measure_all();
        check(worst.status == CLOCKS_AGREE);
        check(worst.ns <= RENDEZVOUS_RELEASE_LIMIT_NS);
        for (unsigned i = 0; i < processor_count; i++) {
            check(clocks_agree(i));
        }
    }
}

static void equal_clocks_agree(void **state)
{
    (void)state;
    check_on(1, CHECK_PATIENCE_MS, find_agreement);
    check_on(3, CHECK_PATIENCE_MS, find_agreement);
    check_on(MACHINE_PROCESSORS, CHECK_PATIENCE_MS, find_agreement);
}

static void find_skew(unsigned index)
{
    if (index == 0) {
        struct clocks_finding worst = measure_all();
        check(worst.status == CLOCKS_DISAGREE);
        check(worst.processor == 2);
        check(worst.ns > SKEW_NS / 2 && worst.ns <= SKEW_NS);
        check(clocks_agree(0) && clocks_agree(1) && !clocks_agree(2));
        struct clocks_finding one = clocks_measure(2);
        check(one.status == CLOCKS_DISAGREE && one.ns > SKEW_NS / 2 && one.ns <= SKEW_NS);
        check(!clocks_agree(2));
    }
}

static void test_skew(int64_t ahead_ns)
{
    machine_ahead_ns[2] = ahead_ns;
    check_on(3, CHECK_PATIENCE_MS, find_skew);
    machine_ahead_ns[2] = 0;
}

static void a_clock_ahead_is_found(void **state)
{
    (void)state;
    test_skew(SKEW_NS);
}

static void a_clock_behind_is_found(void **state)
{
    (void)state;
    test_skew(-SKEW_NS);
}

/* ---- a release at a moment ---- */

#define RELEASE_NS 200000
#define CALLS      50

/* When each processor began, by its own clock; one for each phase. */
static uint64_t began_ticks[RENDEZVOUS_PHASES][MACHINE_PROCESSORS];

static uintptr_t note_begin(unsigned phase)
{
    unsigned self = arch_processor()->index;
    began_ticks[phase][self] = arch_ticks();
    return self;
}

CHECK_ROUTINE set_up(uintptr_t argument)
{
    (void)argument;
    return note_begin(RENDEZVOUS_SETUP);
}

CHECK_ROUTINE act(uintptr_t argument)
{
    (void)argument;
    return note_begin(RENDEZVOUS_ACTION);
}

static struct rendezvous_report reports[MACHINE_PROCESSORS];

static struct rendezvous_request prepare(const struct processor_set *targets)
{
    memset(began_ticks, 0, sizeof(began_ticks));
    memset(reports, 0xdd, sizeof(reports));
    return (struct rendezvous_request){ .targets = targets,
                                        .routines = { set_up, act },
                                        .release_after_ns = RELEASE_NS,
                                        .reports = reports,
                                        .report_count = processor_count };
}

/*
 * One moment, no sooner after every arrival than requested, and no processor began before it,
 * neither by the reports nor by its own clock. `sent_before_ticks`: the call was sent later.
 */
static void check_released(const struct processor_set *targets, uint64_t sent_before_ticks)
{
    int64_t due_ns = reports[processor_set_next(targets, 0)].due_ns;

    processor_set_for_each(processor, targets) {
        const struct rendezvous_report *report = &reports[processor];
        check(report->part == RENDEZVOUS_FINISHED);
        check(report->due_ns == due_ns);
        check(report->due_ns >= report->arrived_ns + RELEASE_NS);
        check(report->started_ns >= report->due_ns);
        check(began_ticks[RENDEZVOUS_SETUP][processor] >= sent_before_ticks + (uint64_t)due_ns);
        check(began_ticks[RENDEZVOUS_ACTION][processor] >=
              began_ticks[RENDEZVOUS_SETUP][processor]);
    }
}

/* With the caller waiting or not. */
static void call_timed(const struct processor_set *targets, unsigned way)
{
    struct rendezvous_request request = prepare(targets);
    struct rendezvous_completion completion;
    uint64_t sent_before_ticks = arch_ticks();
    enum rendezvous_status status =
        way % 2 == 0 ? rendezvous_call(&request) : rendezvous_begin(&request, &completion);

    while (status == RENDEZVOUS_PENDING) {
        arch_relax();
        status = rendezvous_test(&completion);
    }
    check(status == RENDEZVOUS_OK);
    check_released(targets, sent_before_ticks);
}

static void release_at_moments(unsigned index)
{
    struct processor_set targets = { .words = { ERRAND_EVERYBODY } };

    if (index != 0) {
        return;
    }
    check(measure_all().status == CLOCKS_AGREE);
    for (unsigned i = 0; i < CALLS; i++) {
        targets.words[0] = 1 + i % ERRAND_EVERYBODY; /* every set, with the caller or without */
        call_timed(&targets, i);
    }
    targets.words[0] = ERRAND_EVERYBODY;
    call_timed(&targets, 0);
    check_call(rendezvous_run_everywhere); /* and one that is not timed */
}

static void nobody_begins_before_the_moment(void **state)
{
    (void)state;
    check_on(1, CHECK_PATIENCE_MS, release_at_moments);
    check_on(3, CHECK_PATIENCE_MS, release_at_moments);
    check_on(MACHINE_PROCESSORS, CHECK_PATIENCE_MS, release_at_moments);
}

/* ---- refusals ---- */

static void expect_refusal(const struct processor_set *targets, unsigned named)
{
    struct rendezvous_request request = prepare(targets);
    struct rendezvous_completion completion;

    check(rendezvous_call(&request) == RENDEZVOUS_SKEWED);
    check(rendezvous_begin(&request, &completion) == RENDEZVOUS_SKEWED);
    check(rendezvous_test(&completion) == RENDEZVOUS_SKEWED);
    for (unsigned i = 0; i < processor_count; i++) {
        check(reports[i].part == (i == named ? RENDEZVOUS_OTHER_CLOCK : RENDEZVOUS_NOT_ASKED));
        check(began_ticks[RENDEZVOUS_SETUP][i] == 0 && began_ticks[RENDEZVOUS_ACTION][i] == 0);
    }
    request.release_after_ns = 0;
    check(rendezvous_call(&request) == RENDEZVOUS_OK); /* any other call works as usual */
}

static _Atomic unsigned measured;

static void refuse_the_skewed(unsigned index)
{
    struct processor_set all = { .words = { ERRAND_EVERYBODY } };
    struct processor_set others = { .words = { ERRAND_EVERYBODY & ~4u } };

    if (index == 0) {
        check(measure_all().status == CLOCKS_DISAGREE);
        expect_refusal(&all, 2);
        call_timed(&others, 0);
        call_timed(&others, 1);
        atomic_store(&measured, 1);
    } else if (index == 2) {
        check_await(&measured, 1);
        (void)atomic_load(&measured); /* acquire: what the other has stored */
        expect_refusal(&others, 2);   /* no moment can be named by the caller's own clock */
        atomic_store(&measured, 0);
    }
}

static void a_skewed_clock_is_refused(void **state)
{
    (void)state;
    machine_ahead_ns[2] = SKEW_NS;
    check_on(3, CHECK_PATIENCE_MS, refuse_the_skewed);
    check_on(4, CHECK_PATIENCE_MS, refuse_the_skewed);
    machine_ahead_ns[2] = 0;
}

/* A clock that was not measured counts as unknown. */
static void refuse_the_unmeasured(unsigned index)
{
    struct processor_set one = { .words = { 1 } };
    struct rendezvous_request request = prepare(&one);

    if (index == 0) {
        check(rendezvous_call(&request) == RENDEZVOUS_SKEWED);
        request.release_after_ns = RENDEZVOUS_RELEASE_LIMIT_NS + 1;
        check(rendezvous_call(&request) == RENDEZVOUS_INVALID);
    }
}

static void an_unknown_clock_is_refused(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, refuse_the_unmeasured);
}

/* ---- a clock that leaps after it was measured ---- */

static int64_t leap_ns;

/* Processor 1 sets its clock between two calls. The first call detects it; no other is made. */
static void leap_between_calls(unsigned index)
{
    struct processor_set all = { .words = { ERRAND_EVERYBODY } };
    struct processor_set others = { .words = { ERRAND_EVERYBODY & ~2u } };

    if (index == 0) {
        check(measure_all().status == CLOCKS_AGREE);
        call_timed(&all, 0);
        atomic_store(&measured, 1);
        check_await(&measured, 2);
        struct rendezvous_request request = prepare(&all);
        check(rendezvous_call(&request) == RENDEZVOUS_OK);
        check(clocks_agree(0) && !clocks_agree(1) && clocks_agree(2));
        expect_refusal(&all, 1);
        call_timed(&others, 0);
        atomic_store(&measured, 0);
    } else if (index == 1) {
        check_await(&measured, 1);
        machine_cpu->ahead_ticks += (uint64_t)leap_ns;
        atomic_store(&measured, 2);
    }
}

static void a_leap_is_found_by_the_next_call(void **state)
{
    (void)state;
    leap_ns = SKEW_NS;
    check_on(3, CHECK_PATIENCE_MS, leap_between_calls);
    leap_ns = -SKEW_NS;
    check_on(3, CHECK_PATIENCE_MS, leap_between_calls);
}

/* ---- a clock that leaps during the wait ---- */

/* Once all have arrived and the moment was named, the clock of processor 1 is set back. */
static void leap_back(unsigned index)
{
    if (index == 1) {
        uint64_t due_ticks = arch_ticks() + RENDEZVOUS_RELEASE_LIMIT_NS;
        machine_cpu->ahead_ticks -= (uint64_t)SKEW_NS;
        uint64_t began = arch_ticks();
        moment_await(due_ticks); /* ends by its limit, ten seconds before the moment */
        check(arch_ticks() < due_ticks);
        check(arch_ticks() - began > RENDEZVOUS_RELEASE_LIMIT_NS);
    }
}

static void a_leap_makes_no_wait_endless(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, leap_back);
}

/* ---- a call without a waiting caller, queried where the clock is behind ---- */

#define BEHIND_NS 1000000

static _Atomic unsigned stage;

CHECK_ROUTINE do_nothing(uintptr_t argument)
{
    return argument;
}

static void ask_by_a_clock_behind(void)
{
    struct rendezvous_completion completion;
    struct processor_set other = { .words = { 2 } };
    const struct rendezvous_request request = { .targets = &other,
                                                .routines = { [RENDEZVOUS_ACTION] = do_nothing },
                                                .timeout_ms = CHECK_PATIENCE_MS };

    check_await(&stage, 1);
    check(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    machine_cpu->ahead_ticks -= BEHIND_NS; /* as on another processor, which may ask as well */
    check(rendezvous_test(&completion) == RENDEZVOUS_PENDING);
    machine_cpu->ahead_ticks += BEHIND_NS;
    atomic_store(&stage, 2);
    while (rendezvous_test(&completion) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    check(rendezvous_test(&completion) == RENDEZVOUS_OK);
}

static void ask_or_be_deaf(unsigned index)
{
    if (index == 0) {
        ask_by_a_clock_behind();
        return;
    }
    unsigned old_irql = irql_raise(IRQL_IPI);
    atomic_store(&stage, 1);
    check_await(&stage, 2);
    irql_lower(old_irql);
}

static void who_asks_by_a_clock_behind_withdraws_nothing(void **state)
{
    (void)state;
    atomic_store(&stage, 0);
    check_on(2, CHECK_PATIENCE_MS, ask_or_be_deaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_clocks_agree),
        cmocka_unit_test(a_clock_ahead_is_found),
        cmocka_unit_test(a_clock_behind_is_found),
        cmocka_unit_test(nobody_begins_before_the_moment),
        cmocka_unit_test(a_skewed_clock_is_refused),
        cmocka_unit_test(an_unknown_clock_is_refused),
        cmocka_unit_test(a_leap_is_found_by_the_next_call),
        cmocka_unit_test(a_leap_makes_no_wait_endless),
        cmocka_unit_test(who_asks_by_a_clock_behind_withdraws_nothing),
    };
    return cmocka_run_group_tests_name("timed", tests, NULL, NULL);
}
