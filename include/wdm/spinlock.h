/* SPDX-License-Identifier: MIT */
/*
 * Spin locks, plain and queued. Part of wdm.h; include that. On Windows a queued lock serves its
 * waiters in order of arrival; here it is a plain lock with another interface.
 *
 * An IPI worker must take none: the code that it interrupted may hold it.
 *
 * Source of each routine: its reference page in the Windows driver documentation.
 */
#ifndef MUSTER_WDM_SPINLOCK_H
#define MUSTER_WDM_SPINLOCK_H

#include "../ntdef.h"

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;

/* A waiter's place in the queue of a queued lock, on the waiter's stack */
typedef struct _KSPIN_LOCK_QUEUE {
    struct _KSPIN_LOCK_QUEUE *volatile Next;
    PKSPIN_LOCK volatile Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;

typedef struct _KLOCK_QUEUE_HANDLE {
    KSPIN_LOCK_QUEUE LockQueue;
    KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

/**
 * KeInitializeSpinLock - Initialize a lock as free.
 * @SpinLock: the lock, in nonpaged memory.
 *
 * IRQL: any.
 * Source: KeInitializeSpinLock function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI VOID NTAPI KeInitializeSpinLock(_Out_ PKSPIN_LOCK SpinLock);

/**
 * KeAcquireSpinLockRaiseToDpc - Raise to DISPATCH_LEVEL, then wait for the lock and take it.
 * @SpinLock: the lock; taking it twice on one processor is a deadlock.
 *
 * Drivers call it as KeAcquireSpinLock(SpinLock, OldIrql).
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Returns: the previous level, for KeReleaseSpinLock.
 * Source: KeAcquireSpinLockRaiseToDpc function; KeAcquireSpinLock macro.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Acquires_lock_(*SpinLock)
_IRQL_raises_(DISPATCH_LEVEL)
_IRQL_saves_
NTKERNELAPI KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(_Inout_ PKSPIN_LOCK SpinLock);
#define KeAcquireSpinLock(SpinLock, OldIrql) (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))

/**
 * KeReleaseSpinLock - Release a lock and return to the IRQL from before it.
 * @SpinLock: a lock that KeAcquireSpinLock took.
 * @NewIrql: the level that KeAcquireSpinLock stored.
 *
 * IRQL: DISPATCH_LEVEL.
 * Source: KeReleaseSpinLock function.
 */
_IRQL_requires_(DISPATCH_LEVEL)
_Releases_lock_(*SpinLock)
NTKERNELAPI VOID NTAPI KeReleaseSpinLock(_Inout_ PKSPIN_LOCK SpinLock,
                                         _In_ _IRQL_restores_ KIRQL NewIrql);

/**
 * KeAcquireSpinLockAtDpcLevel - Wait for a lock and take it, without changing the IRQL.
 * @SpinLock: the lock.
 *
 * IRQL: >= DISPATCH_LEVEL.
 * Source: KeAcquireSpinLockAtDpcLevel macro.
 */
_IRQL_requires_min_(DISPATCH_LEVEL)
_IRQL_requires_max_(HIGH_LEVEL)
_Acquires_lock_(*SpinLock)
NTKERNELAPI VOID NTAPI KeAcquireSpinLockAtDpcLevel(_Inout_ PKSPIN_LOCK SpinLock);

/**
 * KeReleaseSpinLockFromDpcLevel - Release a lock, without changing the IRQL.
 * @SpinLock: a lock that an AtDpcLevel routine took.
 *
 * IRQL: >= DISPATCH_LEVEL.
 * Source: KeReleaseSpinLockFromDpcLevel macro.
 */
_IRQL_requires_min_(DISPATCH_LEVEL)
_IRQL_requires_max_(HIGH_LEVEL)
_Releases_lock_(*SpinLock)
NTKERNELAPI VOID NTAPI KeReleaseSpinLockFromDpcLevel(_Inout_ PKSPIN_LOCK SpinLock);

/**
 * KeTryToAcquireSpinLockAtDpcLevel - Take a lock if it is free, without changing the IRQL.
 * @SpinLock: the lock.
 *
 * IRQL: >= DISPATCH_LEVEL.
 * Returns: TRUE if the lock was taken, FALSE if it is held.
 * Source: KeTryToAcquireSpinLockAtDpcLevel function.
 */
_IRQL_requires_min_(DISPATCH_LEVEL)
_IRQL_requires_max_(HIGH_LEVEL)
_Must_inspect_result_
NTKERNELAPI BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(_Inout_ PKSPIN_LOCK SpinLock);

/**
 * KeTestSpinLock - Tell whether a lock is free.
 * @SpinLock: the lock.
 *
 * IRQL: any.
 * Returns: TRUE if it was free at that moment, else FALSE.
 * Source: KeTestSpinLock function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI KeTestSpinLock(_In_ PKSPIN_LOCK SpinLock);

/**
 * KeAcquireInStackQueuedSpinLock - Raise to DISPATCH_LEVEL, wait for a queued lock and take it.
 * @SpinLock: the lock; use it with the queued routines only, or with the plain ones only.
 * @LockHandle: the caller's place in the queue, until the release.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Source: KeAcquireInStackQueuedSpinLock function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Acquires_lock_(LockHandle)
_IRQL_raises_(DISPATCH_LEVEL)
NTKERNELAPI VOID NTAPI KeAcquireInStackQueuedSpinLock(_Inout_ PKSPIN_LOCK SpinLock,
                                                      _Out_ PKLOCK_QUEUE_HANDLE LockHandle);

/**
 * KeReleaseInStackQueuedSpinLock - Release a queued lock and return to the IRQL from before it.
 * @LockHandle: as given to KeAcquireInStackQueuedSpinLock.
 *
 * IRQL: DISPATCH_LEVEL.
 * Source: KeReleaseInStackQueuedSpinLock function.
 */
_IRQL_requires_(DISPATCH_LEVEL)
_Releases_lock_(LockHandle)
NTKERNELAPI VOID NTAPI KeReleaseInStackQueuedSpinLock(_In_ PKLOCK_QUEUE_HANDLE LockHandle);

/**
 * KeAcquireInStackQueuedSpinLockAtDpcLevel - As above, without changing the IRQL.
 * @SpinLock: the lock.
 * @LockHandle: the caller's place in the queue, until the release.
 *
 * IRQL: >= DISPATCH_LEVEL.
 * Source: KeAcquireInStackQueuedSpinLockAtDpcLevel function.
 */
_IRQL_requires_min_(DISPATCH_LEVEL)
_IRQL_requires_max_(HIGH_LEVEL)
_Acquires_lock_(LockHandle)
NTKERNELAPI VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(
    _Inout_ PKSPIN_LOCK SpinLock, _Out_ PKLOCK_QUEUE_HANDLE LockHandle);

/**
 * KeReleaseInStackQueuedSpinLockFromDpcLevel - As above, without changing the IRQL.
 * @LockHandle: as given to KeAcquireInStackQueuedSpinLockAtDpcLevel.
 *
 * IRQL: >= DISPATCH_LEVEL.
 * Source: KeReleaseInStackQueuedSpinLockFromDpcLevel function.
 */
_IRQL_requires_min_(DISPATCH_LEVEL)
_IRQL_requires_max_(HIGH_LEVEL)
_Releases_lock_(LockHandle)
NTKERNELAPI VOID NTAPI
KeReleaseInStackQueuedSpinLockFromDpcLevel(_In_ PKLOCK_QUEUE_HANDLE LockHandle);

#endif /* MUSTER_WDM_SPINLOCK_H */
