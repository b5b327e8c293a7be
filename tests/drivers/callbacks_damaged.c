/* SPDX-License-Identifier: MIT */
/*
 * Lists of bug check callbacks that the driver has overwritten: one leads in a circle, the other to
 * an unmapped address. Expected: every reachable callback is called once, and the report ends.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KBUGCHECK_CALLBACK_ROUTINE say_plain;
KBUGCHECK_REASON_CALLBACK_ROUTINE say_reason;

static KBUGCHECK_CALLBACK_RECORD plain[3];
static KBUGCHECK_REASON_CALLBACK_RECORD reason[3];
static UCHAR component[] = "damaged";

_Use_decl_annotations_ VOID say_plain(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    DbgPrint("callbacks_damaged: plain %u\n", Length);
}

_Use_decl_annotations_ VOID say_reason(KBUGCHECK_CALLBACK_REASON Reason,
                                       PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                       PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    UNREFERENCED_PARAMETER(Reason);
    UNREFERENCED_PARAMETER(ReasonSpecificData);
    UNREFERENCED_PARAMETER(ReasonSpecificDataLength);
    DbgPrint("callbacks_damaged: reason %u\n", (ULONG)(Record - reason));
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    for (ULONG i = 0; i < RTL_NUMBER_OF(plain); i++) {
        CHECK(KeRegisterBugCheckCallback(&plain[i], say_plain, NULL, i, component));
        CHECK(KeRegisterBugCheckReasonCallback(&reason[i], say_reason, KbCallbackAddPages,
                                               component));
    }
    plain[1].Entry.Flink = &plain[0].Entry;
    reason[1].Entry.Flink = (PLIST_ENTRY)0x700000001000;
    if (check_result("callbacks_damaged") == STATUS_SUCCESS) {
        KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
    }
    return STATUS_UNSUCCESSFUL;
}
