/* SPDX-License-Identifier: MIT */
/*
 * The guarantees for a single caller: clauses K1 to K12.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "tests/kernel/suite.h"

#define CALLS 100
#define MAGIC 0x5ca1ab1e

/* One slot per processor; only its worker writes it. */
static struct {
    alignas(CACHE_PAIR) unsigned runs;
    unsigned irql;
    uint64_t cr8;
    uintptr_t argument;
} slots[PROCESSOR_LIMIT];

static void clear_slots(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        slots[i].runs = 0;
    }
}

static ULONG_PTR NTAPI record(ULONG_PTR argument)
{
    unsigned index = KeGetCurrentProcessorNumberEx(NULL);
    slots[index].irql = KeGetCurrentIrql();
    slots[index].cr8 = __readcr8();
    slots[index].argument = argument;
    slots[index].runs++;
    return index + 1000;
}

static void test_irql_in_worker(void)
{
    clear_slots();
    KeIpiGenericCall(record, 0);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(slots[i].irql == IPI_LEVEL);
        CHECK(slots[i].cr8 == IPI_LEVEL);
    }
}

/* ---- K2: one processor does not respond; until it does, no worker may run ---- */

static _Atomic unsigned started;
static _Atomic bool holding;
static unsigned started_while_holding;

static ULONG_PTR NTAPI count_start(ULONG_PTR argument)
{
    (void)argument;
    atomic_fetch_add(&started, 1);
    return 0;
}

/* The processors that are the odd one in turn: the second, one in the middle and the last. Returns
 * how many different ones there are. */
static unsigned choose_odd(unsigned odd[3])
{
    unsigned count = 0;
    for (unsigned i = 0; i < 3; i++) {
        unsigned index = i == 0 ? 1 : i == 1 ? processor_count / 2 : processor_count - 1;
        if (index != 0 && (count == 0 || odd[count - 1] != index)) {
            odd[count++] = index;
        }
    }
    return count;
}

/* Deaf until the doorbell has rung and all others have had ample time to run ahead. */
static void hold_out(void *argument)
{
    (void)argument;
    arch_interrupts_disable();
    atomic_store(&holding, true);
    while (!suite_doorbell_pending()) {
        arch_relax();
    }
    for (unsigned i = 0; i < 10000; i++) {
        started_while_holding += atomic_load(&started);
        arch_relax();
    }
    arch_interrupts_enable();
}

static void call_while_held_out_by(unsigned processor)
{
    atomic_store(&started, 0);
    atomic_store(&holding, false);
    started_while_holding = 0;
    work_post(processor, hold_out, NULL);
    while (!atomic_load(&holding)) {
        arch_relax();
    }
    KeIpiGenericCall(count_start, 0);
    work_await(processor);
    CHECK(started_while_holding == 0);
    CHECK(atomic_load(&started) == processor_count);
}

static void test_nobody_starts_early(void)
{
    unsigned odd[3];
    if (processor_count == 1) {
        suite_skip("there is no other processor to wait for");
        return;
    }
    for (unsigned i = choose_odd(odd); i > 0; i--) {
        call_while_held_out_by(odd[i - 1]);
    }
}

/* ---- K3 ---- */

static ULONG_PTR NTAPI wait_for_siblings(ULONG_PTR argument)
{
    _Atomic unsigned *inside = (_Atomic unsigned *)argument;
    atomic_fetch_add(inside, 1);
    while (atomic_load(inside) < processor_count) {
        arch_relax();
    }
    return 0;
}

static void test_siblings_meet(void)
{
    for (unsigned i = 0; i < 10; i++) {
        _Atomic unsigned inside = 0;
        KeIpiGenericCall(wait_for_siblings, (ULONG_PTR)&inside);
        CHECK(atomic_load(&inside) == processor_count);
    }
}

static void test_exactly_once(void)
{
    clear_slots();
    for (unsigned call = 1; call <= CALLS; call++) {
        KeIpiGenericCall(record, call);
        for (unsigned i = 0; i < processor_count; i++) {
            CHECK(slots[i].runs == call);
            CHECK(slots[i].argument == call);
        }
    }
}

/* ---- K5: an argument on a stack that is reused at once ---- */

struct stack_argument {
    unsigned magic;
    _Atomic unsigned bad;
};

static ULONG_PTR NTAPI inspect_argument(ULONG_PTR argument)
{
    struct stack_argument *stack_argument = (struct stack_argument *)argument;
    for (unsigned i = 0; i < 20; i++) {
        if (*(volatile unsigned *)&stack_argument->magic != MAGIC) {
            atomic_fetch_add(&stack_argument->bad, 1);
        }
    }
    return 0;
}

static __attribute__((noinline)) unsigned call_with_stack_argument(void)
{
    struct stack_argument argument = { .magic = MAGIC };
    KeIpiGenericCall(inspect_argument, (ULONG_PTR)&argument);
    unsigned bad = atomic_load(&argument.bad);
    *(volatile unsigned *)&argument.magic = 0; /* the frame ends here */
    return bad;
}

static void test_argument_may_die(void)
{
    for (unsigned i = 0; i < CALLS; i++) {
        CHECK(call_with_stack_argument() == 0);
    }
}

/* ---- K5: one worker is slow; the call waits for it, whichever it is ---- */

static _Atomic bool slow_one_returned;

static ULONG_PTR NTAPI return_late_on(ULONG_PTR slow)
{
    if (arch_processor()->index == slow) {
        for (unsigned i = 0; i < 10000; i++) {
            arch_relax();
        }
        atomic_store(&slow_one_returned, true);
    }
    return 0;
}

