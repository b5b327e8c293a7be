/* SPDX-License-Identifier: MIT */
/*
 * Failures of the extension's calls: a status reports them, and the system goes on.
 */
#include <wdm.h>

#include "kernel/rendezvous/wait.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/trial.h"
#include "tests/kernel/visit.h"

#define START_MS 50     /* a deadline that is meant to expire */
#define FAR_MS   600000 /* a deadline that is not: the launcher's comes first */

/* ---- a processor that does not respond ---- */

static _Atomic bool deaf, listen;

static void be_deaf(void *argument)
{
    (void)argument;
    arch_interrupts_disable();
    atomic_store(&deaf, true);
    while (!atomic_load(&listen)) {
        arch_relax();
    }
    arch_interrupts_enable();
    atomic_store(&deaf, false);
}

/* Makes the last processor deaf until end_deafness(); false if there is only one processor. */
static bool begin_deafness(void)
{
    if (processor_count == 1) {
        suite_skip("there is no other processor to be deaf");
        return false;
    }
    atomic_store(&listen, false);
    work_post(processor_count - 1, be_deaf, NULL);
    while (!atomic_load(&deaf)) {
        arch_relax();
    }
    return true;
}

static void end_deafness(void)
{
    atomic_store(&listen, true);
    work_await(processor_count - 1);
}

static void test_absent(void)
{
    struct rendezvous_request request = trial_request(7);

    if (!begin_deafness()) {
        return;
    }
    for (unsigned round = 0; round < 2; round++) {
        trial_choose(round, 1); /* with the caller and without */
        trial_clear();
        request.timeout_ms = START_MS;
        CHECK(rendezvous_call(&request) == RENDEZVOUS_ABSENT);
        trial_check_nobody_ran();
        CHECK(trial_reports[processor_count - 1].part == RENDEZVOUS_DID_NOT_COME);
        for (unsigned i = round; i < processor_count - 1; i++) { /* late ones count as missing */
            CHECK(trial_reports[i].part == RENDEZVOUS_ARRIVED ||
                  trial_reports[i].part == RENDEZVOUS_DID_NOT_COME);
        }
    }
    trial_choose(0, 1);
    processor_set_remove(&trial_targets, processor_count - 1);
    trial_call(7); /* the others go on */
    trial_clear();
    end_deafness();
    trial_check_nobody_ran(); /* not even the late one */
    trial_choose(0, 1);
    trial_call(7);
}

/* No target arrives: the requester withdraws the call, and until then all others have to wait. */
static void test_no_wait_absent(void)
{
    struct rendezvous_request request = trial_request(2);
    struct rendezvous_request other = trial_request(2);
    struct rendezvous_completion completion;

    if (!begin_deafness()) {
        return;
    }
    trial_choose_only(processor_count - 1);
    trial_clear();
    request.timeout_ms = START_MS;
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    other.reports = NULL;
    other.report_count = 0;
    other.timeout_ms = 1;
    CHECK(rendezvous_call(&other) == RENDEZVOUS_BUSY);
    CHECK(trial_await(&completion) == RENDEZVOUS_ABSENT);
    CHECK(trial_reports[processor_count - 1].part == RENDEZVOUS_DID_NOT_COME);
    end_deafness();
    trial_check_nobody_ran();
    trial_choose(0, 1);
    trial_begin(2);
}

/* The requester itself did not run for longer than the deadline: no target is given up for that. */
static void test_no_wait_paused(void)
{
    struct rendezvous_request request = trial_request(2);
    struct rendezvous_completion completion;
    uint32_t patience_ms = patience_get_ms();

    if (!begin_deafness()) {
        return;
    }
    trial_choose_only(processor_count - 1);
    trial_clear();
    patience_set_ms(START_MS);
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    uint64_t began_ticks = arch_ticks();
    while (arch_ticks() - began_ticks < 4 * START_MS * arch_ticks_per_ms()) {
        arch_relax();
    }
    CHECK(rendezvous_test(&completion) == RENDEZVOUS_PENDING);
    patience_set_ms(patience_ms);
    end_deafness();
    CHECK(trial_await(&completion) == RENDEZVOUS_OK);
}

/* The first to arrive leads. It gives up at the request's deadline; the kernel's is far away. */
static void test_no_wait_led_absent(void)
{
    struct rendezvous_request request = trial_request(2);
    struct rendezvous_completion completion;
    uint32_t patience_ms = patience_get_ms();

    if (!begin_deafness()) {
        return;
    }
    trial_choose(0, 1);
    trial_clear();
    request.timeout_ms = START_MS;
    patience_set_ms(FAR_MS);
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    CHECK(trial_await(&completion) == RENDEZVOUS_ABSENT);
    patience_set_ms(patience_ms);
    CHECK(trial_reports[processor_count - 1].part == RENDEZVOUS_DID_NOT_COME);
    end_deafness();
    trial_check_nobody_ran();
}

