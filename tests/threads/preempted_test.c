/* SPDX-License-Identifier: MIT */
/*
 * A preemptive kernel: below DISPATCH_LEVEL it may move a caller to another processor at any
 * instruction. That matters where the caller has just asked which processor it is on, and where it
 * is about to raise the IRQL (machine_preempt). So each test does the same thing again and again,
 * moved at the first of these points, then at the second, until there are no more.
 *
 * Two threads exchange their processors for that: the traveller, which calls, and the relief, which
 * does what the test prescribes on the processor that the traveller has left:
 *
 *   traveller   at the point: EXCHANGE, and is now on the other processor
 *   relief      on the processor left: creates the situation to be tested, then READY
 *   traveller   goes on from the same point, to the end: ARRIVED
 *   relief      is done: AT_HOME, and the next may begin
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/check.h"

/* The short version, included next to the other one, which has the same name. */
#define rendezvous_run_everywhere run_everywhere_in_short
#include "tests/threads/everywhere.c"
#undef rendezvous_run_everywhere

#define TRAVELLER 0
#define RELIEF    1

/* ---- the two threads ---- */

enum stage { AT_HOME, EXCHANGE, READY, ARRIVED, OVER };

static _Atomic unsigned stage;
static void (*do_meanwhile)(void); /* the test's; it ends with READY or soon after */

static void go_on(enum stage next)
{
    atomic_store_explicit(&stage, next, memory_order_release);
}

static void await_stage(enum stage wanted)
{
    check_await(&stage, wanted);
    (void)atomic_load_explicit(&stage, memory_order_acquire);
}

static unsigned other_processor(void)
{
    return arch_processor()->index == 0 ? 1 : 0;
}

static void relieve(void)
{
    for (;;) {
        enum stage now = (enum stage)atomic_load_explicit(&stage, memory_order_acquire);
        if (now == OVER) {
            go_on(AT_HOME); /* for the next run */
            return;
        }
        if (now == EXCHANGE) {
            machine_exchange(other_processor());
            do_meanwhile();
            await_stage(ARRIVED);
            go_on(AT_HOME);
        }
        arch_relax();
    }
}

/* ---- the traveller's points ---- */

static unsigned points, wanted_point;

static void pass_point(void)
{
    if (points++ == wanted_point) {
        machine_preempt = NULL; /* once is enough */
        go_on(EXCHANGE);
        machine_exchange(other_processor());
        await_stage(READY);
    }
}

/* The traveller is moved once between these two calls. */
static void set_out(void)
{
    points = 0;
    machine_preempt = pass_point;
}

static void arrive(void)
{
    machine_preempt = NULL;
    if (points > wanted_point) {
        go_on(ARRIVED);
        await_stage(AT_HOME);
    }
}

/* `journey` sets out and arrives. */
static void move_at_each_point(void (*journey)(void))
{
    wanted_point = 0;
    do {
        journey();
    } while (points > wanted_point++);
    check(wanted_point > 1); /* there was at least one point */
}

/* The test: each thread's program. */
static void (*const *journeys)(void); /* ends with NULL */

static void travel(unsigned index)
{
    if (index == RELIEF) {
        relieve();
    } else if (index == TRAVELLER) {
        for (unsigned i = 0; journeys[i] != NULL; i++) {
            move_at_each_point(journeys[i]);
        }
        go_on(OVER);
    }
}

static void run_journeys(void (*const list[])(void), void (*meanwhile)(void))
{
    static const unsigned sizes[] = { 2, 3, MACHINE_PROCESSORS };

    journeys = list;
    do_meanwhile = meanwhile;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_on(sizes[i], CHECK_PATIENCE_MS, travel);
    }
}

/* ---- each way of calling everybody ---- */

static uintptr_t everywhere(arch_worker *worker, uintptr_t argument)
{
    set_out();
    uintptr_t returned = rendezvous_run_everywhere(worker, argument);
    arrive();
    return returned;
}

static uintptr_t everywhere_in_short(arch_worker *worker, uintptr_t argument)
{
    set_out();
    uintptr_t returned = run_everywhere_in_short(worker, argument);
    arrive();
    return returned;
}

