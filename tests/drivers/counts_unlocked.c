/* SPDX-License-Identifier: MIT */
/*
 * An unlocked counter shows a race: workers that run at the same time lose counts, others do not.
 * Each makes ROUNDS increments.
 */
#include <ntddk.h>

#define ROUNDS 100000

static volatile LONG counter;

static ULONG_PTR NTAPI count_unlocked(ULONG_PTR Argument)
{
    for (LONG i = 0; i < ROUNDS; i++) {
        counter++;
    }
    return Argument;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);

    KeIpiGenericCall(count_unlocked, 0);
    DbgPrint("counter: %d of %d\n", counter, ROUNDS * (LONG)KeQueryActiveProcessorCount(NULL));
    return STATUS_SUCCESS;
}
