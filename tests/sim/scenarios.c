/*
 * The programs that are explored. They are instrumented like the kernel, so that the plain data
 * they pass around is watched: who reads what another wrote without order is caught.
 *
 * A call's argument dies when the call returns: it is poisoned then, and whoever still reads it
 * has either no order with the poison (a race) or the poison in its hands (K5).
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/membership.h"
#include "kernel/spinlock.h"
#include "kernel/tlb.h"
#include "kernel/wait.h"
#include "tests/sim/explore.h"

#define POISON 0xdeadull
#define NOTE   0x5eedull

struct argument {
    uint64_t tag; /* which call: caller << 8 | number */
};

static struct argument arguments[EXPLORE_PROCESSORS];
static uint64_t before[EXPLORE_PROCESSORS]; /* by each caller, before its call */
static uint64_t notes[EXPLORE_PROCESSORS];  /* by each processor, before it could arrive */
static uint64_t results[EXPLORE_PROCESSORS][EXPLORE_PROCESSORS]; /* [caller][processor] */
static uint64_t counts[EXPLORE_PROCESSORS];                      /* calls made by each */
static _Atomic unsigned present;                                 /* of the siblings */
static _Atomic unsigned released;
static struct spinlock lock;
static uint64_t lock_count; /* what the lock protects */

/* ---- workers ---- */

__attribute__((no_sanitize("thread"))) static unsigned current(void)
{
    return sim_self->index;
}

static uint64_t look_around(const struct argument *argument)
{
    uint64_t tag = argument->tag;

    if (tag == POISON) {
        check_fail("K5", "processor %u reads the argument after the call has returned", current());
        return tag;
    }
    if (before[tag >> 8] != tag) {
        check_fail("K8", "processor %u does not see what the caller stored", current());
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if (notes[i] != NOTE) {
            check_fail("K8", "processor %u does not see what processor %u stored", current(), i);
        }
    }
    return tag;
}

static ULONG_PTR NTAPI work(ULONG_PTR context)
{
    uint64_t tag = look_around((const struct argument *)context);
    results[(tag >> 8) % EXPLORE_PROCESSORS][current()] = tag;
    return tag << 8 | current();
}

/* Waits for all its siblings inside the routine (K3). */
static ULONG_PTR NTAPI work_together(ULONG_PTR context)
{
    unsigned until = (atomic_fetch_add(&present, 1) / processor_count + 1) * processor_count;
    while (atomic_load(&present) < until) {
        arch_relax();
    }
    return work(context);
}

/* Any value of the context arrives (K7: the machine compares it). */
static ULONG_PTR NTAPI work_by_value(ULONG_PTR context)
{
    return context;
}

/* ---- calls ---- */

static void check_results(unsigned self, uint64_t tag, uint64_t returned)
{
    if (returned != (tag << 8 | self)) {
        check_fail("K6", "processor %u is given 0x%llx, not its own worker's value", self,
                   (unsigned long long)returned);
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if (check_is_member(self, i) && results[self][i] != tag) {
            check_fail("K8", "processor %u does not see what the worker stored on processor %u",
                       self, i);
        }
    }
}

static void call_routine(PKIPI_BROADCAST_WORKER routine)
{
    unsigned self = current();
    struct argument *argument = &arguments[self];
    uint64_t tag = self << 8 | ++counts[self];

    argument->tag = tag;
    before[self] = tag;
    check_call_begin(self, (arch_worker *)routine, (uintptr_t)argument);
    uint64_t returned = KeIpiGenericCall(routine, (ULONG_PTR)argument);
    check_results(self, tag, returned);
    check_call_end(self);
    argument->tag = POISON;
}

static void call_once(void)
{
    call_routine(work);
}

static void call_together(void)
{
    call_routine(work_together);
}

static void call_by_value(void)
{
    unsigned self = current();
    uintptr_t context = self == 0 ? 0 : UINTPTR_MAX - (self - 1);

    check_call_begin(self, (arch_worker *)work_by_value, context);
    if (KeIpiGenericCall(work_by_value, context) != context) {
        check_fail("K6", "processor %u is given another's value", self);
    }
    check_call_end(self);
    counts[self]++;
}

static void flush_once(void)
{
    unsigned self = current();

    check_call_begin(self, NULL, 0);
    tlb_flush(0x1000, 1);
    check_call_end(self);
    counts[self]++;
}

/* ---- programs ---- */

/* A processor's own work around its calls: IRQL and flag as the scenario wants them. */
static void call_repeatedly(unsigned processor, void (*call)(void))
{
    notes[processor] = NOTE;
    if (processor >= scenario->callers) {
        return;
    }
    if (scenario->masked) {
        arch_interrupts_disable();
    }
    unsigned old_irql = irql_raise(scenario->irql);
    for (unsigned i = 0; i < scenario->calls; i++) {
        call();
    }
    irql_lower(old_irql);
    if (scenario->masked) {
        arch_interrupts_enable();
    }
}

