/* SPDX-License-Identifier: MIT */
/* Declares a variable of the kernel, which drivers must not use: it must not link. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

extern ULONG processor_count;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return processor_count == 0 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}
