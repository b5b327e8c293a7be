/*
 * KeLowerIrql to a level above the current one. Expected: bug check 0x0A, parameter 1 = 0 (the
 * current level), parameter 2 = 2 (the level asked for).
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeLowerIrql(DISPATCH_LEVEL);
    DbgPrint("lower_irql: the IRQL is %u\n", KeGetCurrentIrql());
    return STATUS_UNSUCCESSFUL;
}
