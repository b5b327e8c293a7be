/* SPDX-License-Identifier: MIT */
/*
 * A call at IPI_LEVEL. Expected: bug check 0x0A, parameter 1 = the routine, parameter 2 =
 * IPI_LEVEL, parameter 3 = 0.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KIRQL irql;

    KeRaiseIrql(IPI_LEVEL, &irql);
    KeIpiGenericCall(nothing, 0);
}
