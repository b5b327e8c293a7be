/* SPDX-License-Identifier: MIT */
/*
 * As many bug check callbacks as can be registered, and all of them fault. Expected: one more is
 * refused, each one is called and reported, and the report ends: faults do not use up any resource.
 */
#include "check.h"

#define LIMIT 1024

DRIVER_INITIALIZE DriverEntry;
KBUGCHECK_CALLBACK_ROUTINE fault;

static KBUGCHECK_CALLBACK_RECORD records[LIMIT + 1];
static UCHAR component[] = "many";

_Use_decl_annotations_ VOID fault(PVOID Buffer, ULONG Length)
{
    *(volatile ULONG *)Buffer = Length;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    for (ULONG i = 0; i <= LIMIT; i++) {
        CHECK(KeRegisterBugCheckCallback(&records[i], fault,
                                         (PVOID)(0x700000000000 + i * (ULONG_PTR)PAGE_SIZE), i,
                                         component) == (i < LIMIT));
    }
    CHECK(KeDeregisterBugCheckCallback(&records[LIMIT / 2]));
    CHECK(KeRegisterBugCheckCallback(&records[LIMIT], fault,
                                     (PVOID)(0x700000000000 + LIMIT * (ULONG_PTR)PAGE_SIZE), 0,
                                     component));
    if (check_result("callbacks_many") == STATUS_SUCCESS) {
        KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
    }
    return STATUS_UNSUCCESSFUL;
}
