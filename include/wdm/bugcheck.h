/* SPDX-License-Identifier: MIT */
/*
 * Bug checks, and what a driver may do in one. Part of wdm.h; include that.
 *
 * A bug check freezes every other processor, prints its report on the console, calls the bug check
 * callbacks, and ends the run. There is no dump except the console.
 *
 * Callbacks run at HIGH_LEVEL with interrupts disabled, on the reporting processor, while all
 * others are frozen: first those with a reason, then the plain ones, each list in the order of
 * registration, each callback at most once. If one faults, calls KeBugCheckEx, overflows its stack
 * or takes longer than a second (or a fifth of `timeout_ms=`, if that is longer), it is abandoned,
 * the report says so, and the next one is called. To make this possible, callbacks are
 * single-stepped, which is a hundred to a thousand times slower: in a second, a callback does the
 * work of a millisecond or a little more.
 *
 * A callback must not allocate, touch pageable memory, or use any synchronization mechanism: the
 * processor that it would wait for is frozen. It may access ports and registers, and call
 * MmIsAddressValid and whatever is allowed at any IRQL. Here its DbgPrint reaches the console.
 *
 * Source: Windows driver documentation, "Writing a Bug Check Callback Routine" and the reference
 * pages of the routines named here.
 */
#ifndef MUSTER_WDM_BUGCHECK_H
#define MUSTER_WDM_BUGCHECK_H

#include "../wdm.h"

/**
 * KeBugCheckEx - Stop the system in a controlled way and report why.
 * @BugCheckCode: the reason; bugcodes.h names the usual ones.
 * @BugCheckParameter1: first of four values whose meaning depends on the code.
 * @BugCheckParameter2: second value.
 * @BugCheckParameter3: third value.
 * @BugCheckParameter4: fourth value.
 *
 * IRQL: any.
 * Returns: never.
 * Source: KeBugCheckEx function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(_In_ ULONG BugCheckCode,
                                                      _In_ ULONG_PTR BugCheckParameter1,
                                                      _In_ ULONG_PTR BugCheckParameter2,
                                                      _In_ ULONG_PTR BugCheckParameter3,
                                                      _In_ ULONG_PTR BugCheckParameter4);

/**
 * KeBugCheck - KeBugCheckEx with four zeros.
 * @BugCheckCode: the reason.
 *
 * IRQL: any.
 * Returns: never.
 * Source: KeBugCheck function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheck(_In_ ULONG BugCheckCode);

/* ---- Plain callbacks ---- */

/* The State of a record. A record belongs to the system while it is registered. */
typedef enum _KBUGCHECK_BUFFER_DUMP_STATE {
    BufferEmpty,     /* not registered */
    BufferInserted,  /* registered */
    BufferStarted,   /* its routine was called and has not returned */
    BufferFinished,  /* its routine has returned */
    BufferIncomplete /* its routine was abandoned */
} KBUGCHECK_BUFFER_DUMP_STATE;

/**
 * KBUGCHECK_CALLBACK_ROUTINE - Called once in a bug check, to save or reset a device's state.
 * @Buffer: as registered.
 * @Length: as registered, in bytes.
 *
 * IRQL: called at HIGH_LEVEL.
 * Source: KBUGCHECK_CALLBACK_ROUTINE callback function.
 */
_Function_class_(KBUGCHECK_CALLBACK_ROUTINE)
_IRQL_requires_(HIGH_LEVEL)
_IRQL_requires_same_
typedef VOID(NTAPI KBUGCHECK_CALLBACK_ROUTINE)(_In_ PVOID Buffer, _In_ ULONG Length);
typedef KBUGCHECK_CALLBACK_ROUTINE *PKBUGCHECK_CALLBACK_ROUTINE;

typedef struct _KBUGCHECK_CALLBACK_RECORD {
    LIST_ENTRY Entry;
    PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine;
    PVOID Buffer;
    ULONG Length;
    PUCHAR Component;
    ULONG_PTR Checksum;
    UCHAR State;
} KBUGCHECK_CALLBACK_RECORD, *PKBUGCHECK_CALLBACK_RECORD;

