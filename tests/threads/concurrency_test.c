/* SPDX-License-Identifier: MIT */
/* Contract C on threads: all processors call at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/rendezvous/wait.h"
#include "tests/threads/check.h"

#define CALLS 96 /* by each processor: every way to call, many times over */

static unsigned calls_of_all(unsigned processors)
{
    return processors * CALLS;
}

/* ---- C1, K3, K5: from any level, with interrupts enabled or not ---- */

static void call_in_every_way(unsigned index)
{
    static const unsigned levels[] = { IRQL_PASSIVE, IRQL_DISPATCH, IRQL_CLOCK };

    for (unsigned i = 0; i < CALLS; i++) {
        unsigned way = i + index; /* neighbours differ */
        arch_irql_write(levels[way % 3]);
        if (way / 3 % 2 == 1) {
            arch_interrupts_disable();
        }
        check_call(rendezvous_run_everywhere);
        arch_interrupts_enable();
        arch_irql_write(IRQL_PASSIVE);
    }
}

static void all_call_at_once(void **state)
{
    (void)state;
    check_on_machines(call_in_every_way, calls_of_all);
}

/*
 * ---- a free turn orders like one that is handed over ----
 *
 * The callers follow each other by a relaxed word, so only the turn orders them.
 */

static _Atomic unsigned whose_call;

static void call_one_after_another(unsigned index)
{
    for (unsigned i = 0; i < CALLS; i++) {
        check_await(&whose_call, i * processor_count + index);
        check_call(rendezvous_run_everywhere);
        atomic_fetch_add_explicit(&whose_call, 1, memory_order_relaxed);
    }
    if (index == processor_count - 1) {
        atomic_store_explicit(&whose_call, 0, memory_order_relaxed);
    }
}

static void callers_follow_each_other(void **state)
{
    (void)state;
    check_on_machines(call_one_after_another, calls_of_all);
}

/*
 * ---- a sleeper is woken ----
 *
 * One processor is late for a call, and one for its end, by far more passes than a waiter spins:
 * where waiters halt, all others sleep by then. A lost wake-up costs an eighth of the patience, so
 * the test would take hours.
 */

#define LATE_TURNS (4 * WAIT_RELAXED_PASSES)
#define LATE_CALLS 12 /* by each processor */

static void dally(void)
{
    for (unsigned i = 0; i < LATE_TURNS; i++) {
        arch_relax();
    }
}

CHECK_ROUTINE leave_late(uintptr_t who)
{
    if (arch_processor()->index == who) {
        dally();
    }
    return 0;
}

static void arrive_and_leave_late(unsigned index)
{
    for (unsigned i = 0; i < LATE_CALLS; i++) {
        arch_interrupts_disable();
        dally();
        arch_interrupts_enable();
        rendezvous_run_everywhere(leave_late, (index + i) % processor_count);
    }
}

static unsigned late_calls_of_all(unsigned processors)
{
    return processors * LATE_CALLS;
}

static void sleepers_are_woken(void **state)
{
    (void)state;
    check_on_machines(arrive_and_leave_late, late_calls_of_all);
}

/* ---- C5: a needless doorbell changes nothing ---- */

static void ring_and_call(unsigned index)
{
    for (unsigned i = 0; i < CALLS; i++) {
        struct processor_set all = processors_online;
        processor_set_remove(&all, index);
        arch_ring_doorbell(&all);
        check_call(rendezvous_run_everywhere);
        arch_ring_doorbell(&all);
    }
}

static void needless_doorbells_are_harmless(void **state)
{
    (void)state;
    check_on_machines(ring_and_call, calls_of_all);
}

/*
 * ---- C2: no processor is overtaken twice by the same one ----
 *
 * Counted in generations: each routine checks which processors have posted. With interrupts
 * disabled a caller can only have arrived by polling, in its wait for the turn, so a turn seen as
 * posted is queued by then; from the next generation on every other call overtakes it. The words
 * below are plain: only the routine on the caller's processor touches them, one call at a time.
 */

static unsigned overtaken[MACHINE_PROCESSORS][MACHINE_PROCESSORS]; /* [waiter][overtaker] */
static bool waits[MACHINE_PROCESSORS];

static void look_who_waits(unsigned caller)
{
    waits[caller] = false;
    memset(overtaken[caller], 0, sizeof(overtaken[caller]));
    for (unsigned p = 0; p < processor_count; p++) {
        if (waits[p]) {
            overtaken[p][caller]++;
            check(overtaken[p][caller] <= 1);
        }
        waits[p] = p != caller && atomic_load_explicit(&processors[p]->seat.turn,
                                                       memory_order_relaxed) == TURN_WANTED;
    }
}

CHECK_ROUTINE count_overtaking(uintptr_t caller)
{
    if (arch_processor()->index == caller) {
        look_who_waits((unsigned)caller);
    }
    return 0;
}

static void call_deaf(unsigned index)
{
    arch_interrupts_disable();
    for (unsigned i = 0; i < CALLS; i++) {
        rendezvous_run_everywhere(count_overtaking, index);
    }
    arch_interrupts_enable();
}

static void nobody_is_overtaken_twice(void **state)
{
    (void)state;
    memset(waits, 0, sizeof(waits));
    check_on_machines(call_deaf, calls_of_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_call_at_once),
        cmocka_unit_test(callers_follow_each_other),
        cmocka_unit_test(sleepers_are_woken),
        cmocka_unit_test(needless_doorbells_are_harmless),
        cmocka_unit_test(nobody_is_overtaken_twice),
    };
    return cmocka_run_group_tests_name("concurrency", tests, NULL, NULL);
}
