/* SPDX-License-Identifier: MIT */
/*
 * Callers that hold locks or are interrupted, and doorbells without a call: clauses C1, C5 and the
 * spin lock routines.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/windows/spinlock.h"
#include "tests/kernel/counting.h"
#include "tests/kernel/suite.h"

/* ---- C1: locks around calls ---- */

static KSPIN_LOCK lock;
static unsigned guarded;

/* All processors want the lock; the holder calls. The waiters must take part while they wait. */
static void call_under_lock(void *argument)
{
    bool interrupts = *(bool *)argument;
    unsigned calls = counting_calls_each() / 8 + 1;

    for (unsigned i = 0; i < calls; i++) {
        KIRQL old_irql;
        if (!interrupts) {
            arch_interrupts_disable();
        }
        KeAcquireSpinLock(&lock, &old_irql);
        CHECK(arch_irql() == DISPATCH_LEVEL); /* even after a wait that took part in calls */
        CHECK(arch_interrupts_enabled() == interrupts);
        guarded++;
        KeIpiGenericCall(counting_worker, 0);
        KeReleaseSpinLock(&lock, old_irql);
        arch_interrupts_enable();
    }
}

static void run_under_lock(bool interrupts)
{
    unsigned expected = (counting_calls_each() / 8 + 1) * processor_count;

    KeInitializeSpinLock(&lock);
    guarded = 0;
    counting_clear();
    suite_run_everywhere(call_under_lock, &interrupts);
    CHECK(guarded == expected);
    counting_check(expected);
}

static void test_call_under_lock(void)
{
    run_under_lock(true);
}

static void test_call_under_lock_masked(void)
{
    run_under_lock(false);
}

/* ---- C1: a caller at PASSIVE_LEVEL, interrupted by a handler that calls too ---- */

static _Atomic unsigned handler_calls;

static void call_from_handler(void)
{
    KeIpiGenericCall(counting_worker, 0);
    atomic_fetch_add(&handler_calls, 1);
}

static void call_and_be_interrupted(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < 4; i++) {
        arch_request_interrupt(CLOCK_LEVEL);
        KeIpiGenericCall(counting_worker, 0);
    }
}

static void test_calls_from_handlers(void)
{
    atomic_store(&handler_calls, 0);
    counting_clear();
    arch_connect_interrupt(CLOCK_LEVEL, call_from_handler);
    suite_run_everywhere(call_and_be_interrupted, NULL);
    KeIpiGenericCall(counting_worker, 0); /* a last call: all handlers have run when it returns */
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
    uint64_t total = 4ull * processor_count + atomic_load(&handler_calls) + 1;
    counting_check(total);
    CHECK(atomic_load(&handler_calls) >= processor_count); /* requests may merge, not get lost */
}

/* ---- C1: no handler of a processor that queues for its turn runs on that processor ---- */

static _Atomic bool in_first_call, queued_timer_fired, fired_while_queued;

static bool is_queued(unsigned processor)
{
    return atomic_load(&processors[processor]->seat.turn) == TURN_WANTED;
}

static void note_timer_of_queued(void)
{
    if (is_queued(arch_processor()->index)) {
        atomic_store(&fired_while_queued, true);
    }
    atomic_store(&queued_timer_fired, true);
}

/* The timer expires while this processor waits for the turn. */
static void queue_with_timer(void *argument)
{
    (void)argument;
    while (!atomic_load(&in_first_call)) {
        arch_relax();
    }
    arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms());
    KeIpiGenericCall(counting_worker, 0);
}

/* On the caller: keeps the turn until the other processor has queued and its timer has expired. */
static ULONG_PTR NTAPI keep_the_turn(ULONG_PTR caller)
{
    if (arch_processor()->index == caller) {
        atomic_store(&in_first_call, true);
        while (!is_queued(1) && !atomic_load(&queued_timer_fired)) {
            arch_relax();
        }
        uint64_t began_ticks = arch_ticks();
        while (arch_ticks() - began_ticks < 5 * arch_ticks_per_ms()) {
            arch_relax();
        }
    }
    return 0;
}

static void test_no_handler_while_queued(void)
{
    if (processor_count == 1) {
        suite_skip("there is no other processor to queue");
        return;
    }
    atomic_store(&in_first_call, false);
    atomic_store(&queued_timer_fired, false);
    atomic_store(&fired_while_queued, false);
    arch_connect_interrupt(CLOCK_LEVEL, note_timer_of_queued);
    work_post(1, queue_with_timer, NULL);
    KeIpiGenericCall(keep_the_turn, arch_processor()->index);
    work_await(1);
    while (!atomic_load(&queued_timer_fired)) {
        arch_relax();
    }
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
    CHECK(!atomic_load(&fired_while_queued));
}

/* ---- C5: the doorbell is only a doorbell ---- */

static void others_of(struct processor_set *set)
{
    *set = processors_online;
    processor_set_remove(set, arch_processor()->index);
}

static ULONG_PTR NTAPI ring_from_worker(ULONG_PTR argument)
{
    struct processor_set others;
    others_of(&others);
    arch_ring_doorbell(&others);
    return counting_worker(argument);
}