/*
 * KeInitializeCallbackRecord - Prepare a record of either kind for registration.
 * IRQL: any.
 * Source: KeInitializeCallbackRecord macro.
 */
#define KeInitializeCallbackRecord(CallbackRecord) ((CallbackRecord)->State = BufferEmpty)

/**
 * KeRegisterBugCheckCallback - Add a routine to those that a bug check calls.
 * @CallbackRecord: an initialized record, in memory that remains until it is deregistered.
 * @CallbackRoutine: the routine.
 * @Buffer: passed to the routine; may be NULL.
 * @Length: bytes of the buffer, passed to the routine.
 * @Component: a name for the report, a string that remains as long as the record.
 *
 * IRQL: any.
 * Returns: TRUE; FALSE if the record is registered already, 1024 are, or the routine's address is
 * impossible.
 * Source: KeRegisterBugCheckCallback function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI
KeRegisterBugCheckCallback(_Out_ PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                           _In_ PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, _In_opt_ PVOID Buffer,
                           _In_ ULONG Length, _In_ PUCHAR Component);

/**
 * KeDeregisterBugCheckCallback - Remove a routine from those that a bug check calls.
 * @CallbackRecord: its record, which belongs to the driver again after the return.
 *
 * IRQL: any.
 * Returns: TRUE; FALSE if the record is not registered.
 * Source: KeDeregisterBugCheckCallback function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI
KeDeregisterBugCheckCallback(_Inout_ PKBUGCHECK_CALLBACK_RECORD CallbackRecord);

/* ---- Callbacks with a reason ---- */

/*
 * The reason for which a routine is called. Here a bug check calls routines with three of them. The
 * others cannot be registered, since nothing would ever call them.
 *     KbCallbackSecondaryDumpData  its data is printed in hexadecimal, under its GUID
 *     KbCallbackAddPages           the ranges that it names are printed, but not their contents
 *     KbCallbackDumpIo             it receives the `bugcheck` line as the header, then the end
 */
typedef enum _KBUGCHECK_CALLBACK_REASON {
    KbCallbackInvalid,
    KbCallbackReserved1,
    KbCallbackSecondaryDumpData,
    KbCallbackDumpIo,
    KbCallbackAddPages,
    KbCallbackSecondaryMultiPartDumpData,
    KbCallbackRemovePages,
    KbCallbackTriageDumpData
} KBUGCHECK_CALLBACK_REASON;

struct _KBUGCHECK_REASON_CALLBACK_RECORD;

/**
 * KBUGCHECK_REASON_CALLBACK_ROUTINE - Called in a bug check for one reason.
 * @Reason: as registered.
 * @Record: its record.
 * @ReasonSpecificData: the structure for the reason, below.
 * @ReasonSpecificDataLength: the structure's size in bytes.
 *
 * IRQL: called at HIGH_LEVEL.
 * Source: KBUGCHECK_REASON_CALLBACK_ROUTINE callback function.
 */
_Function_class_(KBUGCHECK_REASON_CALLBACK_ROUTINE)
_IRQL_requires_(HIGH_LEVEL)
_IRQL_requires_same_
typedef VOID(NTAPI KBUGCHECK_REASON_CALLBACK_ROUTINE)(
    _In_ KBUGCHECK_CALLBACK_REASON Reason, _In_ struct _KBUGCHECK_REASON_CALLBACK_RECORD *Record,
    _Inout_ PVOID ReasonSpecificData, _In_ ULONG ReasonSpecificDataLength);
typedef KBUGCHECK_REASON_CALLBACK_ROUTINE *PKBUGCHECK_REASON_CALLBACK_ROUTINE;

typedef struct _KBUGCHECK_REASON_CALLBACK_RECORD {
    LIST_ENTRY Entry;
    PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine;
    PUCHAR Component;
    ULONG_PTR Checksum;
    KBUGCHECK_CALLBACK_REASON Reason;
    UCHAR State;
} KBUGCHECK_REASON_CALLBACK_RECORD, *PKBUGCHECK_REASON_CALLBACK_RECORD;

