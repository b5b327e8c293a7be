/* SPDX-License-Identifier: MIT */
/* The machine whose processors are threads: the interface for its programs. */
#ifndef TESTS_THREADS_MACHINE_H
#define TESTS_THREADS_MACHINE_H

#include <stdint.h>

#define MACHINE_PROCESSORS 8 /* the most that it has */

/*
 * Starts `count` processors, 1..MACHINE_PROCESSORS, runs `program(index)` on all of them, and
 * returns when all programs have ended. A program begins at PASSIVE_LEVEL with interrupts enabled
 * and ends so. One that has ended takes part in the calls of the others, as an idle processor does.
 */
void machine_run(unsigned count, void (*program)(unsigned index));

/*
 * How far each clock is ahead of the machine's, in later runs; 0 at first. The machine's clock
 * shows 13 days when the first run begins; a clock may be set back by less than that.
 */
extern int64_t machine_ahead_ns[MACHINE_PROCESSORS];

/*
 * Moves the calling code to processor `index`, and the code there, which calls this as well, to the
 * present one, as the scheduler of a kernel would; returns when both have moved. One pair at a
 * time, at PASSIVE_LEVEL, interrupts enabled, while no call includes the two.
 */
void machine_exchange(unsigned index);

/* The IRQL of any processor at this moment (relaxed). */
unsigned machine_irql(unsigned index);

#endif
