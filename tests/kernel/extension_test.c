/* SPDX-License-Identifier: MIT */
/*
 * The extension (clause X): chosen processors, phases, calls without waiting, refusals.
 */
#include <wdm.h>

#include "kernel/rendezvous/wait.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/trial.h"

/* ---- sets and phases ---- */

static void test_sets(void)
{
    for (unsigned i = 0; i < processor_count; i += 1 + processor_count / 8) {
        trial_choose_only(i);
        trial_call(1 << RENDEZVOUS_ACTION);
    }
    for (unsigned first = 0; first < 3; first++) {
        for (unsigned step = 1; step < 4; step++) {
            trial_choose(first, step); /* with and without the caller; empty on a small machine */
            trial_call(1 << RENDEZVOUS_ACTION);
        }
    }
}

static void test_phases(void)
{
    for (unsigned present = 1; present < 1u << RENDEZVOUS_PHASES; present++) {
        trial_choose(0, 1);
        trial_call(present);
        trial_choose(1, 2);
        trial_call(present);
    }
}

static void test_all_online(void)
{
    struct rendezvous_request request = trial_request(7);

    trial_choose(0, 1);
    trial_clear();
    request.targets = NULL;
    request.timeout_ms = 600000;
    CHECK(rendezvous_call(&request) == RENDEZVOUS_OK);
    trial_check_ran(7);
}

/* ---- refusals ---- */

static void check_refused(const struct rendezvous_request *request, enum rendezvous_status status)
{
    struct rendezvous_completion completion;

    trial_clear();
    CHECK(rendezvous_call(request) == status);
    CHECK(rendezvous_begin(request, &completion) == status);
    CHECK(rendezvous_test(&completion) == status);
    trial_check_nobody_ran();
}

static void test_refusals(void)
{
    struct rendezvous_request request = trial_request(0);

    trial_choose(0, 1);
    check_refused(&request, RENDEZVOUS_INVALID);
    CHECK(trial_reports[0].part == RENDEZVOUS_NOT_ASKED);
    request = trial_request(2);
    request.routines[RENDEZVOUS_TEARDOWN] = (rendezvous_routine *)0x8000000000000000;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = trial_request(2);
    request.timeout_ms = 600001;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = trial_request(2);
    request.report_count = UINT32_MAX;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = trial_request(2);
    request.reports = NULL;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = trial_request(2);
    processor_set_add(&trial_targets, PROCESSOR_LIMIT - 1); /* no tested machine has that many */
    check_refused(&request, RENDEZVOUS_OFFLINE);
}

/* ---- without waiting ---- */

static void test_no_wait(void)
{
    trial_choose(0, 1);
    trial_begin(2);
    trial_begin(7);
    trial_choose_only(0);
    trial_begin(2);
    trial_choose(1, 1);
    if (processor_count > 1) {
        trial_begin(5);
    }
    uintptr_t interrupts = arch_interrupts_save();
    trial_choose(0, 1);
    trial_begin(2); /* this processor takes part while it tests for completion */
    arch_interrupts_restore(interrupts);
}

/* Two successive calls without waiting: the second begins when the first is complete. */
static void test_no_wait_twice(void)
{
    struct rendezvous_request request = trial_request(2);
    struct rendezvous_completion first, second;

    trial_choose(0, 1);
    trial_clear();
    CHECK(rendezvous_begin(&request, &first) == RENDEZVOUS_PENDING);
    CHECK(rendezvous_begin(&request, &second) == RENDEZVOUS_PENDING);
    CHECK(trial_await(&first) == RENDEZVOUS_OK);
    CHECK(trial_await(&second) == RENDEZVOUS_OK);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(trial_marks[i].runs[RENDEZVOUS_ACTION] == 2);
    }
}

const struct suite_case extension_cases[] = {
    { "X C4 K4 only the targets run it, once, whether or not the caller is one", test_sets },
    { "X every combination of phases; each begins when all have finished the last", test_phases },
    { "X all online processors, with a deadline", test_all_online },
    { "X refused: no routine, one at a bad address, a bad deadline, an absent target",
      test_refusals },
    { "X a call without waiting: the first to arrive leads it", test_no_wait },
    { "X two calls without waiting, one after the other", test_no_wait_twice },
    { NULL, NULL },
};
