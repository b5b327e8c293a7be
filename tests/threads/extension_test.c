/* SPDX-License-Identifier: MIT */
/*
 * Contract X on threads: calls of chosen processors, in phases, with the caller waiting or not.
 * Calls that fail are in status_test.c.
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

#define CALLS       40 /* by each processor */
#define STORM_CALLS 70 /* by each processor: each way of calling from each level, several times */
#define TIGHT_MS    1  /* a deadline that may pass */

/* ---- any subset of the processors, with the caller and without it ---- */

static enum rendezvous_status call(unsigned targets, unsigned phases, uint32_t timeout_ms)
{
    struct errand errand;
    struct rendezvous_request request = errand_prepare(&errand, targets, phases, timeout_ms);
    bool enabled = arch_interrupts_enabled();
    unsigned irql = arch_irql();

    enum rendezvous_status status = rendezvous_call(&request);
    check(arch_irql() == irql);
    check(arch_interrupts_enabled() == enabled);
    memset(&request, 0xdd, sizeof(request));
    errand_check(&errand, status);
    return status;
}

static void call_every_subset(unsigned index)
{
    for (unsigned targets = 0; index == 0 && targets <= ERRAND_EVERYBODY; targets++) {
        check(call(targets, ERRAND_ACTION, 0) == RENDEZVOUS_OK);
    }
}

static unsigned one_for_each_subset(unsigned processors)
{
    return (1u << processors) - 1; /* an empty set is never called */
}

static void exactly_the_targets_run(void **state)
{
    (void)state;
    check_on_machines(call_every_subset, one_for_each_subset);
}

/* ---- phases: none begins before the previous one is over everywhere ---- */

static void call_in_phases(unsigned index)
{
    for (unsigned phases = 1; phases <= ERRAND_ALL; phases++) {
        check(call(1u << index, phases, 0) == RENDEZVOUS_OK);
        check(call(ERRAND_EVERYBODY, phases, CHECK_PATIENCE_MS) == RENDEZVOUS_OK);
    }
}

static unsigned two_for_each_selection(unsigned processors)
{
    return 2 * ERRAND_ALL * processors;
}

static void phases_follow_each_other(void **state)
{
    (void)state;
    check_on_machines(call_in_phases, two_for_each_selection);
}

/*
 * ---- calls without a waiting caller ----
 *
 * Each call's request dies at once; its argument, reports and completion die when it is over.
 */

static enum rendezvous_status await(struct rendezvous_completion *completion)
{
    enum rendezvous_status status = RENDEZVOUS_PENDING;

    while (status == RENDEZVOUS_PENDING) {
        arch_relax();
        status = rendezvous_test(completion);
    }
    return status;
}

static enum rendezvous_status begin_and_await(unsigned targets, unsigned phases,
                                              uint32_t timeout_ms)
{
    struct rendezvous_completion completion;
    struct errand errand;
    struct rendezvous_request request = errand_prepare(&errand, targets, phases, timeout_ms);

    enum rendezvous_status begun = rendezvous_begin(&request, &completion);
    memset(&request, 0xdd, sizeof(request));
    enum rendezvous_status status = await(&completion);
    check(begun == RENDEZVOUS_PENDING || begun == status);
    memset(&completion, 0xdd, sizeof(completion));
    errand_check(&errand, status);
    return status;
}

/* Everybody, the others (none, on one processor), the next one, or the caller alone. */
static unsigned some_targets(unsigned index, unsigned way)
{
    const unsigned targets[] = { ERRAND_EVERYBODY, ERRAND_EVERYBODY & ~(1u << index),
                                 1u << (index + 1) % processor_count, 1u << index };
    return targets[way % 4];
}

static void call_without_waiting(unsigned index)
{
    for (unsigned i = 0; i < CALLS; i++) {
        if (i / 4 % 2 == 1) {
            arch_interrupts_disable(); /* takes part by asking */
        }
        unsigned targets = some_targets(index, i);
        check(begin_and_await(targets, 1 + i % ERRAND_ALL, 0) == RENDEZVOUS_OK);
        arch_interrupts_enable();
    }
}

static unsigned calls_without_waiting(unsigned processors)
{
    return processors == 1 ? CALLS - CALLS / 4 : CALLS * processors;
}

static void nobody_waits(void **state)
{
    (void)state;
    check_on_machines(call_without_waiting, calls_without_waiting);
}

