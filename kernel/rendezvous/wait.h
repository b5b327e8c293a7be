/* SPDX-License-Identifier: MIT */
/*
 * Waiting for another processor, with a deadline. Every wait loop of the kernel has this shape:
 *
 *     struct wait wait = wait_begin(1);
 *     while (!condition) {
 *         if (wait_pass(&wait) == WAIT_EXPIRED) { ... say who is missing ... }
 *     }
 *
 * A pass is bare at first, since the answer is normally on its way, and after that tells the
 * machine to relax: a processor that never does so keeps its thread siblings slow, and an emulator
 * from running the very processor that it waits for. In each of these later passes a frozen system
 * (bug check) is noticed, and with interrupts disabled the wait takes part in calls of other
 * processors, which could otherwise wait for this one (contract C1).
 *
 * A sleepy wait goes one step further where the policy says so: it halts, since virtual processors
 * that outnumber the cores beneath them keep each other from running as long as they spin. Whoever
 * changes a word that a sleepy wait looks at calls wait_wake() afterwards; wait.c tells why no
 * wake-up is lost. Such a loop ends with wait_end().
 */
#ifndef KERNEL_RENDEZVOUS_WAIT_H
#define KERNEL_RENDEZVOUS_WAIT_H

#include <stdatomic.h>

#include "kernel/rendezvous/patience.h"

/* Bare passes, a few instructions each: about the time of a cache line's way to another socket. */
#define WAIT_BARE_PASSES 16

/* Relaxed passes of a sleepy wait before it halts. */
#define WAIT_RELAXED_PASSES 64

/* A member of a call waits this many times longer than the caller, who is to report first. */
#define WAIT_MEMBER_PATIENCE 16

/* OVERDUE: one more quarter of the patience has passed; the wait goes on. */
enum wait_result { WAIT_CONTINUE, WAIT_OVERDUE, WAIT_EXPIRED };

/* Do sleepy waits halt? AUTO is a wish only: what is found at boot (wait_policy.c). */
enum wait_policy { WAIT_AUTO, WAIT_SPIN, WAIT_HALT };

/* Whom a sleeping processor waits for: nobody since it is awake, anybody, or processor n at + n. */
enum wait_whom { WAIT_FOR_NOBODY, WAIT_FOR_ANYBODY, WAIT_FOR_PROCESSOR };

struct wait {
    struct patience patience; /* begins with the first relaxed pass: a quick wait reads no clock */
    uint64_t looked_ticks;    /* when it last did */
    uint64_t expires_ticks;   /* it expires at this time, whatever progress there is; 0: by */
    uint16_t factor;          /* patience, so many times the kernel's after the last progress */
    uint16_t pauses;          /* in which this processor did not run */
    uint32_t whom;            /* enum wait_whom; FOR_NOBODY: it never halts */
    uint8_t bare_passes;      /* left, of both kinds, */
    uint8_t relaxed_passes;   /* before it halts */
    bool announced;           /* the processor's `asleep` was set for this wait */
};

/*
 * So often, 10 times, a waiter that was itself paused begins anew. The kernel does not change it;
 * the explorer of schedules does.
 */
extern unsigned wait_pauses;

/*
 * SPIN or HALT. No sleepy wait may be under way on any processor, and what other processors do next
 * must come after it by a release and an acquire: a call, or posted work.
 */
void wait_set_policy(enum wait_policy policy);
enum wait_policy wait_get_policy(void);

/*
 * How many times slower this processor is, by its own clock, than the slowest that a deadline is
 * made for: 1 on hardware and on good emulators, hundreds where each instruction is interpreted
 * while the clock is real. The best of several attempts, since whatever disturbs one makes it
 * longer.
 */
unsigned wait_measure_slowness(void);

extern _Atomic uint32_t wait_policy; /* enum wait_policy, for wait_halts() */

/* The later passes of a wait. */
enum wait_result wait_relaxed_pass(struct wait *wait);

/*
 * IRQL of the whole wait: CLOCK_LEVEL or IPI_LEVEL. `whom`: enum wait_whom. `expires_ticks`: 0, or
 * the time at which it expires instead. (Each member is named, so that it becomes a store or two,
 * not a loop that clears all of it.)
 */
static inline struct wait wait_begin_sleepy(unsigned factor, uint32_t whom, uint64_t expires_ticks)
{
    return (struct wait){
        .patience = { .began_ticks = 0, .quarter_ticks = 0, .quarters = 0, .restarts = 0 },
        .looked_ticks = 0,
        .expires_ticks = expires_ticks,
        .factor = (uint16_t)factor,
        .pauses = 0,
        .whom = whom,
        .bare_passes = WAIT_BARE_PASSES,
        .relaxed_passes = WAIT_RELAXED_PASSES,
        .announced = false
    };
}

/* One that never halts, at any IRQL. */
static inline struct wait wait_begin(unsigned factor)
{
    return wait_begin_sleepy(factor, WAIT_FOR_NOBODY, 0);
}

static inline enum wait_result wait_pass(struct wait *wait)
{
    if (wait->bare_passes != 0) {
        wait->bare_passes--;
        return WAIT_CONTINUE;
    }
    return wait_relaxed_pass(wait);
}

/* Something moved: the patience counts from the next pass. */
static inline void wait_progress(struct wait *wait)
{
    patience_renew(&wait->patience);
}

/* Takes back the announcement that this processor is asleep. */
void wait_withdraw_announcement(struct wait *wait);

/* What a sleepy wait waited for is there. */
static inline void wait_end(struct wait *wait)
{
    if (wait->announced) {
        wait_withdraw_announcement(wait);
    }
}

/* A sleepy wait goes on, for another processor. */
static inline void wait_go_on_for(struct wait *wait, unsigned processor)
{
    wait_end(wait);
    wait->whom = WAIT_FOR_PROCESSOR + processor;
}

/* Relaxed: set when nobody sleeps, and then a look for sleepers too many or too few is harmless. */
static inline bool wait_halts(void)
{
    return atomic_load_explicit(&wait_policy, memory_order_relaxed) == WAIT_HALT;
}

/* Where waits halt. */
void wait_wake_sleeper(unsigned sleeper);
void wait_wake_sleepers(const struct processor_set *sleepers);

/*
 * The current processor has changed a word that processor `sleeper`, or one of `sleepers`, may wait
 * for. The change may be of any memory order. IRQL: any.
 */
static inline void wait_wake(unsigned sleeper)
{
    if (wait_halts()) {
        wait_wake_sleeper(sleeper);
    }
}

static inline void wait_wake_all(const struct processor_set *sleepers)
{
    if (wait_halts()) {
        wait_wake_sleepers(sleepers);
    }
}

#endif
