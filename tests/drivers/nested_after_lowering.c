/*
 * A worker that lowers its IRQL to PASSIVE_LEVEL and then calls KeIpiGenericCall, on the last
 * processor: the IRQL allows it, but it is inside a call all the same. Expected: bug check 0x0A,
 * parameter 1 = the inner routine, parameter 2 = PASSIVE_LEVEL.
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
    if (is_last_processor()) {
        KeLowerIrql(PASSIVE_LEVEL);
        KeIpiGenericCall(inner, Argument);
        __writecr8(IPI_LEVEL);
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(outer, 1);
    DbgPrint("nested_after_lowering: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
