/* SPDX-License-Identifier: MIT */
/*
 * Do the clocks of the processors agree? Measured, not taken for granted (clocks_measure.h).
 */
#ifndef KERNEL_RENDEZVOUS_CLOCKS_H
#define KERNEL_RENDEZVOUS_CLOCKS_H

#include "include/muster.h"
#include "kernel/rendezvous/processors.h"

enum clocks_status {
    CLOCKS_AGREE,   /* no message was read before it was sent */
    CLOCKS_UNKNOWN, /* not measured, or not well enough to tell */
    CLOCKS_DISAGREE /* one was, by `ns` */
};

/* One clock, or the worst of several, against that of processor 0. */
struct clocks_finding {
    enum clocks_status status;
    unsigned processor; /* whose clock it is */
    uint64_t ns;        /* AGREE: they differ by no more than this; DISAGREE: by no less */
};

/* A way that was not measured. */
#define CLOCKS_NEVER INT64_MAX

/*
 * What the shortest ways to `processor` and back, in ticks by the sender's and the receiver's
 * clock, say of its clock. IRQL: any.
 */
struct clocks_finding clocks_judge(unsigned processor, int64_t there_ticks, int64_t back_ticks);

/* From now on this is known of that clock. */
void clocks_note(const struct clocks_finding *finding);

/*
 * A call at a moment is over, with status OK: does it show that a clock has leapt since it was
 * measured? Then it is not known to agree any more, and the console says so. By who leads the call,
 * its turn in hand.
 */
void clocks_watch(const struct rendezvous_result *result);

/* Says on the console what `finding` has of a clock that does not agree. IRQL: any. */
void clocks_tell(const struct clocks_finding *finding);

/* Nothing is known of the clock of a processor that goes away. It is in no call. IRQL: any. */
static inline void clocks_forget(struct processor *processor)
{
    atomic_store_explicit(&processor->clock_agrees, false, memory_order_relaxed);
}

/*
 * Is the clock of `processor` known to agree with that of processor 0? Relaxed: the answer carries
 * nothing but itself. IRQL: any.
 */
static inline bool clocks_agree(unsigned processor)
{
    return atomic_load_explicit(&processors[processor]->clock_agrees, memory_order_relaxed);
}

#endif
