/* SPDX-License-Identifier: MIT */
/*
 * A worker lowers its IRQL to PASSIVE_LEVEL and then calls KeIpiGenericCall, on the last processor.
 * The IRQL allows it, but the worker is still inside a call. Expected: bug check 0x0A, parameter 1
 * = the inner routine, parameter 2 = PASSIVE_LEVEL.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER outer;

_Use_decl_annotations_ ULONG_PTR outer(ULONG_PTR Argument)
{
    if (is_last_processor()) {
        KeLowerIrql(PASSIVE_LEVEL);
        KeIpiGenericCall(nothing, Argument);
        __writecr8(IPI_LEVEL);
    }
    return 0;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(outer, 1);
}
