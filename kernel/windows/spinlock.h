/* SPDX-License-Identifier: MIT */
/*
 * Spin locks. The word is the driver's KSPIN_LOCK: pointer-sized, 0 when free, else the owner's
 * processor index plus one, so that a report can name who holds it.
 *
 * IRQL: every function here is called at DISPATCH_LEVEL or above and leaves the IRQL alone.
 */
#ifndef KERNEL_WINDOWS_SPINLOCK_H
#define KERNEL_WINDOWS_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct spinlock {
    _Atomic uintptr_t owner;
};

/*
 * Waits until the lock is free and takes it (acquire). With interrupts disabled the wait takes part
 * in rendezvous calls of other processors by polling (contract C1); with interrupts enabled the
 * doorbell does that.
 */
void spinlock_acquire(struct spinlock *lock);

/* Takes the lock if it is free (acquire) and says whether it did. */
bool spinlock_try_acquire(struct spinlock *lock);

/* Gives the lock back (release). */
void spinlock_release(struct spinlock *lock);

bool spinlock_is_held(const struct spinlock *lock);

#endif
