/*
 * KeRaiseIrql to a level below the current one. Expected: bug check 0x09, parameter 1 = 2 (the
 * current level), parameter 2 = 1 (the level asked for).
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    KeRaiseIrql(APC_LEVEL, &irql);
    DbgPrint("raise_irql: the IRQL is %u\n", KeGetCurrentIrql());
    return STATUS_UNSUCCESSFUL;
}
