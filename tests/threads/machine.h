/* SPDX-License-Identifier: MIT */
/*
 * The machine whose processors are threads: how a program starts it.
 */
#ifndef TESTS_THREADS_MACHINE_H
#define TESTS_THREADS_MACHINE_H

#include <stdint.h>

#define MACHINE_PROCESSORS 8 /* at most */

/*
 * Starts `count` processors, 1..MACHINE_PROCESSORS, runs `program(index)` on all of them, and
 * returns when all programs have ended. A program begins and ends at PASSIVE_LEVEL with interrupts
 * enabled. After its end its processor takes part in the calls of the others, like an idle one.
 */
void machine_run(unsigned count, void (*program)(unsigned index));

/*
 * How far each processor's clock is ahead of the machine's in the runs that follow; 0 at first. The
 * machine's clock shows 13 days when the first run begins: a clock may be set back by less than
 * that.
 */
extern int64_t machine_ahead_ns[MACHINE_PROCESSORS];

/*
 * Swaps the calling code with the code running on processor `index`, as a kernel's scheduler might.
 * That code must call this too, with the index of this processor. Returns when both have moved. One
 * pair at a time, at PASSIVE_LEVEL, interrupts enabled; meanwhile no other processor may make a
 * call to these two.
 */
void machine_exchange(unsigned index);

/* The current IRQL of any processor (relaxed). */
unsigned machine_irql(unsigned index);

#endif
