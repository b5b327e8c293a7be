/* SPDX-License-Identifier: MIT */
/*
 * The header that most drivers include. Muster declares every kernel routine in wdm.h, with its
 * IRQL range; this header adds what is built on them.
 */
#ifndef MUSTER_NTDDK_H
#define MUSTER_NTDDK_H

#include "wdm.h"

/**
 * KeGetCurrentProcessorIndex - The current processor's system-wide index.
 *
 * IRQL: any.
 * Returns: the index, 0 to the maximum count of all groups minus one.
 * Source: KeGetCurrentProcessorNumberEx function: it is that routine's return value.
 */
static FORCEINLINE ULONG KeGetCurrentProcessorIndex(VOID)
{
    return KeGetCurrentProcessorNumberEx(NULL);
}

#endif /* MUSTER_NTDDK_H */