static uintptr_t by_request(arch_worker *worker, uintptr_t argument)
{
    struct rendezvous_report reports[MACHINE_PROCESSORS];
    struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = worker },
                                          .argument = argument,
                                          .reports = reports,
                                          .report_count = MACHINE_PROCESSORS };

    set_out();
    enum rendezvous_status status = rendezvous_call(&request);
    arrive();
    check(status == RENDEZVOUS_OK);
    return reports[arch_processor()->index].returned;
}

static void await_completion(struct rendezvous_completion *completion)
{
    enum rendezvous_status status;

    while ((status = rendezvous_test(completion)) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    check(status == RENDEZVOUS_OK);
}

static uintptr_t without_waiting(arch_worker *worker, uintptr_t argument)
{
    struct rendezvous_report reports[MACHINE_PROCESSORS];
    struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = worker },
                                          .argument = argument,
                                          .reports = reports,
                                          .report_count = MACHINE_PROCESSORS };
    struct rendezvous_completion completion;

    set_out();
    (void)rendezvous_begin(&request, &completion);
    arrive();
    await_completion(&completion);
    return reports[arch_processor()->index].returned;
}

static void call_everywhere(void)
{
    check_call(everywhere);
}

static void call_everywhere_in_short(void)
{
    check_call(everywhere_in_short);
}

static void call_by_request(void)
{
    check_call(by_request);
}

static void call_without_waiting(void)
{
    check_call(without_waiting);
}

static void (*const calls[])(void) = { call_everywhere, call_everywhere_in_short, call_by_request,
                                       call_without_waiting, NULL };

/* ---- a moved caller calls from its new processor ---- */

static void nothing_happens(void)
{
    go_on(READY);
}

static void a_call_is_made_from_where_its_caller_is(void **state)
{
    (void)state;
    run_journeys(calls, nothing_happens);
}

/*
 * ---- the processor left may be in a routine, but the caller is in none (B1) ----
 *
 * The routine lasts until the caller queues for its turn, on the seat of its present processor.
 */

CHECK_ROUTINE keep_the_turn(uintptr_t elsewhere)
{
    go_on(READY);
    check_await(&processors[elsewhere]->seat.turn, TURN_WANTED);
    return 0;
}

static void a_routine_runs_here(void)
{
    struct processor_set here = { 0 };

    processor_set_add(&here, arch_processor()->index);
    check(rendezvous_call(
              &(struct rendezvous_request){ .targets = &here,
                                            .routines = { [RENDEZVOUS_ACTION] = keep_the_turn },
                                            .argument = other_processor() }) == RENDEZVOUS_OK);
}

static void a_caller_is_not_in_the_routine_of_where_it_was(void **state)
{
    (void)state;
    run_journeys(calls, a_routine_runs_here);
}

/* ---- a poll serves the present processor, not the one that was left ---- */

static void poll(void)
{
    set_out();
    rendezvous_poll();
    arrive();
}

CHECK_ROUTINE check_is_here(uintptr_t here)
{
    check(arch_processor()->index == here);
    return 0;
}

/* A call waits here until the other processor has arrived. */
static void a_call_comes_here(void)
{
    struct processor_set here = { 0 };
    struct rendezvous_completion completion;

    processor_set_add(&here, arch_processor()->index);
    arch_interrupts_disable();
    (void)rendezvous_begin(
        &(struct rendezvous_request){ .targets = &here,
                                      .routines = { [RENDEZVOUS_ACTION] = check_is_here },
                                      .argument = arch_processor()->index },
        &completion);
    go_on(READY);
    await_stage(ARRIVED);
    arch_interrupts_enable();
    await_completion(&completion);
}

static void who_polls_does_its_own_part(void **state)
{
    static void (*const ways[])(void) = { poll, NULL };

    (void)state;
    run_journeys(ways, a_call_comes_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_made_from_where_its_caller_is),
        cmocka_unit_test(a_caller_is_not_in_the_routine_of_where_it_was),
        cmocka_unit_test(who_polls_does_its_own_part),
    };
    return cmocka_run_group_tests_name("preempted", tests, NULL, NULL);
}
