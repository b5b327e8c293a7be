/* SPDX-License-Identifier: MIT */
/*
 * A worker lowers the IRQL to CLOCK_LEVEL and returns at that level, on the last processor.
 * Expected: bug check 0xC8, parameter 1 = 0x000D0E02, parameter 2 = the worker, parameter 3 = 7.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER leave_at_clock_level;

_Use_decl_annotations_ ULONG_PTR leave_at_clock_level(ULONG_PTR Argument)
{
    if (is_last_processor()) {
        KeLowerIrql(CLOCK_LEVEL);
    }
    return Argument;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(leave_at_clock_level, 7);
}
