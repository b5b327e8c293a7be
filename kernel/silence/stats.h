/* SPDX-License-Identifier: MIT */
/*
 * Measurements of the calls of each worker routine, for the `call` lines.
 */
#ifndef KERNEL_SILENCE_STATS_H
#define KERNEL_SILENCE_STATS_H

#include "kernel/upcall.h" /* stats_begin(), stats_sample(), stats_count() */

/*
 * From now on calls of `worker` are not recorded, since they are the kernel's own. There is one
 * such worker. No call may be under way.
 */
void stats_leave_out(arch_worker *worker);

/* Forgets all calls made so far. IRQL: PASSIVE; no call may be under way. */
void stats_reset(void);

/*
 * Prints for each worker a table of its latest sampled call, and its `call` line.
 * Returns the number of workers with a call that did not run everywhere at IPI_LEVEL. IRQL:
 * PASSIVE.
 */
unsigned stats_print(void);

#endif
