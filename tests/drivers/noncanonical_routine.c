/*
 * A routine whose address is not canonical. Expected: bug check 0x0A before anything is sent,
 * parameter 1 = the routine, parameter 2 = the caller's IRQL, parameter 3 = 8 (execute).
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KIRQL irql = KeRaiseIrqlToDpcLevel();

    KeIpiGenericCall((PKIPI_BROADCAST_WORKER)0x8000000000000000, 0);
    KeLowerIrql(irql);
    DbgPrint("noncanonical_routine: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
