/*
 * Fault injection: interrupts that go astray, processors that hang, workers that fault, by the
 * command line (`inject=`, README) or by a test.
 *
 * The kernel calls in at a few places: where it rings a doorbell (doorbell.h), at the points of a
 * call that enum inject_point names, in every wait loop, and when the unmaskable interrupt comes.
 * Where nothing can be injected `inject_hooks` is NULL, and each of these is one branch.
 */
#ifndef KERNEL_INJECT_H
#define KERNEL_INJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/arch.h"

/* Where in a call a processor is, in the order in which it gets there. */
enum inject_point {
    INJECT_ENTRY,   /* the doorbell was taken and is not acknowledged */
    INJECT_ARRIVAL, /* a call wants this processor, which has not arrived */
    INJECT_WORKER,  /* in the phase, instead of the routine's first instruction */
    INJECT_FINISH,  /* the routine has returned; the leader does not know it yet */
    INJECT_COLLECT, /* the leader only: about to wait for the others */
};

/* What happens at each place. */
struct inject_hooks {
    void (*reach)(enum inject_point point);
    void (*ring)(const struct processor_set *targets);
    void (*wake)(const struct processor_set *targets);
    bool (*turn)(void);
    bool (*answer)(void);
};

/* Set before the other processors start, constant from then on; NULL: nothing is injected. */
extern const struct inject_hooks *inject_hooks;

/* The current processor is at `point` of a call. IRQL: IPI_LEVEL. */
static inline void inject_reach(enum inject_point point)
{
    if (inject_hooks != NULL) {
        inject_hooks->reach(point);
    }
}

/*
 * A turn of a wait loop: sends what was held back for long enough. Returns true while something is
 * held back, so that the wait must not halt for long. IRQL: any.
 */
static inline bool inject_turn(void)
{
    return inject_hooks != NULL && inject_hooks->turn();
}

/*
 * The unmaskable interrupt has come, and the system is not being frozen: was it one that was
 * injected and is to be returned from?
 */
static inline bool inject_answer(void)
{
    return inject_hooks != NULL && inject_hooks->answer();
}

#endif
