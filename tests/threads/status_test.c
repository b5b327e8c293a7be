/* SPDX-License-Identifier: MIT */
/*
 * Contract X on threads: calls that fail report the reason, their routines have run only where the
 * status says so, and the system goes on.
 *
 * No test depends on how long anything takes: a deaf processor stays deaf, a holder of the turn
 * keeps it, and a stuck processor stays stuck until the status has been seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/errand.h"

#define CALLER 0
#define OTHER  1 /* deaf, stuck or in the way */
#define THIRD  2

#define SHORT_MS    40
#define ARRIVING_MS 100
#define ATTEMPTS    50  /* enough for the other processors to arrive in time, on a crowded host */
#define STUCK_MS    400 /* the patience; members wait 16 times as long for the leader */
#define OVERDUE_MS  20

/* The stage of a test; each of two processors goes on when the other has stored the next. */
static _Atomic unsigned stage;

static void go_on(unsigned next)
{
    atomic_store_explicit(&stage, next, memory_order_release);
}

static void await_stage(unsigned wanted)
{
    check_await(&stage, wanted);
    (void)atomic_load_explicit(&stage, memory_order_acquire);
}

/* The system goes on: a call of everybody works as usual. */
static void call_everybody(void)
{
    struct errand errand;
    struct rendezvous_request request = errand_prepare(&errand, ERRAND_EVERYBODY, ERRAND_ALL, 0);
    enum rendezvous_status status = rendezvous_call(&request);

    check(status == RENDEZVOUS_OK);
    errand_check(&errand, status);
}

/* ---- INVALID ---- */

static void expect_invalid(const struct rendezvous_request *request)
{
    struct rendezvous_completion completion;

    check(rendezvous_call(request) == RENDEZVOUS_INVALID);
    check(rendezvous_begin(request, &completion) == RENDEZVOUS_INVALID);
    check(rendezvous_test(&completion) == RENDEZVOUS_INVALID);
}

static void ask_what_cannot_be(unsigned index)
{
    struct errand errand;
    struct rendezvous_request request;

    if (index != CALLER) {
        return;
    }
    request = errand_prepare(&errand, ERRAND_EVERYBODY, 0, 0);
    expect_invalid(&request); /* no phase */
    request = errand_prepare(&errand, ERRAND_EVERYBODY, ERRAND_ALL, 0);
    request.routines[RENDEZVOUS_TEARDOWN] = (rendezvous_routine *)(uintptr_t)1;
    expect_invalid(&request); /* no code */
    request = errand_prepare(&errand, ERRAND_EVERYBODY, ERRAND_ALL, 600001);
    expect_invalid(&request); /* too long */
    for (unsigned i = 0; i <= MACHINE_PROCESSORS; i++) {
        check(errand.reports[i].part == RENDEZVOUS_NOT_ASKED);
    }
    errand.targets = 0;
    errand_check(&errand, RENDEZVOUS_INVALID);
    call_everybody();
}

static void what_cannot_be_is_invalid(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, ask_what_cannot_be);
}

/* ---- OFFLINE ---- */

static void expect_offline(struct errand *errand, enum rendezvous_status status)
{
    unsigned nobody = processor_count;

    check(status == RENDEZVOUS_OFFLINE);
    check(errand->reports[nobody].part == RENDEZVOUS_NOT_ONLINE);
    check(errand->reports[CALLER].part == RENDEZVOUS_NOT_ASKED);
    check(errand->reports[OTHER].part == RENDEZVOUS_NOT_ASKED);
    errand_check(errand, status);
}

static void ask_who_is_not_there(unsigned index)
{
    unsigned targets = ERRAND_EVERYBODY | 1u << processor_count;
    struct rendezvous_completion completion;
    struct errand errand;

    if (index != CALLER) {
        return;
    }
    struct rendezvous_request request = errand_prepare(&errand, targets, ERRAND_ALL, 0);
    expect_offline(&errand, rendezvous_call(&request));
    request = errand_prepare(&errand, targets, ERRAND_ALL, 0);
    check(rendezvous_begin(&request, &completion) == RENDEZVOUS_OFFLINE);
    expect_offline(&errand, rendezvous_test(&completion));
    call_everybody();
}

static void who_is_not_there_is_offline(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, ask_who_is_not_there);
}

/* ---- BUSY: another call does not end before the deadline ---- */

enum { BUSY_BEGINS, BUSY_HELD, BUSY_SEEN };

CHECK_ROUTINE hold_the_turn(uintptr_t argument)
{
    (void)argument;
    go_on(BUSY_HELD);
    await_stage(BUSY_SEEN);
    return 0;
}

