/* SPDX-License-Identifier: MIT */
/* DriverEntry returns with interrupts disabled: a failed run that says so. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    _disable();
    return STATUS_SUCCESS;
}
