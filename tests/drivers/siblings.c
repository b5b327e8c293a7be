/* SPDX-License-Identifier: MIT */
/*
 * Workers that wait for each other: each enters and stays until all have entered. They finish only
 * if all processors really run the routine at the same time.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER wait_for_siblings;

static volatile LONG entered;
static LONG expected;

_Use_decl_annotations_ ULONG_PTR wait_for_siblings(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    InterlockedIncrement(&entered);
    while (entered < expected) {
        YieldProcessor();
    }
    return (ULONG_PTR)entered;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    expected = (LONG)processor_total();
    CHECK(KeIpiGenericCall(wait_for_siblings, 0) == (ULONG_PTR)expected);
    CHECK(entered == expected);
    return check_result("siblings");
}
