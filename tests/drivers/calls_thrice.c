/* SPDX-License-Identifier: MIT */
/*
 * Three calls of all processors, each reported by every processor: a fault may target one of them.
 */
#include "check.h"

#define CALLS 3

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER tell_call;

static volatile LONG told;

_Use_decl_annotations_ ULONG_PTR tell_call(ULONG_PTR Argument)
{
    DbgPrint("calls_thrice: call %u on processor %u\n", (ULONG)Argument,
             KeGetCurrentProcessorNumberEx(NULL));
    InterlockedIncrement(&told);
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    for (ULONG call = 1; call <= CALLS; call++) {
        CHECK(KeIpiGenericCall(tell_call, call) == call);
        CHECK(told == (LONG)(call * processor_total()));
    }
    return check_result("calls_thrice");
}