static void body_calls(unsigned processor)
{
    call_repeatedly(processor, call_once);
}

static void body_siblings(unsigned processor)
{
    call_repeatedly(processor, call_together);
}

static void body_values(unsigned processor)
{
    call_repeatedly(processor, call_by_value);
}

/* Calls beside flushes: one protocol carries both (C6). */
static void body_flush(unsigned processor)
{
    call_repeatedly(processor, processor == 0 ? call_once : flush_once);
}

/* Every legal IRQL, with interrupts enabled and disabled in turn. */
static void body_crowd(unsigned processor)
{
    static const uint8_t irqls[] = { 0, 13, 2, 12, 1, 5, 11, 3 };

    notes[processor] = NOTE;
    bool masked = processor % 3 == 1;
    if (masked) {
        arch_interrupts_disable();
    }
    unsigned old_irql = irql_raise(irqls[processor % sizeof irqls]);
    for (unsigned i = 0; i < scenario->calls && processor < scenario->callers; i++) {
        call_once();
    }
    irql_lower(old_irql);
    if (masked) {
        arch_interrupts_enable();
    }
}

/* Each takes the lock, all but one with interrupts disabled; a caller calls while it holds it. */
static void body_lock(unsigned processor)
{
    notes[processor] = NOTE;
    bool masked = processor != 0;
    if (masked) {
        arch_interrupts_disable();
    }
    unsigned old_irql = irql_raise(IRQL_DISPATCH);
    spinlock_acquire(&lock);
    lock_count++;
    if (processor < scenario->callers) {
        call_once();
    }
    spinlock_release(&lock);
    irql_lower(old_irql);
    if (masked) {
        arch_interrupts_enable();
    }
}

/* ---- programs with faults: a withdrawn call is followed by another one ---- */

static void call_until_answered(void)
{
    while (!check_survive(call_once)) {
    }
}

static void body_survive(unsigned processor)
{
    call_repeatedly(processor, call_until_answered);
}

/*
 * The last processor is deaf, by a loop of its own with interrupts disabled, until the first call
 * has been given up; its doorbell is then still pending.
 */
static void body_silent(unsigned processor)
{
    notes[processor] = NOTE;
    if (processor < scenario->callers) {
        bool answered = check_survive(call_once);
        atomic_store(&released, 1);
        if (!answered) {
            call_until_answered();
        }
    } else if (processor == processor_count - 1) {
        arch_interrupts_disable();
        while (atomic_load(&released) == 0) {
            arch_relax();
        }
        arch_interrupts_enable();
    }
}

/* The same, but deaf as long as anybody calls: no call may run, and each names it. */
static void body_deaf(unsigned processor)
{
    notes[processor] = NOTE;
    if (processor < scenario->callers) {
        for (unsigned i = 0; i < scenario->calls; i++) {
            if (check_survive(call_once)) {
                check_fail("B3", "a call returns although processor %u does not answer",
                           processor_count - 1);
            }
        }
        atomic_fetch_add(&released, 1);
    } else if (processor == processor_count - 1) {
        arch_interrupts_disable();
        while (atomic_load(&released) != scenario->callers) {
            arch_relax();
        }
        arch_interrupts_enable();
    }
}

/* ---- C4: the last processor goes, and is let in again by the first ---- */

static uint64_t news; /* from who lets it in */

/* It leaves with calls under way, stops, and comes back at a moment of another's choice. */
static void go_and_come(struct processor *self)
{
    membership_leave(self);
    membership_await_entry(self);
    if (news != NOTE) {
        check_fail("C4", "processor %u does not see what happened before it was let in", current());
    }
    arch_interrupts_enable();
}

static void body_membership(unsigned processor)
{
    struct processor *last = processors[processor_count - 1];

    notes[processor] = NOTE;
    if (processor == last->index) {
        go_and_come(last);
    } else if (processor != 0) {
        call_repeatedly(processor, call_once);
        return;
    } else {
        call_once();
        while (processor_is_online(last->index)) {
            arch_relax();
        }
        news = NOTE;
        membership_enter(last);
    }
    if (processor < scenario->callers) {
        call_once();
    }
}

/* ---- the table ---- */

