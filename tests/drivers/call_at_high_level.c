/*
 * A call by a caller that is at HIGH_LEVEL. Expected: bug check 0x0A, parameter 1 = the routine,
 * parameter 2 = HIGH_LEVEL, parameter 3 = 0.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER worker;

_Use_decl_annotations_ ULONG_PTR worker(ULONG_PTR Argument)
{
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KIRQL irql;

    KeRaiseIrql(HIGH_LEVEL, &irql);
    KeIpiGenericCall(worker, 0);
    KeLowerIrql(irql);
    DbgPrint("call_at_high_level: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