/*
 * KbCallbackSecondaryDumpData. The routine sets Guid, OutBuffer and OutBufferLength: its data in
 * InBuffer, up to InBufferLength bytes, or in a buffer of its own, up to MaximumAllowed.
 */
typedef struct _KBUGCHECK_SECONDARY_DUMP_DATA {
    _In_ PVOID InBuffer;
    _In_ ULONG InBufferLength;
    _In_ ULONG MaximumAllowed;
    _Out_ GUID Guid;
    _Out_ PVOID OutBuffer;
    _Out_ ULONG OutBufferLength;
} KBUGCHECK_SECONDARY_DUMP_DATA, *PKBUGCHECK_SECONDARY_DUMP_DATA;

/*
 * KbCallbackAddPages. The routine sets Flags, Address and Count (pages). If it sets the flag
 * ADDITIONAL_RANGES_EXIST, it is called again with Context as it left it, for up to 32 ranges.
 */
typedef struct _KBUGCHECK_ADD_PAGES {
    _Inout_ PVOID Context;
    _Inout_ ULONG Flags;
    _In_ ULONG BugCheckCode;
    _Out_ ULONG_PTR Address;
    _Out_ ULONG_PTR Count;
} KBUGCHECK_ADD_PAGES, *PKBUGCHECK_ADD_PAGES;

#define KB_ADD_PAGES_FLAG_VIRTUAL_ADDRESS         0x00000001UL
#define KB_ADD_PAGES_FLAG_PHYSICAL_ADDRESS        0x00000002UL
#define KB_ADD_PAGES_FLAG_ADDITIONAL_RANGES_EXIST 0x80000000UL

/*
 * KbCallbackDumpIo. First KbDumpIoHeader with the bytes of the `bugcheck` line and Offset -1 (data
 * comes in sequence), then KbDumpIoComplete with Buffer NULL and BufferLength 0.
 */
typedef enum _KBUGCHECK_DUMP_IO_TYPE {
    KbDumpIoInvalid,
    KbDumpIoHeader,
    KbDumpIoBody,
    KbDumpIoSecondaryData,
    KbDumpIoComplete
} KBUGCHECK_DUMP_IO_TYPE;

typedef struct _KBUGCHECK_DUMP_IO {
    _In_ ULONG64 Offset;
    _In_ PVOID Buffer;
    _In_ ULONG BufferLength;
    _In_ KBUGCHECK_DUMP_IO_TYPE Type;
} KBUGCHECK_DUMP_IO, *PKBUGCHECK_DUMP_IO;

/**
 * KeRegisterBugCheckReasonCallback - Add a routine to those that a bug check calls for a reason.
 * @CallbackRecord: an initialized record, in memory that remains until it is deregistered.
 * @CallbackRoutine: the routine.
 * @Reason: KbCallbackSecondaryDumpData, KbCallbackDumpIo or KbCallbackAddPages.
 * @Component: a name for the report, a string that remains as long as the record.
 *
 * IRQL: any.
 * Returns: TRUE; FALSE if the record is registered already, 1024 are, the reason is another one, or
 * the routine's address is impossible.
 * Source: KeRegisterBugCheckReasonCallback function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI
KeRegisterBugCheckReasonCallback(_Out_ PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord,
                                 _In_ PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine,
                                 _In_ KBUGCHECK_CALLBACK_REASON Reason, _In_ PUCHAR Component);

/**
 * KeDeregisterBugCheckReasonCallback - Remove a routine from those that a bug check calls.
 * @CallbackRecord: its record, which belongs to the driver again after the return.
 *
 * IRQL: any.
 * Returns: TRUE; FALSE if the record is not registered.
 * Source: KeDeregisterBugCheckReasonCallback function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI
KeDeregisterBugCheckReasonCallback(_Inout_ PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord);

#endif /* MUSTER_WDM_BUGCHECK_H */
