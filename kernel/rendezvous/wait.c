/* SPDX-License-Identifier: MIT */
/*
 * The later passes of a wait, and the handshake of those that halt.
 *
 * The problem. A processor looks at its condition, finds it false, and halts. If the word changes
 * between the look and the halt, nobody will ring again: the wake-up is lost.
 *
 * The handshake (w: the waiter, c: the processor that changes the word).
 *
 *   1 w  asleep = whom it waits for
 *   2 w  looks at its condition once more, and whether a call wants it (rendezvous_poll)
 *   3 w  interrupts disabled: still asleep? Then it halts; the halt lets class 0xF in, nothing else
 *   4 c  changes the word
 *   5 c  reads asleep; if set, and w waits for c: asleep = 0, rings the wake doorbell
 *
 * A sequentially consistent fence stands between 1 and 2, and between 4 and 5: a store followed by
 * a load of another word is the one thing that x86 reorders. So w sees the change in 2, or c sees
 * the announcement in 5. In the second case c clears `asleep` before it rings. So w finds it
 * cleared in 3, or the doorbell comes after w disabled interrupts, and ends the halt. Memory says
 * whether to sleep; the doorbell only ends the sleep.
 *
 * Nesting. An interrupt may come anywhere before 3, take part in a call with sleepy waits of its
 * own and leave `asleep` at 0: 3 finds it cleared and begins again. From 3 on, nothing comes except
 * class 0xF.
 *
 * Why the waiter polls in 2 although its interrupts are enabled: it halts at IPI_LEVEL, where the
 * doorbell of a call is held back. A call published before 1 rang only that doorbell; one published
 * later finds `asleep` set and wakes the waiter (rendezvous.c).
 *
 * Silence is never endless: an alarm ends the halt, and then the wait looks at the clock. It is set
 * an eighth of the patience ahead, or, if that is sooner, to the end of a quarter of the call's own
 * deadline. No wake-up depends on the alarm.
 */
#include "kernel/rendezvous/wait.h"

#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/upcall.h"

#define PROBE_PASSES   2000
#define PROBE_US       20 /* the time they take on the slowest real machine, and on QEMU's TCG */
#define PROBE_ATTEMPTS 3

/* A halt lasts no longer than this fraction of the patience. */
#define ALARM_DIVISOR 8

unsigned wait_pauses = 10;
_Atomic uint32_t wait_policy = WAIT_SPIN;

void wait_set_policy(enum wait_policy policy)
{
    atomic_store_explicit(&wait_policy, policy, memory_order_relaxed);
}

enum wait_policy wait_get_policy(void)
{
    return (enum wait_policy)atomic_load_explicit(&wait_policy, memory_order_relaxed);
}

/* The ticks of a loop whose every pass goes to memory. */
static uint64_t probe_once(void)
{
    static _Atomic unsigned word;
    uint64_t began_ticks = arch_ticks();

    for (unsigned i = 0; i < PROBE_PASSES; i++) {
        atomic_store_explicit(&word, i, memory_order_relaxed);
    }
    return arch_ticks() - began_ticks;
}

unsigned wait_measure_slowness(void)
{
    uint64_t best_ticks = UINT64_MAX;

    for (unsigned i = 0; i < PROBE_ATTEMPTS; i++) {
        uint64_t ticks = probe_once();
        best_ticks = ticks < best_ticks ? ticks : best_ticks;
    }
    uint64_t slowness = best_ticks * 1000 / (PROBE_US * arch_ticks_per_ms());
    return slowness < 1 ? 1 : (unsigned)slowness;
}

/* ---- the waiter's side of the handshake ---- */

