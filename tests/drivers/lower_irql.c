/* SPDX-License-Identifier: MIT */
/*
 * KeLowerIrql to a level above the current one. Expected: bug check 0x0A, parameter 1 = 0 (the
 * current level), parameter 2 = 2 (the requested level).
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KeLowerIrql(DISPATCH_LEVEL);
}
