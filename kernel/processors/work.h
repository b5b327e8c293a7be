/* SPDX-License-Identifier: MIT */
/*
 * Work for another processor: a routine that it runs at PASSIVE_LEVEL, from its idle loop.
 */
#ifndef KERNEL_PROCESSORS_WORK_H
#define KERNEL_PROCESSORS_WORK_H

#include <stdbool.h>

typedef void work_routine(void *argument);

/*
 * Has processor `index` run `routine(argument)`, and returns at once. A processor holds one piece
 * of work at a time: an earlier one is waited for, whoever posted it. Processor 0 does not idle and
 * cannot be asked. IRQL: PASSIVE.
 * Returns: 0; -1 when the processor is offline, and the work will not run.
 */
int work_post(unsigned index, work_routine *routine, void *argument);

/*
 * Waits until processor `index` has finished what was posted to it, by others too; at once when it
 * is offline. IRQL: PASSIVE.
 */
void work_await(unsigned index);

/* ---- for the processor itself, by its index: life.c ---- */

/* Runs what was posted, if anything was. IRQL: PASSIVE. */
void work_run(unsigned self);

bool work_is_posted(unsigned self);

/*
 * Takes no more work; false when some is posted, or about to be. Open again, it is as it was at
 * first; one that is not closed stays as it is, since somebody may have posted already.
 */
bool work_close(unsigned self);
void work_open(unsigned self);

#endif
