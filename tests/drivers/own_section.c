/* SPDX-License-Identifier: MIT */
/*
 * Code in a section that the driver names. A fault there is a fault in the driver (bug check 0xD1),
 * and the report knows the function's name.
 */
#include <ntddk.h>

KIPI_BROADCAST_WORKER FaultInOwnSection;
DRIVER_INITIALIZE DriverEntry;

__attribute__((noinline, section("PAGE"))) static void TouchNowhere(void)
{
    *(volatile ULONG *)0x700000001000 = 1;
}

_Use_decl_annotations_ ULONG_PTR FaultInOwnSection(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    TouchNowhere();
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(FaultInOwnSection, 0);
    return STATUS_UNSUCCESSFUL;
}
