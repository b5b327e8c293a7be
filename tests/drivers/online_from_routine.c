/* SPDX-License-Identifier: MIT */
/*
 * A routine lowers its IRQL and takes a processor online, still inside the call. Expected: bug
 * check 0x0A, parameter 1 = processor_online(), parameter 2 = PASSIVE_LEVEL.
 */
#include "misuse.h"

#include <muster.h>

KIPI_BROADCAST_WORKER ask;

_Use_decl_annotations_ ULONG_PTR ask(ULONG_PTR Argument)
{
    _disable(); /* at PASSIVE_LEVEL, an interrupt would only blur the test */
    KeLowerIrql(PASSIVE_LEVEL);
    processor_online(0);
    return Argument;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(ask, 0);
}
