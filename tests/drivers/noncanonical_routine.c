/* SPDX-License-Identifier: MIT */
/*
 * A routine whose address is not canonical. Expected: bug check 0x0A before any processor is
 * interrupted, parameter 1 = the routine, parameter 2 = the caller's IRQL, parameter 3 = 8
 * (execute).
 */
#include "misuse.h"

static VOID misuse(VOID)
{
    KeRaiseIrqlToDpcLevel();
    KeIpiGenericCall((PKIPI_BROADCAST_WORKER)0x8000000000000000, 0);
}
