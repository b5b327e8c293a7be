/* SPDX-License-Identifier: MIT */
/* DriverEntry never returns. Expected: the launcher gives up after its time limit and says so. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("hangs: waiting for ever\n");
    for (;;) {
        YieldProcessor();
    }
}
