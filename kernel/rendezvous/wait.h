/* SPDX-License-Identifier: MIT */
/*
 * Waiting for another processor, with a deadline. Every wait loop of the kernel has this form:
 *
 *     struct wait wait = wait_begin(1);
 *     while (!condition) {
 *         if (wait_pass(&wait) == WAIT_EXPIRED) { ... say who is missing ... }
 *     }
 *
 * The first passes are bare, since the answer is normally on its way. Later ones tell the machine
 * to relax: a processor that never does so slows down its thread siblings, and keeps an emulator
 * from running the very processor that it waits for. Each of these later passes notices a frozen
 * system (bug check), and with interrupts disabled it takes part in calls of other processors,
 * which would otherwise wait for this one (contract C1).
 *
 * A sleepy wait goes one step further if the policy says so: it halts, since virtual processors
 * that outnumber the cores beneath them keep each other from running as long as they spin. A
 * processor that changes a word that a sleepy wait looks at calls wait_wake() afterwards; wait.c
 * explains why no wake-up is lost. Such a loop ends with wait_end().
 */
#ifndef KERNEL_RENDEZVOUS_WAIT_H
#define KERNEL_RENDEZVOUS_WAIT_H

#include <stdatomic.h>

#include "kernel/rendezvous/patience.h"

/* Bare passes, a few instructions each: about as long as a cache line takes to another socket. */
#define WAIT_BARE_PASSES 16

/* Relaxed passes of a sleepy wait before it halts. */
#define WAIT_RELAXED_PASSES 64

/*
 * A member of a call waits this many times longer than the caller, which must be the first to
 * report.
 */
#define WAIT_MEMBER_PATIENCE 16

/* OVERDUE: one more quarter of the patience has passed; the wait goes on. */
enum wait_result { WAIT_CONTINUE, WAIT_OVERDUE, WAIT_EXPIRED };

/* Do sleepy waits halt? AUTO is only a request: the boot decides (wait_policy.c). */
enum wait_policy { WAIT_AUTO, WAIT_SPIN, WAIT_HALT };

/*
 * Whom a sleeping processor waits for: nobody (it is awake), anybody, or processor n as
 * FOR_PROCESSOR + n.
 */
enum wait_whom { WAIT_FOR_NOBODY, WAIT_FOR_ANYBODY, WAIT_FOR_PROCESSOR };

struct wait {
    struct patience patience; /* begins with the first relaxed pass: a quick wait reads no clock */
    uint64_t looked_ticks;    /* the last reading of the clock; 0: none */
    uint64_t expires_ticks;   /* expires then, regardless of progress; 0: the patience decides */
    uint16_t factor;          /* the patience is this many times the kernel's */
    uint16_t pauses;          /* how many times this processor was paused */
    uint32_t whom;            /* enum wait_whom; FOR_NOBODY: it never halts */
    uint8_t bare_passes;      /* bare ones that are left */
    uint8_t relaxed_passes;   /* relaxed ones that are left before it halts */
    bool announced;           /* the processor's `asleep` was set for this wait */
};

/*
 * The number of times (10) that a wait restarts because the waiter itself was paused. The kernel
 * does not change it; the explorer of schedules does.
 */
extern unsigned wait_pauses;

/*
 * SPIN or HALT. No sleepy wait may be under way on any processor. What other processors do next
 * must be ordered after this by a release and an acquire: a call, or posted work.
 */
void wait_set_policy(enum wait_policy policy);
enum wait_policy wait_get_policy(void);

/*
 * How many times slower this processor is, by its own clock, than the slowest one that the
 * deadlines are made for: 1 on hardware and on good emulators, hundreds where each instruction is
 * interpreted while the clock is real. It is the best of several attempts, since any disturbance
 * makes an attempt longer.
 */
unsigned wait_measure_slowness(void);

extern _Atomic uint32_t wait_policy; /* enum wait_policy, for wait_halts() */

/* The later passes of a wait. */
enum wait_result wait_relaxed_pass(struct wait *wait);

/*
 * IRQL of the whole wait: CLOCK_LEVEL or IPI_LEVEL. `whom`: enum wait_whom. `expires_ticks`: the
 * time at which it expires, or 0: the patience decides. (Each member is named, so that this becomes
 * a few stores, not a loop that clears the whole structure.)
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

/* A sleepy wait is over. */
static inline void wait_end(struct wait *wait)
{
    if (wait->announced) {
        wait_withdraw_announcement(wait);
    }
}

/* A sleepy wait continues, for another processor. */
static inline void wait_go_on_for(struct wait *wait, unsigned processor)
{
    wait_end(wait);
    wait->whom = WAIT_FOR_PROCESSOR + processor;
}

/*
 * Relaxed: it is set while nobody sleeps, when one look for sleepers too many or too few does no
 * harm.
 */
static inline bool wait_halts(void)
{
    return atomic_load_explicit(&wait_policy, memory_order_relaxed) == WAIT_HALT;
}

/* The slow part of the next two, if waits halt. */
void wait_wake_sleeper(unsigned sleeper);
void wait_wake_sleepers(const struct processor_set *sleepers);

/*
 * The current processor has changed a word that processor `sleeper`, or one of `sleepers`, may be
 * waiting for. The change may have any memory order. IRQL: any.
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
