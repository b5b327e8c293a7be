/* SPDX-License-Identifier: MIT */
/*
 * Work for another processor: a routine that it runs at PASSIVE_LEVEL, from its idle loop.
 */
#ifndef KERNEL_PROCESSORS_WORK_H
#define KERNEL_PROCESSORS_WORK_H

#include <stdbool.h>

typedef void work_routine(void *argument);

/*
 * Makes processor `index` run `routine(argument)`, and returns at once. A processor holds one piece
 * of work at a time: this waits for an earlier one, from any poster. Processor 0 does not idle and
 * cannot be asked. IRQL: PASSIVE.
 * Returns: 0; -1 if the processor is offline, and the work will not run.
 */
int work_post(unsigned index, work_routine *routine, void *argument);

/*
 * Waits until processor `index` has finished the work posted to it, including by others; returns at
 * once if it is offline. IRQL: PASSIVE.
 */
void work_await(unsigned index);

/* ---- for the processor itself, by its index: life.c ---- */

/* Runs the posted work, if there is any. IRQL: PASSIVE. */
void work_run(unsigned self);

bool work_is_posted(unsigned self);

/*
 * Closes the place, so that it takes no more work; false if some is posted, or about to be. Opening
 * the place again restores its initial state. Opening a place that is not closed changes nothing,
 * since somebody may have posted already.
 */
bool work_close(unsigned self);
void work_open(unsigned self);

#endif
