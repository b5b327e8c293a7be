/* SPDX-License-Identifier: MIT */
/*
 * Workers print one after another, in the order of their indices, while their caller has an
 * unfinished line. Expected: the lines come out in that order, and the caller's line in one piece.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER print_in_turn;

static volatile LONG next;

_Use_decl_annotations_ ULONG_PTR print_in_turn(ULONG_PTR Argument)
{
    LONG rounds = (LONG)Argument, count = (LONG)processor_total();

    for (LONG round = 0; round < rounds; round++) {
        LONG mine = round * count + (LONG)KeGetCurrentProcessorNumberEx(NULL);
        while (next != mine) {
            YieldProcessor();
        }
        DbgPrint("prints_in_order: line %ld\n", mine);
        InterlockedIncrement(&next);
    }
    return 0;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("prints_in_order: begun before, ");
    KeIpiGenericCall(print_in_turn, 3);
    DbgPrint("ended after\n");
    return STATUS_SUCCESS;
}
