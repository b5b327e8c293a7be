/* SPDX-License-Identifier: MIT */
/*
 * Bug check callbacks with a reason, good and bad, of every kind that is called, and a plain one.
 * Expected: those with a reason first, in the order of registration; their data is printed.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KBUGCHECK_CALLBACK_ROUTINE say_plain;
KBUGCHECK_REASON_CALLBACK_ROUTINE give_small, give_own, give_too_much, give_unreadable, add_pages,
    add_for_ever, write_out, fault_at_end, withdrawn;

static const GUID guid = { 0x01234567, 0x89ab, 0xcdef, { 1, 2, 3, 4, 5, 6, 7, 0xff } };
static UCHAR own[5000];

_Use_decl_annotations_ VOID say_plain(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    DbgPrint("callbacks_reason: the plain one\n");
}

/* Uses the system's buffer. */
_Use_decl_annotations_ VOID give_small(KBUGCHECK_CALLBACK_REASON Reason,
                                       PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                       PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    PKBUGCHECK_SECONDARY_DUMP_DATA data = ReasonSpecificData;

    DbgPrint("callbacks_reason: reason %d, length %u, IRQL %u, record %u, room %u of %u\n", Reason,
             ReasonSpecificDataLength - (ULONG)sizeof(*data), KeGetCurrentIrql(),
             Record->CallbackRoutine == give_small, data->InBufferLength, data->MaximumAllowed);
    for (UCHAR i = 0; i < 20; i++) {
        ((PUCHAR)data->InBuffer)[i] = i;
    }
    data->Guid = guid;
    data->OutBuffer = data->InBuffer;
    data->OutBufferLength = 20;
}

static VOID give(PVOID ReasonSpecificData, PVOID buffer, ULONG length)
{
    PKBUGCHECK_SECONDARY_DUMP_DATA data = ReasonSpecificData;
    data->Guid = guid;
    data->OutBuffer = buffer;
    data->OutBufferLength = length;
}

#define UNUSED_BUT_DATA             \
    UNREFERENCED_PARAMETER(Reason); \
    UNREFERENCED_PARAMETER(Record); \
    UNREFERENCED_PARAMETER(ReasonSpecificDataLength)

_Use_decl_annotations_ VOID give_own(KBUGCHECK_CALLBACK_REASON Reason,
                                     PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                     PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    UNUSED_BUT_DATA;
    own[0] = 0xaa;
    own[15] = 0xbb;
    give(ReasonSpecificData, own, 16);
}

_Use_decl_annotations_ VOID give_too_much(KBUGCHECK_CALLBACK_REASON Reason,
                                          PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                          PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    UNUSED_BUT_DATA;
    give(ReasonSpecificData, own, sizeof(own));
}

_Use_decl_annotations_ VOID give_unreadable(KBUGCHECK_CALLBACK_REASON Reason,
                                            PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                            PVOID ReasonSpecificData,
                                            ULONG ReasonSpecificDataLength)
{
    UNUSED_BUT_DATA;
    give(ReasonSpecificData, (PVOID)0x700000001000, 64);
}

/* Names two ranges. */
_Use_decl_annotations_ VOID add_pages(KBUGCHECK_CALLBACK_REASON Reason,
                                      PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                      PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    PKBUGCHECK_ADD_PAGES pages = ReasonSpecificData;

    UNUSED_BUT_DATA;
    DbgPrint("callbacks_reason: pages for code 0x%x\n", pages->BugCheckCode);
    if (pages->Context == NULL) {
        pages->Context = own;
        pages->Flags =
            KB_ADD_PAGES_FLAG_VIRTUAL_ADDRESS | KB_ADD_PAGES_FLAG_ADDITIONAL_RANGES_EXIST;
        pages->Address = 0xffff800000123000;
        pages->Count = 2;
    } else {
        pages->Flags = KB_ADD_PAGES_FLAG_PHYSICAL_ADDRESS;
        pages->Address = 0x5000;
        pages->Count = pages->Context == own ? 3 : 0;
    }
}

static ULONG ranges;

_Use_decl_annotations_ VOID add_for_ever(KBUGCHECK_CALLBACK_REASON Reason,
                                         PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                         PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    PKBUGCHECK_ADD_PAGES pages = ReasonSpecificData;

    UNUSED_BUT_DATA;
    ranges++;
    pages->Flags = KB_ADD_PAGES_FLAG_VIRTUAL_ADDRESS | KB_ADD_PAGES_FLAG_ADDITIONAL_RANGES_EXIST;
}

