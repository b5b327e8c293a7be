/* SPDX-License-Identifier: MIT */
/*
 * DriverEntry returns an error status. Expected: the driver is reported as failed, and nothing else
 * happens.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("fails: returning STATUS_UNSUCCESSFUL\n");
    return STATUS_UNSUCCESSFUL;
}
