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
    unsigned pauses;          /* in which this processor did not run */
    unsigned factor;          /* it expires so many times the patience after the last progress, */
    uint64_t expires_ticks;   /* or at this time, whatever progress there is; 0: by patience */
    unsigned bare_passes;
    unsigned relaxed_passes; /* left before it halts */
    uint32_t whom;           /* enum wait_whom; FOR_NOBODY: it never halts */
    bool announced;          /* the processor's `asleep` was set for this wait */
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

static inline struct wait wait_begin(unsigned factor)
{
    return (struct wait){ .factor = factor, .bare_passes = WAIT_BARE_PASSES };
}

/*
 * IRQL of the whole wait: CLOCK_LEVEL or IPI_LEVEL. `whom`: enum wait_whom. `expires_ticks`: 0, or
 * the time at which it expires instead.
 */
static inline struct wait wait_begin_sleepy(unsigned factor, uint32_t whom, uint64_t expires_ticks)
{
    return (struct wait){ .factor = factor,
                          .expires_ticks = expires_ticks,
                          .bare_passes = WAIT_BARE_PASSES,
                          .relaxed_passes = WAIT_RELAXED_PASSES,
                          .whom = whom };
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
