/* SPDX-License-Identifier: MIT */
/*
 * Every worker prints a line, then one of them stops the system. Expected: all lines are on the
 * console before the bug check, which has the driver's own code and parameters.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER print_and_stop;

static volatile LONG printed;

_Use_decl_annotations_ ULONG_PTR print_and_stop(ULONG_PTR Argument)
{
    DbgPrint("prints_then_stops: processor %u\n", KeGetCurrentProcessorNumberEx(NULL));
    InterlockedIncrement(&printed);
    while (printed < (LONG)processor_total()) {
        YieldProcessor();
    }
    if (is_last_processor()) {
        KeBugCheckEx(0xDEADBEEF, 1, 2, 3, Argument);
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(print_and_stop, 0xfedcba9876543210);
    return STATUS_UNSUCCESSFUL;
}
