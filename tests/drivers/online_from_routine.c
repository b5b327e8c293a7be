/* SPDX-License-Identifier: MIT */
/*
 * A routine that lowers its IRQL and takes a processor online: still inside the call. Expected: bug
 * check 0x0A, parameter 1 = processor_online(), parameter 2 = PASSIVE_LEVEL.
 */
#include "misuse.h"

#include <muster.h>

KIPI_BROADCAST_WORKER ask;

_Use_decl_annotations_ ULONG_PTR ask(ULONG_PTR Argument)
{
    _disable(); /* PASSIVE_LEVEL in a routine is bad enough without interrupts */
    KeLowerIrql(PASSIVE_LEVEL);
    processor_online(0);
    return Argument;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(ask, 0);
}
