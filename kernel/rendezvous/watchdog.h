/* SPDX-License-Identifier: MIT */
/*
 * When a call makes no progress: the ladder from a second doorbell to a verdict (contract B3, B4).
 * watchdog.c explains how; verdict.c says in the end why a processor was silent.
 */
#ifndef KERNEL_RENDEZVOUS_WATCHDOG_H
#define KERNEL_RENDEZVOUS_WATCHDOG_H

#include "kernel/rendezvous/processors.h"

/*
 * One more quarter of the patience has passed, `quarters` by now, and the processors in `missing`
 * have not reached their mark: they are rung again, and from the second quarter on also asked.
 * `opening`: it is the first barrier, to which the doorbell calls. The caller has the turn.
 * IRQL: IPI_LEVEL.
 */
void watchdog_step(unsigned quarters, const struct processor_set *missing, bool opening);

/*
 * A wait is over, and all of `members` have come except `missing` (NULL: all have). Reports which
 * of them were late. The same caller.
 */
void watchdog_tell_recovered(const struct processor_set *members,
                             const struct processor_set *missing);

/* Arms the alarm for the routine that `self` begins. IRQL: IPI_LEVEL. */
void watchdog_arm(struct processor *self, uint64_t now_ticks);

static inline void watchdog_guard_routine(struct processor *self, uint64_t now_ticks)
{
    if ((int64_t)(now_ticks - self->alarm.until_ticks) >= 0) {
        watchdog_arm(self, now_ticks);
    }
}

#endif