static void call_while_it_is_held(void)
{
    struct rendezvous_completion completion;
    struct errand errand;

    await_stage(BUSY_HELD);
    struct rendezvous_request request = errand_prepare(&errand, 1u << CALLER, ERRAND_ALL, SHORT_MS);
    check(rendezvous_call(&request) == RENDEZVOUS_BUSY);
    check(rendezvous_begin(&request, &completion) == RENDEZVOUS_BUSY);
    check(rendezvous_test(&completion) == RENDEZVOUS_BUSY);
    check(errand.reports[CALLER].part == RENDEZVOUS_NOT_ASKED);
    errand.targets = 0;
    errand_check(&errand, RENDEZVOUS_BUSY);
    go_on(BUSY_SEEN);
}

static void hold_and_call(unsigned index)
{
    struct processor_set myself = { 0 };

    if (index == OTHER) {
        processor_set_add(&myself, OTHER);
        go_on(BUSY_BEGINS);
        check(rendezvous_call(&(struct rendezvous_request){
                  .targets = &myself, .routines = { [RENDEZVOUS_SETUP] = hold_the_turn } }) ==
              RENDEZVOUS_OK);
        call_everybody();
    } else {
        call_while_it_is_held();
        call_everybody();
    }
}

static void a_turn_that_does_not_come_is_busy(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, hold_and_call);
}

/* ---- ABSENT: a processor is deaf ---- */

enum { ABSENT_BEGINS, ABSENT_DEAF, ABSENT_SEEN, ABSENT_OVER };

static void be_deaf(void)
{
    arch_irql_write(IRQL_HIGH);
    go_on(ABSENT_DEAF);
    await_stage(ABSENT_SEEN);
    arch_irql_write(IRQL_PASSIVE); /* the doorbells that were held back come now */
    await_stage(ABSENT_OVER);
}

/* A processor that is not deaf arrives sooner or later. */
static bool expect_absent(struct errand *errand, enum rendezvous_status status, unsigned arrives)
{
    bool has_arrived = errand->reports[arrives].part == RENDEZVOUS_ARRIVED;

    check(status == RENDEZVOUS_ABSENT);
    check(errand->reports[OTHER].part == RENDEZVOUS_DID_NOT_COME);
    check(has_arrived || errand->reports[arrives].part == RENDEZVOUS_DID_NOT_COME);
    errand_check(errand, status);
    return has_arrived;
}

