/* SPDX-License-Identifier: MIT */
/*
 * Stops the system while a processor is offline. The report says so, and that processor is not
 * asked to freeze.
 */
#include <ntddk.h>

#include <muster.h>

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (processor_offline(2) == PROCESSOR_CHANGED) {
        KeBugCheckEx(0xdeadbeef, 1, 2, 3, 4);
    }
    return STATUS_UNSUCCESSFUL;
}
