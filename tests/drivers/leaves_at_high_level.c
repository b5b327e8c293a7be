/*
 * A worker that raises the IRQL to HIGH_LEVEL and returns so, on the last processor. Expected: bug
 * check 0xC8, parameter 1 = 0x000F0E02, parameter 2 = the worker, parameter 3 = 7.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER leave_at_high_level;

_Use_decl_annotations_ ULONG_PTR leave_at_high_level(ULONG_PTR Argument)
{
    KIRQL irql;

    if (is_last_processor()) {
        KeRaiseIrql(HIGH_LEVEL, &irql);
    }
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(leave_at_high_level, 7);
    DbgPrint("leaves_at_high_level: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