/* Calls, and has a member lead one call if it can: both withdraw at the barrier. */
static void call_the_deaf(unsigned targets, unsigned arrives)
{
    struct rendezvous_completion completion;
    bool have_arrived = false;

    for (unsigned i = 0; i < ATTEMPTS && !have_arrived; i++) {
        struct errand errand;
        struct rendezvous_request request =
            errand_prepare(&errand, targets, ERRAND_ALL, ARRIVING_MS);
        have_arrived = expect_absent(&errand, rendezvous_call(&request), arrives);
        request = errand_prepare(&errand, targets, ERRAND_ALL, ARRIVING_MS);
        check(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
        while (rendezvous_test(&completion) == RENDEZVOUS_PENDING) {
            arch_relax();
        }
        have_arrived &= expect_absent(&errand, rendezvous_test(&completion), arrives);
    }
    check(have_arrived);
}

/* No processor arrives: asking too late withdraws the call. */
static void post_to_the_deaf(void)
{
    struct rendezvous_completion completion;
    struct errand errand;
    struct rendezvous_request request = errand_prepare(&errand, 1u << OTHER, ERRAND_ALL, 1);

    check(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    while (rendezvous_test(&completion) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    check(rendezvous_test(&completion) == RENDEZVOUS_ABSENT);
    check(errand.reports[OTHER].part == RENDEZVOUS_DID_NOT_COME);
    errand_check(&errand, RENDEZVOUS_ABSENT);
}

/* Without the deaf processor calls work as usual. */
static void call_the_others(unsigned targets)
{
    struct errand errand;
    struct rendezvous_request request = errand_prepare(&errand, targets, ERRAND_ALL, 0);

    check(rendezvous_call(&request) == RENDEZVOUS_OK);
    errand_check(&errand, RENDEZVOUS_OK);
}

static void call_a_deaf_one(unsigned index)
{
    if (index == OTHER) {
        be_deaf();
    } else if (index == CALLER) {
        await_stage(ABSENT_DEAF);
        call_the_deaf(ERRAND_EVERYBODY, THIRD);
        call_the_others(ERRAND_EVERYBODY & ~(1u << OTHER));
        post_to_the_deaf();
        call_the_deaf(1u << OTHER | 1u << THIRD, THIRD);
        go_on(ABSENT_SEEN);
        call_everybody();
        go_on(ABSENT_OVER);
    }
}

static void who_is_deaf_is_absent(void **state)
{
    (void)state;
    check_on(3, CHECK_PATIENCE_MS, call_a_deaf_one);
}

/*
 * ---- STUCK: a routine does not return ----
 *
 * The argument stays in use, so it is static.
 */

enum { STUCK_BEGINS, STUCK_SEEN };

static _Atomic unsigned is_inside, action_ran;

/* One processor sticks once it is inside; the others leave when it is there. */
CHECK_ROUTINE stick(uintptr_t who)
{
    if (arch_processor()->index == who) {
        atomic_store_explicit(&is_inside, 1, memory_order_relaxed);
        await_stage(STUCK_SEEN);
    } else {
        check_await(&is_inside, 1);
    }
    return 0;
}

CHECK_ROUTINE act(uintptr_t argument)
{
    (void)argument;
    atomic_fetch_add(&action_ran, 1);
    return 0;
}

/* It leaves, and takes part in the next call. */
static void free_who_is_stuck(void)
{
    go_on(STUCK_SEEN);
    call_everybody();
    go_on(STUCK_BEGINS);
    atomic_store_explicit(&is_inside, 0, memory_order_relaxed);
}

/* `so_far`: the report on the processors that have finished the first phase. */
static void call_and_give_up(rendezvous_routine *action, enum rendezvous_part so_far)
{
    struct rendezvous_report reports[MACHINE_PROCESSORS];
    const struct rendezvous_request request = {
        .routines = { [RENDEZVOUS_SETUP] = stick, [RENDEZVOUS_ACTION] = action },
        .argument = OTHER,
        .reports = reports,
        .report_count = MACHINE_PROCESSORS
    };

    check(rendezvous_call(&request) == RENDEZVOUS_STUCK);
    check(reports[OTHER].part == RENDEZVOUS_UNFINISHED);
    check(reports[CALLER].part == so_far);
    check(reports[THIRD].part == so_far || reports[THIRD].part == RENDEZVOUS_UNFINISHED);
    check(atomic_load(&action_ran) == 0);
}

static void call_one_that_is_stuck(rendezvous_routine *action, enum rendezvous_part so_far)
{
    struct errand errand;

    call_and_give_up(action, so_far);
    struct rendezvous_request request =
        errand_prepare(&errand, ERRAND_EVERYBODY, ERRAND_ALL, SHORT_MS);
    check(rendezvous_call(&request) == RENDEZVOUS_ABSENT);
    check(errand.reports[OTHER].part == RENDEZVOUS_DID_NOT_COME);
    errand_check(&errand, RENDEZVOUS_ABSENT);
    call_the_others(ERRAND_EVERYBODY & ~(1u << OTHER));
    free_who_is_stuck();
}

static void call_those_that_stick(unsigned index)
{
    if (index == CALLER) {
        call_one_that_is_stuck(NULL, RENDEZVOUS_FINISHED);
        call_one_that_is_stuck(act, RENDEZVOUS_CUT_SHORT);
    }
}

static void who_does_not_return_is_stuck(void **state)
{
    (void)state;
    check_on(3, STUCK_MS, call_those_that_stick);
}

/* A call without a waiting caller is STUCK when its leader does not return; later it ends. */
static void post_and_ask(unsigned index)
{
    struct rendezvous_completion completion;
    struct processor_set other = { 0 };

    if (index != CALLER) {
        return;
    }
    processor_set_add(&other, OTHER);
    check(rendezvous_begin(
              &(struct rendezvous_request){
                  .targets = &other, .routines = { stick }, .argument = OTHER, .timeout_ms = 1 },
              &completion) == RENDEZVOUS_PENDING);
    check_await(&is_inside, 1); /* before that, asking would withdraw it */
    while (rendezvous_test(&completion) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    check(rendezvous_test(&completion) == RENDEZVOUS_STUCK);
    free_who_is_stuck();
    check(rendezvous_test(&completion) == RENDEZVOUS_OK);
}

static void a_leader_that_does_not_return_is_stuck(void **state)
{
    (void)state;
    check_on(2, OVERDUE_MS, post_and_ask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_is_invalid),
        cmocka_unit_test(who_is_not_there_is_offline),
        cmocka_unit_test(a_turn_that_does_not_come_is_busy),
        cmocka_unit_test(who_is_deaf_is_absent),
        cmocka_unit_test(who_does_not_return_is_stuck),
        cmocka_unit_test(a_leader_that_does_not_return_is_stuck),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
