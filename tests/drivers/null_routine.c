/* SPDX-License-Identifier: MIT */
/*
 * A call with no routine. Expected: bug check 0x0A before any processor is interrupted, parameters
 * 1 = 0, 2 = PASSIVE_LEVEL, 3 = 8.
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KeIpiGenericCall(NULL, 0);
}
