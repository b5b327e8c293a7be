/*
 * A call with no routine. Expected: bug check 0x0A before any processor is interrupted, parameters
 * 1 = 0, 2 = PASSIVE_LEVEL, 3 = 8.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(NULL, 0);
    DbgPrint("null_routine: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
