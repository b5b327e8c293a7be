/* SPDX-License-Identifier: MIT */
/*
 * What most drivers include. Muster declares every kernel routine in wdm.h, where its IRQL range
 * stands; this header adds what is made of them.
 */
#ifndef MUSTER_NTDDK_H
#define MUSTER_NTDDK_H

#include "wdm.h"

/**
 * KeGetCurrentProcessorIndex - The current processor's system-wide index.
 *
 * IRQL: any.
 * Returns: the index, 0 to the active count of all groups minus one.
 * Source: KeGetCurrentProcessorNumberEx function, whose return value it is.
 */
static FORCEINLINE ULONG KeGetCurrentProcessorIndex(VOID)
{
    return KeGetCurrentProcessorNumberEx(NULL);
}

#endif /* MUSTER_NTDDK_H */
