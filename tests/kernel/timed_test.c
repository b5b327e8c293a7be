/* SPDX-License-Identifier: MIT */
/*
 * A release at one moment on all clocks, and the check that the clocks agree (clause X).
 */
#include <wdm.h>

#include "arch/x86_64/cpu.h"
#include "kernel/inject/inject.h"
#include "kernel/rendezvous/clocks_measure.h"
#include "kernel/rendezvous/wait.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/trial.h"
#include "tests/kernel/visit.h"

#define RELEASE_NS 100000
#define CALLS      20
#define ATTEMPTS   20
#define SHORT_MS   1000 /* a patience: if no processor answers, it expires at each attempt */

#define MSR_TSC        0x10
#define MSR_TSC_ADJUST 0x3b
#define EBX_TSC_ADJUST (1u << 1) /* CPUID leaf 7 */

/* The time at which each target began, by its own clock. */
static uint64_t began_ticks[PROCESSOR_LIMIT];

static ULONG_PTR NTAPI note_begin(ULONG_PTR argument)
{
    began_ticks[arch_processor()->index] = arch_ticks();
    return argument;
}

/* On a crowded host a message may take too long to decide: then the clock is measured again. */
static bool measure_anew(unsigned processor)
{
    for (unsigned i = 0; i < ATTEMPTS && !clocks_agree(processor); i++) {
        (void)clocks_measure(processor);
    }
    return clocks_agree(processor);
}

/* False, with the case skipped, if a timed release must be refused on this machine. */
static bool clocks_are_known(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        if (!measure_anew(i)) {
            suite_skip("the clocks of this machine are not known to agree");
            return false;
        }
    }
    return true;
}

static struct rendezvous_request timed_request(void)
{
    struct rendezvous_request request = trial_request(0);

    request.routines[RENDEZVOUS_ACTION] = note_begin;
    request.release_after_ns = RELEASE_NS;
    trial_clear();
    memset(began_ticks, 0, sizeof(began_ticks));
    return request;
}

static uint64_t ticks_of(int64_t ns)
{
    return (uint64_t)ns * arch_ticks_per_ms() / 1000000;
}

/*
 * There is one moment, at the requested time after the last arrival, and no target began before it,
 * neither by its report nor by its own clock. `began` is a time before the call was sent.
 */
static void check_released(uint64_t before_ticks)
{
    int64_t due_ns = trial_reports[processor_set_next(&trial_targets, 0)].due_ns;

    processor_set_for_each(processor, &trial_targets) {
        const struct rendezvous_report *report = &trial_reports[processor];
        CHECK(report->part == RENDEZVOUS_FINISHED);
        CHECK(report->due_ns == due_ns);
        CHECK(report->due_ns >= report->arrived_ns + RELEASE_NS);
        CHECK(report->started_ns >= report->due_ns);
        CHECK(began_ticks[processor] >= before_ticks + ticks_of(due_ns));
    }
}

static void call_timed(unsigned way)
{
    struct rendezvous_request request = timed_request();
    struct rendezvous_completion completion;
    uint64_t before_ticks = arch_ticks();

    if (way % 2 == 0) {
        CHECK(rendezvous_call(&request) == RENDEZVOUS_OK);
    } else {
        CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
        CHECK(trial_await(&completion) == RENDEZVOUS_OK);
    }
    check_released(before_ticks);
}

static void test_moment(void)
{
    if (!clocks_are_known()) {
        return;
    }
    for (unsigned i = 0; i < CALLS; i++) {
        trial_choose(i % 3 % processor_count, 1 + i % 2); /* with and without the caller */
        call_timed(i);
    }
    trial_choose(0, 1);
    trial_call(7); /* one of three phases that is not timed */
    CHECK(trial_reports[0].due_ns == 0);
}

static void check_refused(unsigned named)
{
    struct rendezvous_request request = timed_request();
    struct rendezvous_completion completion;

    CHECK(rendezvous_call(&request) == RENDEZVOUS_SKEWED);
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_SKEWED);
    CHECK(rendezvous_test(&completion) == RENDEZVOUS_SKEWED);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(began_ticks[i] == 0);
        CHECK(trial_reports[i].part ==
              (i == named ? RENDEZVOUS_OTHER_CLOCK : RENDEZVOUS_NOT_ASKED));
    }
}

