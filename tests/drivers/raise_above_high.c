/*
 * KeRaiseIrql to 16, which is no IRQL. Expected: bug check 0x09, parameter 1 = PASSIVE_LEVEL,
 * parameter 2 = 16.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KIRQL irql;

    KeRaiseIrql(16, &irql);
    DbgPrint("raise_above_high: KeRaiseIrql returned\n");
    return STATUS_UNSUCCESSFUL;
}
