/* SPDX-License-Identifier: MIT */
/*
 * Programs that use KeIpiGenericCall().
 *
 * A call's argument dies when the call returns, and is poisoned then. A later reader either has no
 * order with the poisoning (a race) or reads the poison (K5).
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/processors/tlb.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/windows/spinlock.h"
#include "tests/sim/checks.h"
#include "tests/sim/programs.h"

#define NOTE 0x5eedull

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

/* The members of the call that processor `caller` makes, known once any of them runs. */
__attribute__((no_sanitize("thread"))) static unsigned members(uint64_t caller)
{
    return check_calls[caller % EXPLORE_PROCESSORS].members;
}

static uint64_t look_around(const struct argument *argument)
{
    uint64_t tag = argument->tag;

    if (tag == PROGRAM_POISON) {
        check_fail("K5", "processor %u reads the argument after the call has returned", current());
        return tag;
    }
    if (before[tag >> 8] != tag) {
        check_fail("K8", "processor %u does not see what the caller stored", current());
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if ((members(tag >> 8) >> i & 1) != 0 && notes[i] != NOTE) {
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

/* Every value of the context arrives (K7: the machine compares it). */
static ULONG_PTR NTAPI work_by_value(ULONG_PTR context)
{
    return context;
}

/* ---- calls ---- */

/* `ran`: the processors that ran the worker. */
static void check_results(unsigned self, uint64_t tag, uint64_t returned, unsigned ran)
{
    if (returned != (tag << 8 | self)) {
        check_fail("K6", "processor %u is given 0x%llx, not its own worker's value", self,
                   (unsigned long long)returned);
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if ((ran >> i & 1) != 0 && results[self][i] != tag) {
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
    unsigned ran = check_call_end(self);
    argument->tag = PROGRAM_POISON;
    check_results(self, tag, returned, ran);
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
    (void)check_call_end(self);
    counts[self]++;
}

static void flush_once(void)
{
    unsigned self = current();

    check_call_begin(self, NULL, 0);
    tlb_flush(0x1000, 1);
    (void)check_call_end(self);
    counts[self]++;
}

/* ---- programs ---- */

void program_note(unsigned processor)
{
    notes[processor] = NOTE;
}

void program_sleep(unsigned quarters)
{
    if (quarters == 0) {
        return;
    }
    uint64_t until_ticks = arch_ticks() + quarters * (uint64_t)QUARTER_TICKS;
    while (atomic_load(&program_signals) == 0 && arch_ticks() < until_ticks) {
        arch_relax();
    }
}

/* A processor's own work around its calls: IRQL and flag as the scenario specifies. */
static void call_repeatedly(unsigned processor, void (*call)(void))
{
    program_note(processor);
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

void body_calls(unsigned processor)
{
    call_repeatedly(processor, call_once);
}

void body_siblings(unsigned processor)
{
    call_repeatedly(processor, call_together);
}

void body_values(unsigned processor)
{
    call_repeatedly(processor, call_by_value);
}

/* Calls concurrent with flushes: one protocol carries both (C6). */
void body_flush(unsigned processor)
{
    call_repeatedly(processor, processor == 0 ? call_once : flush_once);
}

/* Every legal IRQL, with interrupts enabled and disabled in turn. */
void body_crowd(unsigned processor)
{
    static const uint8_t irqls[] = { 0, 13, 2, 12, 1, 5, 11, 3 };

    program_note(processor);
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

/* Each takes the lock, all except one with interrupts disabled; a caller calls while holding it. */
void body_lock(unsigned processor)
{
    program_note(processor);
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

/* ---- programs with faults: after a withdrawn call, another call follows ---- */

static void call_until_answered(void)
{
    while (!check_survive(call_once)) {
    }
}

void body_survive(unsigned processor)
{
    call_repeatedly(processor, call_until_answered);
}

/*
 * The last processor is deaf, in a loop of its own with interrupts disabled, until the first call
 * has been given up; its doorbell is still pending then.
 */
void body_silent(unsigned processor)
{
    program_note(processor);
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

/* The same, but deaf while any processor still calls: no call may run, and each call names it. */
void body_deaf(unsigned processor)
{
    program_note(processor);
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

/*
 * Each processor is deaf for half a patience more than the one before it. The first ten arrivals
 * restart the deadline, and one more arrives in time.
 */
#define TRICKLE_IN_TIME  11
#define TRICKLE_QUARTERS 4 /* two of these show as one elapsed quarter */

void body_trickle(unsigned processor)
{
    program_note(processor);
    if (processor == 0) {
        bool answered = check_survive(call_once);
        if (answered != (processor_count - 1 <= TRICKLE_IN_TIME)) {
            check_fail("B3", "a call to %u that come one by one %s", processor_count - 1,
                       answered ? "is not given up" : "is given up");
        }
        counts[current()] = 1;
        return;
    }
    arch_interrupts_disable();
    program_sleep(processor * TRICKLE_QUARTERS);
    arch_interrupts_enable();
}

void program_call_once(void)
{
    call_once();
}

__attribute__((no_sanitize("thread"))) void calls_check_end(void)
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