/*
 * ---- a call begun by one processor and queried by another ----
 *
 * Each has a call of its own in progress when it asks for its neighbour's. The processor that asked
 * checks the errand: only the completion carries the errand's data.
 */

static struct handed_over {
    struct rendezvous_completion completion;
    struct errand errand;
    _Atomic unsigned turn; /* release: begun, or asked for */
} handed_over[MACHINE_PROCESSORS];

static void begin_for_another(struct handed_over *mine, unsigned targets)
{
    struct rendezvous_request request = errand_prepare(&mine->errand, targets, ERRAND_ALL, 0);
    check(rendezvous_begin(&request, &mine->completion) == RENDEZVOUS_PENDING);
}

static void begin_and_ask_for_another(unsigned index)
{
    struct handed_over *mine = &handed_over[index];
    struct handed_over *other = &handed_over[(index + 1) % processor_count];

    for (unsigned i = 0; i < CALLS; i++) {
        check_await(&mine->turn, 2 * i);
        atomic_thread_fence(memory_order_acquire);
        (void)atomic_load_explicit(&mine->turn, memory_order_acquire);
        begin_for_another(mine, 1u << i % processor_count | 1u << index);
        atomic_store_explicit(&mine->turn, 2 * i + 1, memory_order_release);
        check_await(&other->turn, 2 * i + 1);
        (void)atomic_load_explicit(&other->turn, memory_order_acquire);
        check(await(&other->completion) == RENDEZVOUS_OK);
        errand_check(&other->errand, RENDEZVOUS_OK);
        atomic_store_explicit(&other->turn, 2 * i + 2, memory_order_release);
    }
    check_await(&mine->turn, 2 * CALLS);
    atomic_store_explicit(&mine->turn, 0, memory_order_relaxed);
}

static unsigned calls_of_all(unsigned processors)
{
    return CALLS * processors;
}

static void anybody_may_ask(void **state)
{
    (void)state;
    check_on_machines(begin_and_ask_for_another, calls_of_all);
}

/*
 * ---- all ways of calling at once, some with deadlines that may pass ----
 *
 * A call whose deadline passes is BUSY or ABSENT, and has run nowhere; any other is OK.
 */

static bool may_come_of_a_deadline(enum rendezvous_status status)
{
    return status == RENDEZVOUS_OK || status == RENDEZVOUS_BUSY || status == RENDEZVOUS_ABSENT;
}

static void call_some_way(unsigned index, unsigned way)
{
    unsigned targets = some_targets(index, way / 5);
    unsigned phases = 1 + way % ERRAND_ALL;

    switch (way % 5) {
    case 0:
        check_call(rendezvous_run_everywhere);
        break;
    case 1:
        check(call(targets, phases, 0) == RENDEZVOUS_OK);
        break;
    case 2:
        check(begin_and_await(targets, phases, 0) == RENDEZVOUS_OK);
        break;
    case 3:
        check(may_come_of_a_deadline(call(targets, phases, TIGHT_MS)));
        break;
    default:
        check(may_come_of_a_deadline(begin_and_await(targets, phases, TIGHT_MS)));
    }
}

static void call_in_all_ways(unsigned index)
{
    static const unsigned levels[] = { IRQL_PASSIVE, IRQL_DISPATCH, IRQL_CLOCK };

    for (unsigned i = 0; i < STORM_CALLS; i++) {
        arch_irql_write(levels[i % 3]);
        if ((i + index) % 2 == 1) {
            arch_interrupts_disable();
        }
        call_some_way(index, i + index);
        arch_interrupts_enable();
        arch_irql_write(IRQL_PASSIVE);
    }
}

static void all_ways_at_once(void **state)
{
    (void)state;
    check_on(2, CHECK_PATIENCE_MS, call_in_all_ways);
    check_on(3, CHECK_PATIENCE_MS, call_in_all_ways);
    check_on(MACHINE_PROCESSORS, CHECK_PATIENCE_MS, call_in_all_ways);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_targets_run),
        cmocka_unit_test(phases_follow_each_other),
        cmocka_unit_test(nobody_waits),
        cmocka_unit_test(anybody_may_ask),
        cmocka_unit_test(all_ways_at_once),
    };
    return cmocka_run_group_tests_name("extension", tests, NULL, NULL);
}
