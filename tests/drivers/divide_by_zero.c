/* SPDX-License-Identifier: MIT */
/*
 * A worker divides by zero on the last processor. Expected: bug check 0x7F, parameter 1 = 0, on
 * that processor.
 */
#include "misuse.h"

static volatile LONG divisor;

KIPI_BROADCAST_WORKER divide;

_Use_decl_annotations_ ULONG_PTR divide(ULONG_PTR Argument)
{
    return is_last_processor() ? (ULONG_PTR)((LONG)Argument / divisor) : 0;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(divide, 42);
}
