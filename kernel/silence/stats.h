/* SPDX-License-Identifier: MIT */
/*
 * What was measured of the calls of each worker routine, for the `call` lines.
 */
#ifndef KERNEL_SILENCE_STATS_H
#define KERNEL_SILENCE_STATS_H

#include "kernel/upcall.h" /* stats_begin(), stats_sample(), stats_count() */

/*
 * Calls of `worker` are not recorded: they are the kernel's own, and nobody asked for them. One
 * such worker. No call under way.
 */
void stats_leave_out(arch_worker *worker);

/* Forgets all calls made so far. IRQL: PASSIVE, no call under way. */
void stats_reset(void);

/*
 * Prints for each worker a table of its latest measured call and its `call` line.
 * Returns how many workers had a call that did not run everywhere at IPI_LEVEL. IRQL: PASSIVE.
 */
unsigned stats_print(void);

#endif
