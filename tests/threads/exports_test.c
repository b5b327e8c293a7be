/* SPDX-License-Identifier: MIT */
/*
 * The documented routines built on the rendezvous, on threads: calls while spin locks are held and
 * awaited, with interrupts enabled and disabled (contract C1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "tests/threads/check.h"

#define CALLS 60 /* by each processor: each way to hold a lock, many times over */

static uintptr_t call_as_a_driver(arch_worker *worker, uintptr_t argument)
{
    check(KeGetCurrentIrql() == arch_irql());
    return KeIpiGenericCall((PKIPI_BROADCAST_WORKER)(uintptr_t)worker, argument);
}

static KSPIN_LOCK lock;
static unsigned guarded; /* by the lock: a plain word, so that ThreadSanitizer sees each misuse */

static void call_in_the_section(void)
{
    guarded++;
    check_call(call_as_a_driver);
    guarded++;
}

static void call_at_dispatch_level(void)
{
    KIRQL irql;

    KeAcquireSpinLock(&lock, &irql);
    call_in_the_section();
    KeReleaseSpinLock(&lock, irql);
}

static void call_at_clock_level(void)
{
    KIRQL irql;

    KeRaiseIrql(CLOCK_LEVEL, &irql);
    KeAcquireSpinLockAtDpcLevel(&lock);
    call_in_the_section();
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeLowerIrql(irql);
}

static void call_queued(void)
{
    KLOCK_QUEUE_HANDLE handle;

    KeAcquireInStackQueuedSpinLock(&lock, &handle);
    call_in_the_section();
    KeReleaseInStackQueuedSpinLock(&handle);
}

static void call_holding_the_lock(unsigned index)
{
    static void (*const ways[])(void) = { call_at_dispatch_level, call_at_clock_level,
                                          call_queued };

    for (unsigned i = 0; i < CALLS; i++) {
        unsigned way = i + index; /* neighbours differ */
        if (way % 2 == 1) {
            arch_interrupts_disable();
        }
        ways[way % 3]();
        arch_interrupts_enable();
        check(arch_irql() == IRQL_PASSIVE);
    }
}

static unsigned calls_of_all(unsigned processors)
{
    return processors * CALLS;
}

static void calls_pass_waits_for_locks(void **state)
{
    (void)state;
    check_on_machines(call_holding_the_lock, calls_of_all);
    assert_int_not_equal(guarded, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(calls_pass_waits_for_locks) };
    return cmocka_run_group_tests_name("exports", tests, NULL, NULL);
}
