/* SPDX-License-Identifier: MIT */
/*
 * KeReleaseSpinLock to an IRQL above the current one. Expected: bug check 0x0A, parameter 1 =
 * DISPATCH_LEVEL, parameter 2 = 5.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KSPIN_LOCK lock;
    KIRQL irql;

    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &irql);
    KeReleaseSpinLock(&lock, 5);
}
