/* SPDX-License-Identifier: MIT */
/* Do the clocks of the processors agree? This is measured, not assumed (clocks_measure.h). */
#ifndef KERNEL_RENDEZVOUS_CLOCKS_H
#define KERNEL_RENDEZVOUS_CLOCKS_H

#include "include/muster.h"
#include "kernel/rendezvous/processors.h"

enum clocks_status {
    CLOCKS_AGREE,   /* no message was read before it was sent */
    CLOCKS_UNKNOWN, /* not measured, or not well enough to say */
    CLOCKS_DISAGREE /* a message was read `ns` before it was sent */
};

/* One clock, or the worst of several, compared with that of processor 0. */
struct clocks_finding {
    enum clocks_status status;
    unsigned processor; /* whose clock it is */
    uint64_t ns;        /* AGREE: they differ by no more than this; DISAGREE: by at least this */
};

/* The time of a message that was not measured. */
#define CLOCKS_NEVER INT64_MAX

/*
 * Judges the clock of `processor` by the shortest times of a message to it and back, in ticks, each
 * from the sender's clock to the receiver's. IRQL: any.
 */
struct clocks_finding clocks_judge(unsigned processor, int64_t there_ticks, int64_t back_ticks);

/* Records the finding: from now on clocks_agree() follows it. */
void clocks_note(const struct clocks_finding *finding);

/*
 * A call at a moment is over, with status OK: does it show that a clock has jumped since it was
 * measured? Then that clock no longer counts as agreeing, and the console says so. Called by the
 * leader, with the turn held.
 */
void clocks_watch(const struct rendezvous_result *result);

/* Prints `finding` on the console if its clock does not agree. IRQL: any. */
void clocks_tell(const struct clocks_finding *finding);

/* Forgets the clock of a processor that goes away. It is in no call. IRQL: any. */
static inline void clocks_forget(struct processor *processor)
{
    atomic_store_explicit(&processor->clock_agrees, false, memory_order_relaxed);
}

/*
 * Is the clock of `processor` known to agree with that of processor 0? Relaxed: nothing else
 * depends on the answer. IRQL: any.
 */
static inline bool clocks_agree(unsigned processor)
{
    return atomic_load_explicit(&processors[processor]->clock_agrees, memory_order_relaxed);
}

#endif