static void test_waits_for_slowest(void)
{
    unsigned odd[3];
    if (processor_count == 1) {
        suite_skip("there is no other processor to wait for");
        return;
    }
    for (unsigned i = choose_odd(odd); i > 0; i--) {
        atomic_store(&slow_one_returned, false);
        KeIpiGenericCall(return_late_on, odd[i - 1]);
        CHECK(atomic_load(&slow_one_returned));
    }
}

static ULONG_PTR NTAPI return_argument(ULONG_PTR argument)
{
    return argument;
}

static void test_value_of_caller(void)
{
    CHECK(KeIpiGenericCall(record, 0) == arch_processor()->index + 1000);
    CHECK(KeIpiGenericCall(return_argument, 0xfedcba9876543210) == 0xfedcba9876543210);
}

static void test_context_verbatim(void)
{
    static const uintptr_t patterns[] = { 0, 1, UINTPTR_MAX, 0x8000000000000000,
                                          0x123456789abcdef0 };
    for (unsigned p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
        KeIpiGenericCall(record, patterns[p]);
        for (unsigned i = 0; i < processor_count; i++) {
            CHECK(slots[i].argument == patterns[p]);
        }
    }
}

/* ---- K8: plain memory, in and out ---- */

static unsigned published, seen[PROCESSOR_LIMIT];

static ULONG_PTR NTAPI read_and_answer(ULONG_PTR argument)
{
    (void)argument;
    seen[arch_processor()->index] = published + arch_processor()->index;
    return 0;
}

static void test_memory_both_ways(void)
{
    for (unsigned call = 0; call < CALLS; call++) {
        published = call * 1000;
        KeIpiGenericCall(read_and_answer, 0);
        for (unsigned i = 0; i < processor_count; i++) {
            CHECK(seen[i] == call * 1000 + i);
        }
    }
}

/* ---- K9, K10 ---- */

static ULONG_PTR NTAPI flip_interrupts(ULONG_PTR argument)
{
    (void)argument;
    if (arch_interrupts_enabled()) {
        arch_interrupts_disable();
    } else {
        arch_interrupts_enable();
    }
    return 0;
}

static void call_at(unsigned irql, PKIPI_BROADCAST_WORKER worker, bool interrupts)
{
    unsigned old_irql = irql_set(irql);
    clear_slots();
    if (!interrupts) {
        arch_interrupts_disable();
    }
    KeIpiGenericCall(worker, irql);
    CHECK(arch_irql() == irql);
    CHECK(arch_interrupts_enabled() == interrupts);
    arch_interrupts_enable();
    irql_lower(old_irql);
}

static void test_every_irql(void)
{
    for (unsigned irql = PASSIVE_LEVEL; irql < IPI_LEVEL; irql++) {
        call_at(irql, record, true);
        CHECK(slots[processor_count - 1].runs == 1);
        call_at(irql, record, false);
        CHECK(slots[processor_count - 1].runs == 1);
    }
}

static void test_state_restored(void)
{
    call_at(PASSIVE_LEVEL, flip_interrupts, true);
    call_at(PASSIVE_LEVEL, flip_interrupts, false);
    call_at(CLOCK_LEVEL, flip_interrupts, false);
    /* The others must take part in the next call: their interrupts are on again, too. */
    clear_slots();
    KeIpiGenericCall(record, 0);
    CHECK(slots[processor_count - 1].runs == 1);
}

static void test_all_processors(void)
{
    clear_slots();
    KeIpiGenericCall(record, 0);
    unsigned ran = 0;
    for (unsigned i = 0; i < processor_count; i++) {
        ran += slots[i].runs;
    }
    CHECK(ran == processor_count);
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
}

/* In the other cases processor 0 calls; here every processor does. */
static void call_from_here(void *argument)
{
    (void)argument;
    CHECK(KeIpiGenericCall(record, 7) == arch_processor()->index + 1000);
    CHECK(arch_irql() == PASSIVE_LEVEL);
}

static void test_each_caller(void)
{
    for (unsigned i = 1; i < processor_count; i++) {
        clear_slots();
        work_post(i, call_from_here, NULL);
        work_await(i);
        for (unsigned j = 0; j < processor_count; j++) {
            CHECK(slots[j].runs == 1);
        }
    }
    call_from_here(NULL);
}

const struct suite_case call_cases[] = {
    { "K1 a worker runs at IPI_LEVEL on every processor, by IRQL and by CR8", test_irql_in_worker },
    { "K2 no worker starts before the last processor has arrived", test_nobody_starts_early },
    { "K3 a worker that waits for all its siblings finishes", test_siblings_meet },
    { "K4 exactly once per processor per call", test_exactly_once },
    { "K5 an argument on the caller's stack may go out of scope at return", test_argument_may_die },
    { "K5 the call waits for the slowest worker, whichever it is", test_waits_for_slowest },
    { "K6 the call returns the caller's own value", test_value_of_caller },
    { "K7 the context arrives verbatim", test_context_verbatim },
    { "K8 the caller's plain stores are visible to workers, and theirs to the caller",
      test_memory_both_ways },
    { "K9 K10 from every IRQL below IPI_LEVEL, interrupts on and off, both restored",
      test_every_irql },
    { "K10 a worker that flips the interrupt flag does not change the caller's",
      test_state_restored },
    { "K11 K12 all processors of all groups, even a single one", test_all_processors },
    { "K6 K11 every processor can call", test_each_caller },
    { NULL, NULL },
};
