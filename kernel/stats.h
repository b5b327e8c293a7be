/*
 * What was measured of the calls of each worker routine, for the `call` lines.
 */
#ifndef KERNEL_STATS_H
#define KERNEL_STATS_H

#include "kernel/rendezvous.h"

/*
 * Records a call of `worker` if it is OK, by the seats of its members. Called by the leader, while
 * the turn is the call's, so calls never record at the same time.
 */
void stats_record(const struct rendezvous_result *result, arch_worker *worker);

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
