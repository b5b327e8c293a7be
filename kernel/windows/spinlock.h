/* SPDX-License-Identifier: MIT */
/*
 * Spin locks. The word is the driver's KSPIN_LOCK: pointer-sized, 0 if free, else the owner's
 * processor index plus one, so that a report can name the owner.
 *
 * IRQL: every function here is called at DISPATCH_LEVEL or above and does not change the IRQL.
 */
#ifndef KERNEL_WINDOWS_SPINLOCK_H
#define KERNEL_WINDOWS_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct spinlock {
    _Atomic uintptr_t owner;
};

/*
 * Waits until the lock is free and takes it (acquire). With interrupts disabled, the waiter polls
 * and so takes part in other processors' calls (docs/contract.md, clause C1); with interrupts
 * enabled, the doorbell makes it do so.
 */
void spinlock_acquire(struct spinlock *lock);

/* Takes the lock if it is free (acquire); returns whether it did. */
bool spinlock_try_acquire(struct spinlock *lock);

/* Releases the lock (release). */
void spinlock_release(struct spinlock *lock);

bool spinlock_is_held(const struct spinlock *lock);

#endif
