/*
 * A worker that divides by zero on the last processor. Expected: bug check 0x7F, parameter 1 = 0,
 * on that processor.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER divide;

static volatile LONG divisor;

_Use_decl_annotations_ ULONG_PTR divide(ULONG_PTR Argument)
{
    return is_last_processor() ? (ULONG_PTR)((LONG)Argument / divisor) : 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(divide, 42);
    DbgPrint("divide_by_zero: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
