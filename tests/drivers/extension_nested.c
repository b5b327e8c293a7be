/* SPDX-License-Identifier: MIT */
/*
 * A routine of rendezvous_call() calls rendezvous_call() on the last processor. Expected: bug check
 * 0x0A, as for KeIpiGenericCall: parameter 1 = the inner routine, parameter 2 = IPI_LEVEL.
 */
#include "misuse.h"

#include <muster.h>

KIPI_BROADCAST_WORKER outer;

_Use_decl_annotations_ ULONG_PTR outer(ULONG_PTR Argument)
{
    struct rendezvous_request request = { .routines = { nothing }, .argument = Argument };

    return is_last_processor() ? rendezvous_call(&request) : 0;
}

static VOID misuse(VOID)
{
    struct rendezvous_request request = { .routines = { outer } };

    rendezvous_call(&request);
}
