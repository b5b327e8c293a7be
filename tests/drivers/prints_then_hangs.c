/* SPDX-License-Identifier: MIT */
/*
 * A worker prints, and the driver never returns. The lines must still reach the console, even if no
 * other processor can print them.
 */
#include <ntddk.h>

KIPI_BROADCAST_WORKER Greet;
DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ ULONG_PTR Greet(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    DbgPrint("prints_then_hangs: processor %lu\n", KeGetCurrentProcessorNumber());
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(Greet, 0);
    for (;;) {
        YieldProcessor();
    }
}
