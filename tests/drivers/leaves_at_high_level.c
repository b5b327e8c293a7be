/* SPDX-License-Identifier: MIT */
/*
 * A worker raises the IRQL to HIGH_LEVEL and returns at that level, on the last processor.
 * Expected: bug check 0xC8, parameter 1 = 0x000F0E02, parameter 2 = the worker, parameter 3 = 7.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER leave_at_high_level;

_Use_decl_annotations_ ULONG_PTR leave_at_high_level(ULONG_PTR Argument)
{
    KIRQL irql;

    if (is_last_processor()) {
        KeRaiseIrql(HIGH_LEVEL, &irql);
    }
    return Argument;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(leave_at_high_level, 7);
}
