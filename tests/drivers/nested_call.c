/*
 * A worker that calls KeIpiGenericCall itself, on the last processor. Expected: bug check 0x0A,
 * parameter 1 = the inner routine, parameter 2 = IPI_LEVEL.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER inner;
KIPI_BROADCAST_WORKER outer;

_Use_decl_annotations_ ULONG_PTR inner(ULONG_PTR Argument)
{
    return Argument;
}

_Use_decl_annotations_ ULONG_PTR outer(ULONG_PTR Argument)
{
    return is_last_processor() ? KeIpiGenericCall(inner, Argument) : 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(outer, 1);
    DbgPrint("nested_call: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
