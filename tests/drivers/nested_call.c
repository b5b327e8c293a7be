/* SPDX-License-Identifier: MIT */
/*
 * A worker calls KeIpiGenericCall on the last processor. Expected: bug check 0x0A, parameter 1 =
 * the inner routine, parameter 2 = IPI_LEVEL.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER outer;

_Use_decl_annotations_ ULONG_PTR outer(ULONG_PTR Argument)
{
    return is_last_processor() ? KeIpiGenericCall(nothing, Argument) : 0;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(outer, 1);
}
