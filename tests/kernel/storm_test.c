/* SPDX-License-Identifier: MIT */
/*
 * All processors call at once (C1), while waiting processors spin and while they halt. Also tests
 * the halt itself.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/processors/tlb.h"
#include "kernel/rendezvous/wait.h"
#include "tests/kernel/counting.h"
#include "tests/kernel/suite.h"

/* ---- C1: all at once ---- */

struct storm {
    unsigned irql;
    bool interrupts;
    unsigned calls;
    _Atomic unsigned ready;
};

/* Starts when all are ready, so that the calls really collide. */
static void call_repeatedly(void *argument)
{
    struct storm *storm = argument;
    unsigned index = arch_processor()->index;
    unsigned old_irql = irql_set(storm->irql);

    atomic_fetch_add(&storm->ready, 1);
    while (atomic_load(&storm->ready) < processor_count) {
        arch_relax();
    }
    if (!storm->interrupts) {
        arch_interrupts_disable();
    }
    for (unsigned call = 0; call < storm->calls; call++) {
        CHECK(KeIpiGenericCall(counting_worker, call << 16) == (call << 16 ^ index));
        CHECK(arch_irql() == storm->irql);
        CHECK(arch_interrupts_enabled() == storm->interrupts);
    }
    arch_interrupts_enable();
    irql_lower(old_irql);
}

static void run_storm(unsigned irql, bool interrupts, unsigned calls)
{
    struct storm storm = { .irql = irql, .interrupts = interrupts, .calls = calls };
    counting_clear();
    suite_run_everywhere(call_repeatedly, &storm);
    counting_check((uint64_t)calls * processor_count);
}

static void test_storm_passive(void)
{
    run_storm(PASSIVE_LEVEL, true, counting_calls_each());
}

static void test_storm_dispatch(void)
{
    run_storm(DISPATCH_LEVEL, true, counting_calls_each());
    run_storm(DISPATCH_LEVEL, false, counting_calls_each());
}

static void test_storm_clock(void)
{
    run_storm(CLOCK_LEVEL, true, counting_calls_each());
    run_storm(CLOCK_LEVEL, false, counting_calls_each());
}

/* Whichever policy was chosen at boot, the other one must work as well. */
static void run_with_policy(enum wait_policy policy, void (*run)(void))
{
    enum wait_policy found = wait_get_policy();
    wait_set_policy(policy);
    run();
    wait_set_policy(found);
}

static void test_storms_halting(void)
{
    run_with_policy(WAIT_HALT, test_storm_passive);
    run_with_policy(WAIT_HALT, test_storm_dispatch);
    run_with_policy(WAIT_HALT, test_storm_clock);
}

/* ---- the halt ---- */

#define LONG_HALT_MS 600000 /* longer than the launcher waits: only a wake-up ends it in time */
#define WAKES        20

static _Atomic unsigned halting, halted;

static void halt_once(uint64_t limit_ticks)
{
    unsigned old_irql = irql_set(IRQL_IPI);
    uintptr_t interrupts = arch_interrupts_save();
    arch_halt(limit_ticks);
    CHECK(arch_irql() == IRQL_IPI);
    CHECK(!arch_interrupts_enabled());
    arch_interrupts_restore(interrupts);
    irql_lower(old_irql);
}

/* No other processor wakes it. */
static void test_alarm(void)
{
    halt_once(arch_ticks_per_ms());
    halt_once(0);
}

/* Announces each halt at IPI_LEVEL with interrupts disabled, so that no wake-up precedes it. */
static void halt_until_woken(void *argument)
{
    (void)argument;
    for (unsigned i = 1; i <= WAKES; i++) {
        unsigned old_irql = irql_set(IRQL_IPI);
        uintptr_t interrupts = arch_interrupts_save();
        atomic_store(&halting, i);
        arch_halt(LONG_HALT_MS * arch_ticks_per_ms());
        atomic_store(&halted, i);
        arch_interrupts_restore(interrupts);
        irql_lower(old_irql);
    }
}

