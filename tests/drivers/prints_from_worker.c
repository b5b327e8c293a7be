/* SPDX-License-Identifier: MIT */
/*
 * Every worker prints a line with its processor number. This breaks the documented rules, but is
 * common: it must not hang, and every line must arrive whole.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER print_number;

static volatile LONG printed;

_Use_decl_annotations_ ULONG_PTR print_number(ULONG_PTR Argument)
{
    DbgPrint("prints_from_worker: hello from processor %u\n", KeGetCurrentProcessorNumberEx(NULL));
    InterlockedIncrement(&printed);
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(KeIpiGenericCall(print_number, 3) == 3);
    CHECK(printed == (LONG)processor_total());
    return check_result("prints_from_worker");
}
