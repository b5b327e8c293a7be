/* SPDX-License-Identifier: MIT */
/*
 * KeAcquireSpinLock above DISPATCH_LEVEL, which would lower the IRQL. Expected: bug check 0x09,
 * parameter 1 = 5, parameter 2 = DISPATCH_LEVEL.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KSPIN_LOCK lock;
    KIRQL irql, lock_irql;

    KeInitializeSpinLock(&lock);
    KeRaiseIrql(5, &irql);
    KeAcquireSpinLock(&lock, &lock_irql);
}