/* Step 1: a processor that sees this and changes the awaited word wakes us. */
static void announce(struct wait *wait, struct processor *self)
{
    atomic_store_explicit(&self->asleep, wait->whom, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    wait->announced = true;
}

void wait_withdraw_announcement(struct wait *wait)
{
    atomic_store_explicit(&arch_processor()->asleep, WAIT_FOR_NOBODY, memory_order_relaxed);
    wait->announced = false;
}

/*
 * How long a halt may last; in a wait with a deadline of its own, no longer than the rest of the
 * quarter.
 */
static uint64_t halt_limit_ticks(const struct wait *wait)
{
    uint64_t limit_ticks = patience_ticks() / ALARM_DIVISOR;

    if (wait->expires_ticks == 0) {
        return limit_ticks;
    }
    uint64_t now_ticks = arch_ticks();
    uint64_t end_ticks = wait->patience.began_ticks + wait->patience.quarter_ticks;
    end_ticks = end_ticks < wait->expires_ticks ? end_ticks : wait->expires_ticks;
    uint64_t rest_ticks = end_ticks < now_ticks ? 0 : end_ticks - now_ticks;
    return rest_ticks < limit_ticks ? rest_ticks : limit_ticks;
}

/*
 * Step 3; false if another processor, or a wait in an interrupt handler, has ended the
 * announcement.
 */
static bool halt_if_asleep(const struct wait *wait, struct processor *self)
{
    uint64_t limit_ticks = halt_limit_ticks(wait);
    unsigned old_irql = irql_raise(IRQL_IPI);
    uintptr_t interrupts = arch_interrupts_save();
    bool asleep = atomic_load_explicit(&self->asleep, memory_order_relaxed) != WAIT_FOR_NOBODY;

    if (asleep) {
        self->alarm.until_ticks = 0; /* the halt uses the timer */
        arch_halt(limit_ticks);
    }
    arch_interrupts_restore(interrupts);
    irql_lower(old_irql);
    return asleep;
}

/* Announces the sleep in one pass, so that the loop looks once more; halts in the next pass. */
static void sleep_pass(struct wait *wait)
{
    struct processor *self = arch_processor();

    if (!wait->announced || !halt_if_asleep(wait, self)) {
        announce(wait, self);
    }
}

static bool may_sleep(const struct wait *wait)
{
    return !hooks_pass() && wait_halts() && wait->whom != WAIT_FOR_NOBODY &&
           wait->relaxed_passes == 0;
}

static void begin_patience(struct wait *wait, uint64_t now_ticks)
{
    patience_begin(&wait->patience, now_ticks,
                   wait->expires_ticks != 0 ? wait->expires_ticks - now_ticks
                                            : patience_ticks() * wait->factor);
}

/*
 * Did this processor not run for a quarter? Then a host, firmware or a debugger stopped it, and
 * perhaps also those it waits for, so the wait restarts. This is asked only where nothing except
 * the wait can have taken that long: at IPI_LEVEL, and in the wait for the turn. That wait lets
 * calls in, but no call is silent for a quarter of such a patience.
 */
static bool was_paused(struct wait *wait, uint64_t now_ticks)
{
    uint64_t gap_ticks = wait->looked_ticks == 0 ? 0 : now_ticks - wait->looked_ticks;

    wait->looked_ticks = now_ticks;
    if (gap_ticks <= wait->patience.quarter_ticks || wait->whom == WAIT_FOR_NOBODY ||
        wait->expires_ticks != 0 || wait->pauses == wait_pauses) {
        return false;
    }
    unsigned gap_ms = (unsigned)(gap_ticks / arch_ticks_per_ms());
    wait->pauses++;
    wait_progress(wait);
    uintptr_t interrupts = arch_interrupts_save(); /* an interrupting call would record, too */
    trace_event(arch_processor(), TRACE_PAUSED, now_ticks, gap_ms);
    arch_interrupts_restore(interrupts);
    log_line("processor %u did not run for %u ms: its wait begins anew", arch_processor()->index,
             gap_ms);
    return true;
}

static enum wait_result look_at_clock(struct wait *wait, uint64_t now_ticks)
{
    if (wait->expires_ticks != 0 && now_ticks > wait->expires_ticks) {
        return WAIT_EXPIRED;
    }
    if (!patience_has_begun(&wait->patience)) {
        begin_patience(wait, now_ticks);
    }
    if (was_paused(wait, now_ticks) || !patience_look(&wait->patience, now_ticks)) {
        return WAIT_CONTINUE;
    }
    return wait->expires_ticks == 0 && patience_is_over(&wait->patience) ? WAIT_EXPIRED
                                                                         : WAIT_OVERDUE;
}

void wait_machine_pass(void)
{
    bugcheck_poll_freeze();
    if (!arch_interrupts_enabled()) {
        rendezvous_poll();
    }
    arch_relax();
}

enum wait_result wait_relaxed_pass(struct wait *wait)
{
    bugcheck_poll_freeze();
    if (wait->announced || !arch_interrupts_enabled()) {
        rendezvous_poll(); /* the doorbell cannot reach us (C1) */
    }
    if (may_sleep(wait)) {
        sleep_pass(wait);
    } else {
        arch_relax();
        wait->relaxed_passes -= wait->relaxed_passes != 0;
    }
    return look_at_clock(wait, arch_ticks());
}

/* ---- the other side: steps 4 and 5 ---- */

/* Must we wake this processor? If so, its word now says that it is awake. */
static bool rouse(struct processor *sleeper)
{
    uint32_t whom = atomic_load_explicit(&sleeper->asleep, memory_order_relaxed);
    return (whom == WAIT_FOR_ANYBODY || whom == WAIT_FOR_PROCESSOR + arch_processor()->index) &&
           atomic_exchange_explicit(&sleeper->asleep, WAIT_FOR_NOBODY, memory_order_relaxed) !=
               WAIT_FOR_NOBODY;
}

void wait_wake_sleeper(unsigned sleeper)
{
    struct processor_set one = { 0 };

    atomic_thread_fence(memory_order_seq_cst);
    if (rouse(processors[sleeper])) {
        processor_set_add(&one, sleeper);
        hooks_wake(&one);
    }
}

void wait_wake_sleepers(const struct processor_set *sleepers)
{
    struct processor_set roused;

    processor_set_clear(&roused);
    atomic_thread_fence(memory_order_seq_cst);
    processor_set_for_each(processor, sleepers) {
        if (rouse(processors[processor])) {
            processor_set_add(&roused, processor);
        }
    }
    hooks_wake(&roused);
}
