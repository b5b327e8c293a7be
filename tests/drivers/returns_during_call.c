/* SPDX-License-Identifier: MIT */
/*
 * Returns before a call that it has begun is over: its routine stays on the last processor.
 * Expected: a failed run, and a line that gives the reason.
 */
#include "check.h"

#include <muster.h>

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER stay;

static volatile LONG arrived;

_Use_decl_annotations_ ULONG_PTR stay(ULONG_PTR Argument)
{
    InterlockedExchange(&arrived, 1);
    for (;;) {
        YieldProcessor();
    }
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    static struct rendezvous_completion completion;
    struct processor_set last = { 0 };
    struct rendezvous_request request = { .targets = &last, .routines = { stay } };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    processor_set_add(&last, KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS) - 1);
    rendezvous_begin(&request, &completion);
    while (!arrived) {
        YieldProcessor();
    }
    return STATUS_SUCCESS;
}
