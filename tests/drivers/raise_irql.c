/* SPDX-License-Identifier: MIT */
/*
 * KeRaiseIrql to a level below the current one. Expected: bug check 0x09, parameter 1 = 2 (the
 * current level), parameter 2 = 1 (the requested level).
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    KeRaiseIrql(APC_LEVEL, &irql);
}
