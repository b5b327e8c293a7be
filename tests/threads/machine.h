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

/* The IRQL of any processor at this moment (relaxed). */
unsigned machine_irql(unsigned index);

#endif
