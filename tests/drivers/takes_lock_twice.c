/* SPDX-License-Identifier: MIT */
/*
 * Acquires a spin lock that its own processor holds. Expected: bug check 0x101 with that processor
 * as the culprit, in no call.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    static KSPIN_LOCK lock;
    KIRQL irql;

    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &irql);
    KeAcquireSpinLockAtDpcLevel(&lock);
}
