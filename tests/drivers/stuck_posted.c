/* SPDX-License-Identifier: MIT */
/*
 * A call without waiting whose routine never returns, and another call after it. Expected: bug
 * check 0x101, which names the last processor: it leads the call that blocks the other.
 */
#include "check.h"

#include <muster.h>

KIPI_BROADCAST_WORKER never_return;

ULONG_PTR never_return(ULONG_PTR Argument)
{
    for (;;) {
        YieldProcessor();
    }
    return Argument;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static struct rendezvous_completion completion;
    static struct processor_set last;
    struct rendezvous_request request = { .targets = &last, .routines = { never_return } };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    processor_set_add(&last, processor_total() - 1);
    rendezvous_begin(&request, &completion);
    KeIpiGenericCall(nothing, 0);
    return STATUS_SUCCESS;
}