static void test_spurious_doorbells(void)
{
    struct processor_set others;

    others_of(&others);
    counting_clear();
    for (unsigned i = 0; i < 50; i++) {
        arch_ring_doorbell(&others); /* no call is pending */
    }
    counting_check(0);
    for (unsigned i = 0; i < 10; i++) {
        arch_ring_doorbell(&others); /* merges with the call's own, or arrives late */
        KeIpiGenericCall(counting_worker, 0);
        arch_ring_doorbell(&others);
    }
    counting_check(10);
}

static void test_doorbells_in_worker(void)
{
    unsigned calls = processor_count > 16 ? 2 : 10; /* each sends N * (N - 1) doorbells */
    counting_clear();
    for (unsigned i = 0; i < calls; i++) {
        KeIpiGenericCall(ring_from_worker, 0);
    }
    counting_check(calls);
    KeIpiGenericCall(counting_worker, 0);
    counting_check(calls + 1);
}

/* ---- spin locks alone ---- */

static void count_under_lock(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < counting_calls_each(); i++) {
        KIRQL old_irql;
        KeAcquireSpinLock(&lock, &old_irql);
        CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
        unsigned value = *(volatile unsigned *)&guarded;
        arch_relax();
        *(volatile unsigned *)&guarded = value + 1;
        KeReleaseSpinLock(&lock, old_irql);
        CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    }
}

static void test_mutual_exclusion(void)
{
    KeInitializeSpinLock(&lock);
    guarded = 0;
    suite_run_everywhere(count_under_lock, NULL);
    CHECK(guarded == counting_calls_each() * processor_count);
}

static void test_lock_forms(void)
{
    KLOCK_QUEUE_HANDLE handle;
    KIRQL old_irql = KeRaiseIrqlToDpcLevel();

    KeInitializeSpinLock(&lock);
    CHECK(KeTestSpinLock(&lock));
    KeAcquireSpinLockAtDpcLevel(&lock);
    CHECK(!KeTestSpinLock(&lock));
    CHECK(!KeTryToAcquireSpinLockAtDpcLevel(&lock));
    KeReleaseSpinLockFromDpcLevel(&lock);
    CHECK(KeTryToAcquireSpinLockAtDpcLevel(&lock));
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeLowerIrql(old_irql);
    KeAcquireInStackQueuedSpinLock(&lock, &handle);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && !KeTestSpinLock(&lock));
    KeReleaseInStackQueuedSpinLock(&handle);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && KeTestSpinLock(&lock));
}

/* ---- a contended lock ---- */

#define HURRY_MS  10   /* a waiter's patience with one holder is then a third of a second */
#define HANDED_MS 1000 /* how long it waits */

static struct spinlock handed;
static _Atomic bool wants, has_had;

static void take_handed(void *argument)
{
    (void)argument;
    unsigned old_irql = irql_raise(IRQL_DISPATCH);
    atomic_store(&wants, true);
    spinlock_acquire(&handed);
    spinlock_release(&handed);
    irql_lower(old_irql);
    atomic_store(&has_had, true);
}

/* Two processors pass the lock back and forth, and it is never seen free: neither is stuck. */
static void hand_to_and_fro(uint64_t until_ticks)
{
    for (uintptr_t owner = 1; arch_ticks() < until_ticks; owner = 3 - owner) {
        atomic_store(&handed.owner, owner);
        arch_relax();
    }
}

static void test_handed_on(void)
{
    uint32_t patience_ms = patience_get_ms();

    if (processor_count < 2) {
        suite_skip("there is no other processor to wait");
        return;
    }
    atomic_store(&wants, false);
    atomic_store(&has_had, false);
    CHECK(spinlock_try_acquire(&handed));
    (void)work_post(processor_count - 1, take_handed, NULL);
    while (!atomic_load(&wants)) {
        arch_relax();
    }
    patience_set_ms(HURRY_MS);
    hand_to_and_fro(arch_ticks() + HANDED_MS * arch_ticks_per_ms());
    patience_set_ms(patience_ms);
    CHECK(!atomic_load(&has_had));
    spinlock_release(&handed);
    work_await(processor_count - 1);
    CHECK(atomic_load(&has_had));
}

const struct suite_case concurrency_cases[] = {
    { "C1 callers that hold a spin lock which the others wait for", test_call_under_lock },
    { "C1 the same with the waiters' interrupts off", test_call_under_lock_masked },
    { "C1 handlers that interrupt callers and make calls", test_calls_from_handlers },
    { "C1 no handler runs on a processor that queues for its turn", test_no_handler_while_queued },
    { "C5 doorbells with no call, before one and after one", test_spurious_doorbells },
    { "C5 K4 doorbells rung from inside workers", test_doorbells_in_worker },
    { "spin locks exclude each other, at DISPATCH_LEVEL", test_mutual_exclusion },
    { "a processor that waits for a spin lock which changes hands is patient", test_handed_on },
    { "spin locks: AtDpcLevel, try, test and in-stack forms", test_lock_forms },
    { NULL, NULL },
};