/* name, processors, callers, calls, program, IRQL, masked, halts, faults, how many, bounds */
const struct scenario scenarios[] = {
    { "calls-2", 2, 2, 2, body_calls, 0, false, false, 0, 0, 2, 3, "two callers, two calls each" },
    { "calls-3", 3, 2, 2, body_calls, 0, false, false, 0, 0, 2, 3,
      "the same beside a processor that does not call" },
    { "masked-2", 2, 2, 2, body_calls, IRQL_CLOCK, true, false, 0, 0, 2, 3,
      "callers at CLOCK_LEVEL with interrupts disabled" },
    { "masked-3", 3, 2, 2, body_calls, IRQL_CLOCK, true, false, 0, 0, 2, 3, "the same on three" },
    { "three-callers", 3, 3, 1, body_calls, IRQL_DISPATCH, false, false, 0, 0, 2, 3,
      "all three call, at DISPATCH_LEVEL" },
    { "lock-holder", 3, 1, 1, body_lock, 0, false, false, 0, 0, 2, 3,
      "a caller holds the lock that two spin for with interrupts disabled" },
    { "siblings", 3, 2, 1, body_siblings, 0, false, false, 0, 0, 2, 3,
      "a worker waits for its siblings" },
    { "values", 2, 2, 1, body_values, 0, false, false, 0, 0, 2, 3, "contexts 0 and all ones" },
    { "flush", 3, 2, 1, body_flush, 0, false, false, 0, 0, 2, 3, "a call beside a TLB flush" },
    { "halt-2", 2, 2, 2, body_calls, 0, false, true, 0, 0, 2, 3,
      "two callers who wait by halting" },
    { "halt-3", 3, 2, 1, body_calls, 0, false, true, 0, 0, 1, 3,
      "the same with a third processor" },
    { "halt-masked", 3, 3, 1, body_calls, 0, true, true, 0, 0, 2, 3,
      "three callers who halt, with interrupts disabled" },
    { "spurious", 2, 2, 1, body_calls, 0, false, false, FAULT_SPURIOUS, 2, 2, 3,
      "doorbells that nobody rang, or rang twice" },
    { "dropped", 3, 1, 2, body_survive, 0, false, false, FAULT_DROP, 1, 2, 3,
      "a doorbell is lost; then the next call" },
    { "dropped-both", 2, 2, 1, body_survive, 0, false, false, FAULT_DROP, 1, 2, 3,
      "the same while the other one calls, too" },
    { "halt-dropped", 3, 1, 2, body_survive, 0, false, true, FAULT_DROP, 1, 2, 3,
      "a doorbell is lost while everybody halts" },
    { "silent", 3, 1, 1, body_silent, 0, false, false, FAULT_SILENT, 0, 2, 3,
      "a processor is deaf for longer than the deadline, then late" },
    { "deaf", 3, 2, 1, body_deaf, 0, false, false, FAULT_SILENT, 0, 2, 3,
      "two callers, and a processor that never answers" },
    { "paused", 2, 2, 1, body_survive, 0, false, false, FAULT_LEAP, 1, 2, 3,
      "a pause between any two steps that outlasts the deadline" },
    { "fair", 3, 3, 2, body_calls, 0, false, false, 0, 0, 1, 2, "three callers, two calls each" },
    { "weak-2", 2, 2, 2, body_calls, 0, false, false, FAULT_STALE, 1, 2, 3,
      "a load sees an old value where C11 allows it" },
    { "weak-3", 3, 2, 1, body_calls, 0, false, false, FAULT_STALE, 1, 2, 3, "the same on three" },
    { "weak-halt", 2, 2, 1, body_calls, 0, false, true, FAULT_STALE, 1, 2, 3,
      "the same while everybody halts" },
    { "weak-masked", 2, 2, 1, body_calls, 0, true, true, FAULT_STALE, 1, 2, 3,
      "and with interrupts disabled, where no doorbell helps" },
    { "membership-2", 2, 2, 1, body_membership, 0, false, false, 0, 0, 2, 3,
      "a processor leaves the set and enters it again, while another calls" },
    { "membership-3", 3, 2, 1, body_membership, 0, false, false, 0, 0, 1, 2, "the same on three" },
    { "membership-halt", 2, 2, 1, body_membership, 0, false, true, 0, 0, 2, 3,
      "the same while everybody halts" },
    { "membership-weak", 2, 2, 1, body_membership, 0, false, false, FAULT_STALE, 1, 2, 3,
      "and a load sees an old value where C11 allows it" },
    { "crowd", 0, 3, 1, body_crowd, 0, false, false, 0, 0, 0, 0,
      "many processors, at every legal IRQL, with interrupts and without" },
    { "crowd-halting", 0, 3, 1, body_crowd, 0, false, true, 0, 0, 0, 0,
      "the same, waiting by halting" },
    { "crowd-siblings", 0, 2, 1, body_siblings, 0, false, false, 0, 0, 0, 0,
      "workers that wait for many siblings" },
    { "crowd-faults", 0, 3, 1, body_survive, 0, false, false,
      FAULT_DROP | FAULT_SPURIOUS | FAULT_LEAP, 2, 0, 0, "lost, doubled and late doorbells" },
};

const unsigned scenario_count = sizeof scenarios / sizeof scenarios[0];

__attribute__((no_sanitize("thread"))) void scenario_check_end(void)
{
    for (unsigned i = 0; i < sim_count && i < scenario->callers; i++) {
        if (counts[i] < scenario->calls) {
            check_fail("C1", "processor %u made %u calls of %u", i, (unsigned)counts[i],
                       scenario->calls);
        }
    }
    if (scenario->body == body_lock && lock_count != sim_count) {
        check_fail("C1", "the lock let %u in, not %u", (unsigned)lock_count, sim_count);
    }
}
