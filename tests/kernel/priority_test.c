/* SPDX-License-Identifier: MIT */
/*
 * IRQL and the interrupts that it holds back: clauses P1, P2, P3.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "tests/kernel/suite.h"

static void test_irql_is_cr8(void)
{
    for (unsigned irql = PASSIVE_LEVEL; irql <= HIGH_LEVEL; irql++) {
        KIRQL old_irql;
        KeRaiseIrql((KIRQL)irql, &old_irql);
        CHECK(old_irql == PASSIVE_LEVEL);
        CHECK(KeGetCurrentIrql() == irql);
        CHECK(__readcr8() == irql);
        KeLowerIrql(old_irql);
        CHECK(__readcr8() == PASSIVE_LEVEL);
    }
}

static void test_irql_forms(void)
{
    KIRQL first = KeRaiseIrqlToDpcLevel();
    KIRQL second = KeRaiseIrqlToSynchLevel();
    CHECK(first == PASSIVE_LEVEL && second == DISPATCH_LEVEL);
    CHECK(__readcr8() == 12);
    KeLowerIrql(second);
    __writecr8(CLOCK_LEVEL); /* a driver may write the register itself */
    CHECK(KeGetCurrentIrql() == CLOCK_LEVEL);
    KeLowerIrql(first);
}

/* ---- P2: interrupts of a class wait for an IRQL below it ---- */

static _Atomic unsigned interrupts[16];
static unsigned irql_in_handler;

static void count_interrupt(void)
{
    irql_in_handler = arch_irql();
    atomic_fetch_add(&interrupts[irql_in_handler & 15], 1);
}

static void request_and_lower(unsigned irql)
{
    atomic_store(&interrupts[irql], 0);
    unsigned old_irql = irql_set(irql);
    arch_request_interrupt(irql);
    for (unsigned i = 0; i < 1000; i++) {
        arch_relax();
    }
    CHECK(atomic_load(&interrupts[irql]) == 0);
    irql_lower(irql - 1);
    while (atomic_load(&interrupts[irql]) == 0) {
        arch_relax(); /* a lost interrupt hangs here until the launcher's deadline */
    }
    CHECK(atomic_load(&interrupts[irql]) == 1);
    CHECK(irql_in_handler == irql);
    CHECK(arch_irql() == irql - 1);
    irql_lower(old_irql);
}

static void test_classes(void)
{
    for (unsigned irql = 3; irql <= CLOCK_LEVEL; irql++) {
        arch_connect_interrupt(irql, count_interrupt);
        request_and_lower(irql);
        arch_connect_interrupt(irql, NULL);
    }
}

/* A processor at IPI_LEVEL does not take the doorbell, one at CLOCK_LEVEL does. */
static _Atomic bool deaf, rung;
static bool pending_at_ipi, pending_at_clock;

static void listen(void *argument)
{
    (void)argument;
    unsigned old_irql = irql_set(IPI_LEVEL);
    atomic_store(&deaf, true);
    while (!atomic_load(&rung)) {
        arch_relax();
    }
    for (unsigned i = 0; i < 100000 && !suite_doorbell_pending(); i++) {
        arch_relax();
    }
    pending_at_ipi = suite_doorbell_pending();
    arch_irql_write(CLOCK_LEVEL);
    for (unsigned i = 0; i < 100000 && suite_doorbell_pending(); i++) {
        arch_relax();
    }
    pending_at_clock = suite_doorbell_pending();
    irql_lower(old_irql);
}

static void test_doorbell_class(void)
{
    struct processor_set target = { 0 };

    if (processor_count == 1) {
        suite_skip("there is no other processor to ring");
        return;
    }
    atomic_store(&deaf, false);
    atomic_store(&rung, false);
    work_post(1, listen, NULL);
    while (!atomic_load(&deaf)) {
        arch_relax();
    }
    processor_set_add(&target, 1);
    arch_ring_doorbell(&target);
    atomic_store(&rung, true);
    work_await(1);
    CHECK(pending_at_ipi);
    CHECK(!pending_at_clock);
}

/* ---- P3: a timer that expires inside a worker ---- */

static _Atomic unsigned timer_fired; /* on all processors */
static _Atomic unsigned fired_in_worker;
static unsigned fired_here[PROCESSOR_LIMIT];

static void note_timer(void)
{
    fired_here[arch_processor()->index]++;
    atomic_fetch_add(&timer_fired, 1);
}

static ULONG_PTR NTAPI outlast_timer(ULONG_PTR argument)
{
    unsigned *fired = &fired_here[arch_processor()->index];
    unsigned before = *fired;
    uint64_t delay_ticks = arch_ticks_per_ms() / 10;
    uint64_t began_ticks;

    (void)argument;
    arch_request_timer(CLOCK_LEVEL, delay_ticks);
    arch_request_interrupt(DISPATCH_LEVEL + 1);
    began_ticks = arch_ticks();
    while (arch_ticks() - began_ticks < 10 * delay_ticks) {
        arch_relax();
    }
    atomic_fetch_add(&fired_in_worker, *(volatile unsigned *)fired - before);
    return 0;
}

static void test_timer_waits(void)
{
    atomic_store(&timer_fired, 0);
    atomic_store(&fired_in_worker, 0);
    arch_connect_interrupt(CLOCK_LEVEL, note_timer);
    arch_connect_interrupt(DISPATCH_LEVEL + 1, note_timer);
    KeIpiGenericCall(outlast_timer, 0);
    while (atomic_load(&timer_fired) < 2 * processor_count) {
        arch_relax(); /* each processor's two interrupts arrive after its worker */
    }
    CHECK(atomic_load(&fired_in_worker) == 0);
    CHECK(atomic_load(&timer_fired) == 2 * processor_count);
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
    arch_connect_interrupt(DISPATCH_LEVEL + 1, NULL);
}

const struct suite_case priority_cases[] = {
    { "P1 IRQL is CR8, at every level", test_irql_is_cr8 },
    { "P1 raising to DISPATCH and SYNCH, and by CR8 itself", test_irql_forms },
    { "P2 a device class waits for an IRQL below it, handlers run at their class", test_classes },
    { "P2 the doorbell waits at IPI_LEVEL and is taken at CLOCK_LEVEL", test_doorbell_class },
    { "P3 interrupts requested inside a worker arrive after it", test_timer_waits },
    { NULL, NULL },
};