/* ---- a target that is offline ---- */

static void check_reported_offline(enum rendezvous_status status)
{
    CHECK(status == RENDEZVOUS_OFFLINE);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(trial_reports[i].part ==
              (i == processor_count - 1 ? RENDEZVOUS_NOT_ONLINE : RENDEZVOUS_NOT_ASKED));
    }
    trial_check_nobody_ran();
}

static void test_offline_target(void)
{
    struct rendezvous_request request = trial_request(2);
    struct rendezvous_completion completion;

    if (visit_is_alone()) {
        return;
    }
    visit_go(processor_count - 1);
    trial_choose(0, 1);
    trial_clear();
    check_reported_offline(rendezvous_call(&request));
    trial_clear();
    check_reported_offline(rendezvous_begin(&request, &completion));
    visit_come(processor_count - 1);
    trial_call(2);
}

/* ---- a routine that does not return ---- */

static ULONG_PTR NTAPI stay(ULONG_PTR argument)
{
    trial_mark_phase(RENDEZVOUS_SETUP, argument);
    while (arch_processor()->index == processor_count - 1 && !atomic_load(&listen)) {
        arch_relax();
    }
    return 0;
}

/* The stuck processor is only known to be stuck; the others report all their times. */
static void check_stuck_report(const struct rendezvous_report *report, bool stuck)
{
    CHECK(report->part == (stuck ? RENDEZVOUS_UNFINISHED : RENDEZVOUS_CUT_SHORT));
    CHECK(report->returned == 0);
    if (stuck) {
        CHECK(report->arrived_ns == 0 && report->started_ns == 0 && report->finished_ns == 0);
    } else {
        CHECK(report->released_ns != 0 && report->started_ns != 0 && report->finished_ns != 0);
    }
}

/* A shorter patience, in proportion to the machine's: otherwise it takes seconds to expire. */
static void test_stuck(void)
{
    struct rendezvous_request request = trial_request(7);
    uint32_t patience_ms = patience_get_ms();

    if (processor_count == 1) {
        suite_skip("there is no other processor to be stuck");
        return;
    }
    trial_choose(0, 1);
    trial_clear();
    atomic_store(&listen, false);
    request.routines[RENDEZVOUS_SETUP] = stay;
    patience_set_ms(patience_ms / 20);
    CHECK(rendezvous_call(&request) == RENDEZVOUS_STUCK);
    patience_set_ms(patience_ms);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(trial_marks[i].runs[RENDEZVOUS_SETUP] == 1);
        CHECK(trial_marks[i].runs[RENDEZVOUS_ACTION] == 0);
        check_stuck_report(&trial_reports[i], i == processor_count - 1);
    }
    processor_set_remove(&trial_targets, processor_count - 1);
    trial_call(7); /* the others go on */
    trial_clear();
    end_deafness();
    trial_choose(0, 1);
    trial_call(7);
    CHECK(trial_marks[processor_count - 1].runs[RENDEZVOUS_ACTION] == 1);
}

/* The leader itself stays in the routine, so that only the requester can notice. */
static void test_no_wait_stuck(void)
{
    struct rendezvous_request request = trial_request(1);
    struct rendezvous_completion completion;
    uint32_t patience_ms = patience_get_ms();

    if (visit_is_alone()) {
        return;
    }
    trial_choose_only(processor_count - 1);
    trial_clear();
    atomic_store(&listen, false);
    request.routines[RENDEZVOUS_SETUP] = stay;
    patience_set_ms(START_MS);
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    CHECK(trial_await(&completion) == RENDEZVOUS_STUCK);
    patience_set_ms(patience_ms);
    atomic_store(&listen, true);
    CHECK(trial_await(&completion) == RENDEZVOUS_OK); /* finally complete */
    CHECK(trial_marks[processor_count - 1].runs[RENDEZVOUS_SETUP] == 1);
}

const struct suite_case extension_fault_cases[] = {
    { "X a target that does not arrive: no routine runs, a status reports it, the others go on",
      test_absent },
    { "X without waiting, and no target arrives: the requester withdraws it, others get BUSY",
      test_no_wait_absent },
    { "X without waiting, and the requester did not run for long: the call goes on",
      test_no_wait_paused },
    { "X a routine that does not return: no further phase begins, the others go on", test_stuck },
    { "X without waiting, and not all arrive: the leader keeps the request's deadline",
      test_no_wait_led_absent },
    { "X C4 a target that is offline is named, and no processor is asked", test_offline_target },
    { "X without waiting, and the leader's routine does not return: STUCK, and complete later",
      test_no_wait_stuck },
    { NULL, NULL },
};
