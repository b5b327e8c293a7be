/* SPDX-License-Identifier: MIT */
/*
 * The machine whose processors are threads: how a program starts it.
 */
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
 * How far each clock is ahead of the machine's, in the runs from now on; 0 at first. The machine's
 * stands at 13 days when the first run begins: less than that, a clock may be set back.
 */
extern int64_t machine_ahead_ns[MACHINE_PROCESSORS];

/*
 * Moves the code that calls it to processor `index`, and the code that is there, which calls it as
 * well, to this one, as the scheduler of a kernel would; returns when both are there. One pair at a
 * time, at PASSIVE_LEVEL, interrupts enabled, and nobody calls the two meanwhile.
 */
void machine_exchange(unsigned index);

/* The IRQL of any processor at this moment (relaxed). */
unsigned machine_irql(unsigned index);

#endif
