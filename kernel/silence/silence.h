/* SPDX-License-Identifier: MIT */
/*
 * Silence: the processors that kept others waiting, on which there is a verdict (verdict.h).
 */
#ifndef KERNEL_SILENCE_SILENCE_H
#define KERNEL_SILENCE_SILENCE_H

#include "kernel/upcall.h" /* silence_condemn() */

/* Those that a verdict is on. Nobody at first. */
struct silence {
    struct processor_set missing;
    uint64_t generation; /* the call in which they were, or the latest there is */
    bool rung;           /* they were, for that call; else somebody waited for something else */
    bool final;          /* all processors are frozen: one that has not answered is dead */
    uint64_t sent_ticks; /* when they were rung */
};
extern struct silence silence;

/*
 * `processor` (of any index) is to blame for a bug check 0x101: the verdict is on it, and when it
 * is inside a routine, on all that are. If it was given up on in the latest call, it is on all that
 * were; what was said of an earlier call counts no more. For the reporter, all others frozen.
 */
void silence_suspect(unsigned processor);

#endif