static void test_wake(void)
{
    struct processor_set target = { 0 };

    if (processor_count == 1) {
        suite_skip("there is no other processor to wake");
        return;
    }
    processor_set_add(&target, 1);
    atomic_store(&halting, 0);
    atomic_store(&halted, 0);
    work_post(1, halt_until_woken, NULL);
    for (unsigned i = 1; i <= WAKES; i++) {
        while (atomic_load(&halting) < i) {
            arch_relax();
        }
        arch_wake(&target);
        while (atomic_load(&halted) < i) {
            arch_relax();
        }
    }
    work_await(1);
}

static ULONG_PTR NTAPI wake_from_worker(ULONG_PTR argument)
{
    struct processor_set others = processors_online;
    processor_set_remove(&others, arch_processor()->index);
    arch_wake(&others);
    return counting_worker(argument);
}

/* C5 for the wake doorbell: it arrives inside a worker, where it must have no effect. */
static void wake_for_nothing(void)
{
    unsigned calls = processor_count > 16 ? 2 : 10; /* each sends N * (N - 1) doorbells */
    counting_clear();
    for (unsigned i = 0; i < calls; i++) {
        KeIpiGenericCall(wake_from_worker, 0);
    }
    counting_check(calls);
}

static void test_wakes_for_nothing(void)
{
    run_with_policy(WAIT_SPIN, wake_for_nothing);
    run_with_policy(WAIT_HALT, wake_for_nothing);
}

/* ---- C6: the TLB, by the same protocol ---- */

#define PAGE_WORDS (4096 / sizeof(uint64_t))

static volatile uint64_t *alias;
static uint64_t *pages;

static void read_alias(void *argument)
{
    CHECK(*alias == *(uint64_t *)argument);
}

/* Every processor has the translation before it changes, and must not use it afterwards. */
static void test_tlb_flush(void)
{
    pages = arch_allocate_pages(2 * PAGE_WORDS * sizeof(uint64_t));
    alias = pages == NULL ? NULL : arch_create_alias(pages);
    if (alias == NULL) {
        suite_skip("memory is short");
        return;
    }
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t *page = pages + i % 2 * PAGE_WORDS;
        *page = i + 1;
        arch_redirect_alias((void *)alias, page);
        tlb_flush((uintptr_t)alias, i < 2 ? 1 : 1000);
        suite_run_everywhere(read_alias, page);
    }
}

static void flush_or_call(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < counting_calls_each(); i++) {
        if (arch_processor()->index % 2 == 0) {
            KeIpiGenericCall(counting_worker, 0);
        } else {
            tlb_flush((uintptr_t)alias, 1);
        }
    }
}

static void test_tlb_flush_beside_calls(void)
{
    counting_clear();
    suite_run_everywhere(flush_or_call, NULL);
    counting_check((uint64_t)counting_calls_each() * ((processor_count + 1) / 2));
}

const struct suite_case storm_cases[] = {
    { "C1 all processors call at once from PASSIVE_LEVEL", test_storm_passive },
    { "C1 K10 the same from DISPATCH_LEVEL, interrupts on and off", test_storm_dispatch },
    { "C1 K10 the same from CLOCK_LEVEL, interrupts on and off", test_storm_clock },
    { "C1 K10 all of these while waiting processors halt", test_storms_halting },
    { "the alarm ends a halt at IPI_LEVEL", test_alarm },
    { "the wake doorbell ends a halt at IPI_LEVEL, every time", test_wake },
    { "C5 P3 wake doorbells rung from inside workers have no effect", test_wakes_for_nothing },
    { "C6 no processor uses a translation that was flushed", test_tlb_flush },
    { "C6 calls and TLB flushes from all processors at once", test_tlb_flush_beside_calls },
    { NULL, NULL },
};

/* ---- the storm in full ---- */

static void storm_in_full(void)
{
    static const unsigned irqls[] = { PASSIVE_LEVEL, DISPATCH_LEVEL, CLOCK_LEVEL };

    for (unsigned i = 0; i < sizeof(irqls) / sizeof(irqls[0]); i++) {
        run_storm(irqls[i], true, COUNTING_CALLS_EACH);
        run_storm(irqls[i], false, COUNTING_CALLS_EACH);
    }
}

const struct suite_case storm_full_cases[] = {
    { "C1 K10 128 calls of each from PASSIVE, DISPATCH and CLOCK_LEVEL, interrupts on and off",
      storm_in_full },
    { NULL, NULL },
};
