/* SPDX-License-Identifier: MIT */
/*
 * All workers print, and while some processor is still writing those lines to the console, the next
 * call's worker faults. The bug check line must begin a line of its own, and no printed line may be
 * lost or torn.
 */
#include <ntddk.h>

KIPI_BROADCAST_WORKER PrintSome;
KIPI_BROADCAST_WORKER Fault;
DRIVER_INITIALIZE DriverEntry;

#define LINES 60

_Use_decl_annotations_ ULONG_PTR PrintSome(ULONG_PTR Argument)
{
    ULONG line;

    UNREFERENCED_PARAMETER(Argument);
    for (line = 0; line < LINES; line++) {
        DbgPrint("line %lu of processor %lu, long enough to be caught half way ........ end\n",
                 line, KeGetCurrentProcessorNumber());
    }
    return 0;
}

_Use_decl_annotations_ ULONG_PTR Fault(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    if (KeGetCurrentProcessorNumber() == 0) {
        *(volatile ULONG *)0x700000001000 = 1;
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    KIRQL oldIrql;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    /* Above DISPATCH_LEVEL the return from the call prints nothing: other processors do. */
    KeRaiseIrql(CLOCK_LEVEL, &oldIrql);
    KeIpiGenericCall(PrintSome, 0);
    KeStallExecutionProcessor(2000);
    KeIpiGenericCall(Fault, 0);
    KeLowerIrql(oldIrql);
    return STATUS_UNSUCCESSFUL;
}
