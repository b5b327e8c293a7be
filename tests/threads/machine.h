/* SPDX-License-Identifier: MIT */
/*
 * The machine whose processors are threads: how a program starts it.
 */
#ifndef TESTS_THREADS_MACHINE_H
#define TESTS_THREADS_MACHINE_H

#include <stdint.h>

#define MACHINE_PROCESSORS 8 /* its maximum */

/*
 * Starts `count` processors, 1..MACHINE_PROCESSORS, runs `program(index)` on all of them, and
 * returns when all programs have ended. A program begins and ends at PASSIVE_LEVEL with interrupts
 * enabled. After its end its processor takes part in the calls of the others, like an idle one.
 */
void machine_run(unsigned count, void (*program)(unsigned index));

/*
 * How far each clock is ahead of the machine's, in later runs; 0 at first. The machine's clock
 * shows 13 days when the first run begins: a clock may be set back by less than that.
 */
extern int64_t machine_ahead_ns[MACHINE_PROCESSORS];

/*
 * Moves the calling code to processor `index`, and the code running there, which must make the same
 * call, to this one, as a kernel's scheduler would; returns when both have moved. One pair at a
 * time, at PASSIVE_LEVEL, interrupts enabled, and no other processor calls the two meanwhile.
 */
void machine_exchange(unsigned index);

/* The current IRQL of any processor (relaxed). */
unsigned machine_irql(unsigned index);

#endif
