/* SPDX-License-Identifier: MIT */
/*
 * Every worker prints 2000 lines at IPI_LEVEL, more than a processor's ring holds. The console must
 * report the number of lost lines (docs/contract.md, clause R3).
 */
#include <ntddk.h>

KIPI_BROADCAST_WORKER PrintTooMuch;
DRIVER_INITIALIZE DriverEntry;

#define LINES 2000

_Use_decl_annotations_ ULONG_PTR PrintTooMuch(ULONG_PTR Argument)
{
    ULONG line;

    UNREFERENCED_PARAMETER(Argument);
    for (line = 0; line < LINES; line++) {
        DbgPrint("overflow: line %lu of processor %lu\n", line, KeGetCurrentProcessorNumber());
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(PrintTooMuch, 0);
    return STATUS_SUCCESS;
}