_Use_decl_annotations_ VOID write_out(KBUGCHECK_CALLBACK_REASON Reason,
                                      PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                      PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    PKBUGCHECK_DUMP_IO io = ReasonSpecificData;

    UNUSED_BUT_DATA;
    DbgPrint("callbacks_reason: %u ranges asked for\n", ranges);
    DbgPrint("callbacks_reason: type %d, offset %I64d, %u bytes [%.*s]\n", io->Type, io->Offset,
             io->BufferLength, (int)io->BufferLength,
             io->Buffer == NULL ? "" : (const char *)io->Buffer);
}

/* Accepts the header, and faults at the end. */
_Use_decl_annotations_ VOID fault_at_end(KBUGCHECK_CALLBACK_REASON Reason,
                                         PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                         PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    UNUSED_BUT_DATA;
    if (((PKBUGCHECK_DUMP_IO)ReasonSpecificData)->Type == KbDumpIoComplete) {
        *(volatile ULONG *)0x700000001000 = 1;
    }
}

_Use_decl_annotations_ VOID withdrawn(KBUGCHECK_CALLBACK_REASON Reason,
                                      PKBUGCHECK_REASON_CALLBACK_RECORD Record,
                                      PVOID ReasonSpecificData, ULONG ReasonSpecificDataLength)
{
    UNUSED_BUT_DATA;
    DbgPrint("callbacks_reason: withdrawn, but called with %p\n", ReasonSpecificData);
}

static const struct {
    PKBUGCHECK_REASON_CALLBACK_ROUTINE routine;
    KBUGCHECK_CALLBACK_REASON reason;
    PCSTR component;
} all[] = {
    { give_small, KbCallbackSecondaryDumpData, "small" },
    { add_pages, KbCallbackAddPages, "pages" },
    { give_unreadable, KbCallbackSecondaryDumpData, "unreadable" },
    { add_for_ever, KbCallbackAddPages, "for-ever" },
    { fault_at_end, KbCallbackDumpIo, "faulty" },
    { withdrawn, KbCallbackDumpIo, "withdrawn" },
    { write_out, KbCallbackDumpIo, "output" },
    { give_too_much, KbCallbackSecondaryDumpData, "much" },
    { give_own, KbCallbackSecondaryDumpData, "own" },
};
static KBUGCHECK_REASON_CALLBACK_RECORD records[RTL_NUMBER_OF(all)], refused;
static KBUGCHECK_CALLBACK_RECORD plain;
static UCHAR plain_name[] = "plain";

static VOID register_all(VOID)
{
    CHECK(KeRegisterBugCheckCallback(&plain, say_plain, NULL, 0, plain_name));
    for (ULONG i = 0; i < RTL_NUMBER_OF(all); i++) {
        KeInitializeCallbackRecord(&records[i]);
        CHECK(KeRegisterBugCheckReasonCallback(&records[i], all[i].routine, all[i].reason,
                                               (PUCHAR)all[i].component));
        CHECK(!KeRegisterBugCheckReasonCallback(&records[i], all[i].routine, all[i].reason,
                                                (PUCHAR)all[i].component));
        if (all[i].routine == withdrawn) {
            CHECK(KeDeregisterBugCheckReasonCallback(&records[i]));
            CHECK(!KeDeregisterBugCheckReasonCallback(&records[i]));
        }
    }
}

/* Nothing would ever call these, so they cannot be registered. */
static VOID register_others(VOID)
{
    static const KBUGCHECK_CALLBACK_REASON others[] = {
        KbCallbackInvalid,     KbCallbackReserved1,      KbCallbackSecondaryMultiPartDumpData,
        KbCallbackRemovePages, KbCallbackTriageDumpData, (KBUGCHECK_CALLBACK_REASON)8,
    };
    for (ULONG i = 0; i < RTL_NUMBER_OF(others); i++) {
        KeInitializeCallbackRecord(&refused);
        CHECK(!KeRegisterBugCheckReasonCallback(&refused, write_out, others[i], plain_name));
        CHECK(!KeDeregisterBugCheckReasonCallback(&refused));
    }
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    register_all();
    register_others();
    if (check_result("callbacks_reason") == STATUS_SUCCESS) {
        KeBugCheckEx(MANUALLY_INITIATED_CRASH, 0, 0, 0, 0);
    }
    return STATUS_UNSUCCESSFUL;
}
