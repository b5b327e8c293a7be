/* SPDX-License-Identifier: MIT */
/*
 * A worker waits for something that its caller does after the call. Expected: bug check 0x101,
 * since the call can never end, with the caller as the culprit: "in the worker".
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER wait_for_caller;

static volatile LONG call_is_over;

_Use_decl_annotations_ ULONG_PTR wait_for_caller(ULONG_PTR Argument)
{
    while (!call_is_over) {
        YieldProcessor();
    }
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(wait_for_caller, 0);
    call_is_over = 1;
    return STATUS_SUCCESS;
}
