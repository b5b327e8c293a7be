/* SPDX-License-Identifier: MIT */
/*
 * Silence: the processors that kept others waiting, and get a verdict (verdict.h).
 */
#ifndef KERNEL_SILENCE_SILENCE_H
#define KERNEL_SILENCE_SILENCE_H

#include "kernel/upcall.h" /* silence_condemn() */

/* The processors that get a verdict; none at first. */
struct silence {
    struct processor_set missing;
    uint64_t generation; /* the call in which they were missing, or the latest call */
    bool rung;           /* they were rung for that call; false: the wait was for something else */
    bool final;          /* all processors are frozen: one that has not answered is dead */
    uint64_t sent_ticks; /* when they were rung */
};
extern struct silence silence;

/*
 * `processor` (any index) is the culprit of a bug check 0x101 and gets a verdict. If it is inside a
 * routine, all processors that are inside one get a verdict, too. If it was given up on in the
 * latest call, then all that were given up on in that call get one instead. Earlier calls no
 * longer count. For the reporter, with all others frozen.
 */
void silence_suspect(unsigned processor);

#endif
