/* SPDX-License-Identifier: MIT */
/*
 * Changes which processors take part in calls, while calls run (C4). membership.c explains how;
 * life.c is the user, and decides when.
 */
#ifndef KERNEL_PROCESSORS_MEMBERSHIP_H
#define KERNEL_PROCESSORS_MEMBERSHIP_H

#include "kernel/rendezvous/processors.h"

/*
 * The current processor, which is `self`, leaves the set of the online processors. On return no
 * call wants it, none will, and its interrupts are disabled for good: it can only stop.
 * IRQL: PASSIVE..CLOCK_LEVEL, the same on return; in no call and with no lock held.
 */
void membership_leave(struct processor *self);

/*
 * Makes `processor` take part in every call from now on. It must be in membership_await_entry(), or
 * certain to get there. Called by any online processor. IRQL: PASSIVE..CLOCK_LEVEL.
 */
void membership_enter(struct processor *processor);

/*
 * Waits until `self`, the current processor, has been entered, and forgets what it knew about
 * memory that may have changed while it was away. Interrupts are disabled, at the call and on
 * return; the caller enables them soon. IRQL: PASSIVE.
 */
void membership_await_entry(struct processor *self);

#endif
