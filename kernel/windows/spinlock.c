/* SPDX-License-Identifier: MIT */
/*
 * Spin locks, and the exported routines over them.
 *
 * A waiter only reads until the lock looks free, so the cache line stays shared and the holder's
 * release costs one transfer. A waiter with interrupts disabled does not hear the doorbell: a call
 * made by the lock's holder would wait for the waiter, and the waiter for the holder. So
 * wait_pass() polls (docs/contract.md, clause C1).
 *
 * A waiter's deadline counts from the last change of owner that it has seen: if many processors
 * compete for a lock, the last one waits long through nobody's fault. An owner that keeps the lock
 * for that long is at fault.
 *
 * Memory ordering: acquire when the lock is taken, release when it is released; nothing else is
 * promised.
 */
#include "kernel/windows/spinlock.h"

#include <wdm.h>

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"
#include "kernel/windows/irql_routines.h"

#define FREE 0

/* The deadline, in multiples of the kernel's own: a lock may be held during several calls. */
#define LOCK_PATIENCE 32

bool spinlock_try_acquire(struct spinlock *lock)
{
    uintptr_t expected = FREE;
    return atomic_compare_exchange_strong_explicit(&lock->owner, &expected,
                                                   arch_processor()->index + 1,
                                                   memory_order_acquire, memory_order_relaxed);
}

/* Relaxed: taking the lock afterwards is the acquire. */
static uintptr_t owner_of(const struct spinlock *lock)
{
    return atomic_load_explicit(&lock->owner, memory_order_relaxed);
}

/* The owner does not release the lock, so the report names it. */
static _Noreturn void lock_expired(struct spinlock *lock)
{
    uintptr_t owner = owner_of(lock);
    bugcheck_timeout(owner == FREE ? arch_processor()->index : (unsigned)owner - 1);
}

void spinlock_acquire(struct spinlock *lock)
{
    struct wait wait = wait_begin(LOCK_PATIENCE);
    uintptr_t seen = FREE, owner;

    while (!spinlock_try_acquire(lock)) {
        while ((owner = owner_of(lock)) != FREE) {
            if (owner != seen) {
                wait_progress(&wait);
                seen = owner;
            }
            if (wait_pass(&wait) == WAIT_EXPIRED) {
                lock_expired(lock);
            }
        }
        seen = FREE; /* the next owner may be the same as before */
    }
}

void spinlock_release(struct spinlock *lock)
{
    atomic_store_explicit(&lock->owner, FREE, memory_order_release);
}

bool spinlock_is_held(const struct spinlock *lock)
{
    return owner_of(lock) != FREE;
}

/* ---- the exported routines: a KSPIN_LOCK is a struct spinlock ---- */

_Static_assert(sizeof(KSPIN_LOCK) == sizeof(struct spinlock), "a KSPIN_LOCK is a struct spinlock");

static struct spinlock *lock_of(PKSPIN_LOCK word)
{
    return (struct spinlock *)word;
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    spinlock_release(lock_of(SpinLock));
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL old_irql = (KIRQL)irql_raise_checked(IRQL_DISPATCH, IRQL_CALLER);
    spinlock_acquire(lock_of(SpinLock));
    return old_irql;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    spinlock_release(lock_of(SpinLock));
    irql_lower_checked(NewIrql, IRQL_CALLER);
}

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    spinlock_acquire(lock_of(SpinLock));
}

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    spinlock_release(lock_of(SpinLock));
}

BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    return spinlock_try_acquire(lock_of(SpinLock));
}

BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock)
{
    return !spinlock_is_held(lock_of(SpinLock));
}

/* The handle only keeps the lock and the IRQL; the queue itself would be an optimisation. */
VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = (KIRQL)irql_raise_checked(IRQL_DISPATCH, IRQL_CALLER);
    spinlock_acquire(lock_of(SpinLock));
}

VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    spinlock_release(lock_of(LockHandle->LockQueue.Lock));
    irql_lower_checked(LockHandle->OldIrql, IRQL_CALLER);
}

VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                    PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    spinlock_acquire(lock_of(SpinLock));
}

VOID NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
    spinlock_release(lock_of(LockHandle->LockQueue.Lock));
}
