/* SPDX-License-Identifier: MIT */
/*
 * A call without a routine. Expected: bug check 0x0A before any processor is interrupted, parameter
 * 1 = 0, parameter 2 = PASSIVE_LEVEL, parameter 3 = 8.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KeIpiGenericCall(NULL, 0);
}