static void test_refused(void)
{
    unsigned last = processor_count - 1;

    if (!clocks_are_known()) {
        return;
    }
    trial_choose(0, 1);
    clocks_forget(processors[last]);
    check_refused(last);
    CHECK(measure_anew(last));
    call_timed(0);
    struct rendezvous_request request = timed_request();
    request.release_after_ns = RENDEZVOUS_RELEASE_LIMIT_NS + 1;
    CHECK(rendezvous_call(&request) == RENDEZVOUS_INVALID);
    CHECK(began_ticks[0] == 0);
}

/* A processor that was offline is measured when it returns; on a crowded host this may fail. */
static void test_back_online(void)
{
    unsigned last = processor_count - 1;

    if (visit_is_alone() || !clocks_are_known()) {
        return;
    }
    visit_go(last);
    trial_choose(0, 1);
    processor_set_remove(&trial_targets, last);
    call_timed(0); /* the others still share the time */
    visit_come(last);
    for (unsigned i = 0; i < ATTEMPTS && !clocks_agree(last); i++) {
        visit_go(last);
        visit_come(last);
    }
    CHECK(clocks_agree(last));
    trial_choose(0, 1);
    call_timed(0);
}

/*
 * A processor that was measured before waits for the first message of the new measurement, however
 * late it is, and does not mistake the last message of the previous one for it.
 */
static void test_measured_again(void)
{
    uint32_t patience_ms = patience_get_ms();
    unsigned last = processor_count - 1;

    if (visit_is_alone() || !clocks_are_known()) {
        return;
    }
    (void)clocks_measure(last);
    clocks_forget(processors[last]);
    CHECK(inject_arm("pause:0:worker@*:10000") >= 0); /* the sender of the first message is late */
    patience_set_ms(SHORT_MS);
    CHECK(measure_anew(last));
    patience_set_ms(patience_ms);
    inject_disarm();
}

/* ---- a clock that is set ---- */

static int64_t shift_ticks; /* the intended change */
static int64_t seen_ticks;  /* the actual change */

static bool has_adjustment(void)
{
    return (cpu_id(7, 0).ebx & EBX_TSC_ADJUST) != 0;
}

static void shift_clock(void *argument)
{
    uintptr_t interrupts = arch_interrupts_save();
    uint64_t before_ticks = arch_ticks();

    (void)argument;
    if (has_adjustment()) {
        __writemsr(MSR_TSC_ADJUST, __readmsr(MSR_TSC_ADJUST) + (uint64_t)shift_ticks);
    } else {
        __writemsr(MSR_TSC, arch_ticks() + (uint64_t)shift_ticks);
    }
    seen_ticks = (int64_t)(arch_ticks() - before_ticks);
    arch_interrupts_restore(interrupts);
}

static void shift_clock_of(unsigned processor, int64_t ticks)
{
    shift_ticks = ticks;
    (void)work_post(processor, shift_clock, NULL);
    work_await(processor);
}

/* A second ahead, and back again. */
static void test_skew(void)
{
    unsigned last = processor_count - 1;
    int64_t second = 1000 * (int64_t)arch_ticks_per_ms();

    if (visit_is_alone() || !clocks_are_known()) {
        return;
    }
    shift_clock_of(last, second);
    if (seen_ticks < second) {
        suite_skip("the clock of this machine cannot be set");
        return;
    }
    struct clocks_finding found = clocks_measure(last);
    CHECK(found.status == CLOCKS_DISAGREE);
    CHECK(found.processor == last);
    CHECK(found.ns > 0 && found.ns <= 1000000000);
    atomic_store(&processors[last]->clock_agrees, true); /* discards the measured result */
    visit_go(last);
    visit_come(last);
    CHECK(!clocks_agree(last));
    trial_choose(0, 1);
    check_refused(last);
    processor_set_remove(&trial_targets, last);
    call_timed(0); /* the others still share the time */
    shift_clock_of(last, -second);
    if (has_adjustment()) { /* without it, the clock lags by the time that setting it took */
        CHECK(measure_anew(last));
    }
}

const struct suite_case timed_cases[] = {
    { "X timed: no target begins before the moment, which is the same for all", test_moment },
    { "X timed: refused if a clock is not known to agree, and no routine runs", test_refused },
    { "X timed: the clock of a processor that was offline is measured again", test_back_online },
    { "X timed: a clock is measured again, with a late first message", test_measured_again },
    { "X timed: a clock that was set ahead is detected", test_skew },
    { NULL, NULL },
};
