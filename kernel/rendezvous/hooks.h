/* SPDX-License-Identifier: MIT */
/*
 * Hooks: the places where injected faults (inject/) come between the core and what it does. The
 * core calls them where it rings a doorbell, at the points of a call that enum hook_point names,
 * and in every wait loop. If nothing is hooked in, `hooks` is NULL and each hook costs one branch.
 */
#ifndef KERNEL_RENDEZVOUS_HOOKS_H
#define KERNEL_RENDEZVOUS_HOOKS_H

#include "kernel/arch.h"

/* Where a processor is in a call, in the order in which it gets there. */
enum hook_point {
    HOOK_ENTRY,   /* the doorbell was taken, but not acknowledged yet */
    HOOK_ARRIVAL, /* a call wants this processor, which has not arrived */
    HOOK_WORKER,  /* in the phase, just before the routine's first instruction */
    HOOK_FINISH,  /* the routine has returned; the leader does not know it yet */
    HOOK_COLLECT, /* leader only: about to wait for the others */
    HOOK_POINTS   /* how many there are */
};

struct hooks {
    void (*reach)(enum hook_point point);
    void (*ring)(const struct processor_set *targets);
    void (*wake)(const struct processor_set *targets);
    bool (*pass)(void);
};

/* Set before the other processors start, constant from then on; NULL: nothing is hooked in. */
extern const struct hooks *hooks;

/* The current processor is at `point` of a call. IRQL: IPI_LEVEL. */
static inline void hooks_reach(enum hook_point point)
{
    if (hooks != NULL) {
        hooks->reach(point);
    }
}

/*
 * A pass of a wait loop, or of the idle loop. Returns true while something is held back, so that
 * this processor must not halt. IRQL: any.
 */
static inline bool hooks_pass(void)
{
    return hooks != NULL && hooks->pass();
}

/* arch_ring_doorbell(), unless a test makes doorbells go astray. */
static inline void hooks_ring(const struct processor_set *targets)
{
    if (hooks != NULL) {
        hooks->ring(targets);
    } else {
        arch_ring_doorbell(targets);
    }
}

/*
 * The same for one processor. If no call is pending, its handler does nothing but end a halt (C5).
 */
static inline void hooks_ring_one(unsigned processor)
{
    struct processor_set target = { 0 };

    processor_set_add(&target, processor);
    hooks_ring(&target);
}

/* arch_wake(), likewise. */
static inline void hooks_wake(const struct processor_set *targets)
{
    if (hooks != NULL) {
        hooks->wake(targets);
    } else {
        arch_wake(targets);
    }
}

#endif
