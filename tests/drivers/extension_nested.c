/*
 * A routine of rendezvous_call() that calls it itself, on the last processor. Expected: bug check
 * 0x0A, as for KeIpiGenericCall: parameter 1 = the inner routine, parameter 2 = IPI_LEVEL.
 */
#include "check.h"

#include <muster.h>

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER inner;
KIPI_BROADCAST_WORKER outer;

_Use_decl_annotations_ ULONG_PTR inner(ULONG_PTR Argument)
{
    return Argument;
}

_Use_decl_annotations_ ULONG_PTR outer(ULONG_PTR Argument)
{
    struct rendezvous_request request = { .routines = { inner }, .argument = Argument };
    return is_last_processor() ? rendezvous_call(&request) : 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    struct rendezvous_request request = { .routines = { outer } };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    rendezvous_call(&request);
    DbgPrint("extension_nested: the call returned\n");
    return STATUS_UNSUCCESSFUL;
}
