/*
 * INT 2Ch, which a failed assertion of the compiler's own kind executes, in a worker on the last
 * processor.
 */
#include <ntddk.h>

KIPI_BROADCAST_WORKER AssertOnLast;
DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ ULONG_PTR AssertOnLast(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    if (KeGetCurrentProcessorNumber() == KeQueryActiveProcessorCount(NULL) - 1) {
        __int2c();
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(AssertOnLast, 0);
    return STATUS_UNSUCCESSFUL;
}
