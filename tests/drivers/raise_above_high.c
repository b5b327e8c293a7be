/* SPDX-License-Identifier: MIT */
/*
 * KeRaiseIrql to 16, which is not an IRQL. Expected: bug check 0x09, parameter 1 = PASSIVE_LEVEL,
 * parameter 2 = 16.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KIRQL irql;

    KeRaiseIrql(16, &irql);
}
