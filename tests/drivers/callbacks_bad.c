/* SPDX-License-Identifier: MIT */
/*
 * Bug check callbacks that misbehave, each followed by one that must still run: faults, a stack
 * overflow, endless loops, a halt, KeBugCheckEx, routines that are not allowed at HIGH_LEVEL, an
 * overwritten record. Expected: the report names each one, and ends.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KBUGCHECK_CALLBACK_ROUTINE say, fault, divide, loop, loop_on_memory, overflow, halt, stop_again,
    call_everybody, take_lock, leave_flags, escape, print, scribbled, nowhere;

static volatile ULONG zero, never_set;
static KSPIN_LOCK lock;

_Use_decl_annotations_ VOID say(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    DbgPrint("callbacks_bad: after %u, IRQL %u\n", Length, KeGetCurrentIrql());
}

_Use_decl_annotations_ VOID fault(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    __writecr8(DISPATCH_LEVEL); /* the next one must still run at HIGH_LEVEL */
    *(volatile ULONG *)0x700000001000 = Length;
}

_Use_decl_annotations_ VOID divide(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    DbgPrint("callbacks_bad: not finished, ");
    DbgPrint("%u\n", Length / zero);
}

_Use_decl_annotations_ VOID loop(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    for (;;)
        ;
}

_Use_decl_annotations_ VOID loop_on_memory(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    while (!never_set) {
        YieldProcessor();
    }
}

static ULONG deeper(ULONG depth)
{
    volatile UCHAR frame[1024];
    frame[0] = (UCHAR)depth;
    return depth == 0 ? frame[0] : deeper(depth - 1) + frame[0];
}

_Use_decl_annotations_ VOID overflow(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    deeper(1000);
}

_Use_decl_annotations_ VOID halt(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    __halt();
}

_Use_decl_annotations_ VOID stop_again(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    KeBugCheckEx(0xABCD, Length, 0, 0, 0);
}

static ULONG_PTR NTAPI run_nothing(ULONG_PTR Argument)
{
    return Argument;
}

_Use_decl_annotations_ VOID call_everybody(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    KeIpiGenericCall(run_nothing, Length);
}

/* Held, and never released. */
_Use_decl_annotations_ VOID take_lock(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    KeAcquireSpinLockAtDpcLevel(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
}

/* Returns with interrupts enabled, another IRQL, and the direction flag set. */
_Use_decl_annotations_ VOID leave_flags(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    __writecr8(DISPATCH_LEVEL);
    __writeeflags(__readeflags() | 0x400);
    _enable();
}

/* Changes all flags except the one that cannot be cleared, including the trap flag. */
_Use_decl_annotations_ VOID escape(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    for (;;) {
        __writeeflags(2);
    }
}

/* Spends most of its time inside a line of output. */
_Use_decl_annotations_ VOID print(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    for (;;) {
        DbgPrint(
            "callbacks_bad: a line that is long enough to be torn when it is cut off ......\n");
    }
}

_Use_decl_annotations_ VOID scribbled(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    DbgPrint("callbacks_bad: called with a length that nobody registered, %u\n", Length);
}

_Use_decl_annotations_ VOID nowhere(PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
}

static const struct {
    PKBUGCHECK_CALLBACK_ROUTINE routine;
    PCSTR component;
} bad[] = {
    { fault, "fault" },
    { divide, "divide" },
    { loop, "loop" },
    { loop_on_memory, "memory" },
    { overflow, "overflow" },
    { overflow, "overflow-again" },
    { halt, "halt" },
    { stop_again, "stop" },
    { call_everybody, "call" },
    { take_lock, "lock" },
    { leave_flags, "flags" },
    { escape, "escape" },
    { print, "print" },
    { scribbled, "scribbled" },
    { nowhere, (PCSTR)0x700000001000 },
};

static KBUGCHECK_CALLBACK_RECORD records[RTL_NUMBER_OF(bad)][2];

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeSpinLock(&lock);
    for (ULONG i = 0; i < RTL_NUMBER_OF(bad); i++) {
        CHECK(KeRegisterBugCheckCallback(&records[i][0], bad[i].routine, NULL, i,
                                         (PUCHAR)bad[i].component));
        CHECK(KeRegisterBugCheckCallback(&records[i][1], say, NULL, i, (PUCHAR) "good"));
        if (bad[i].routine == scribbled) {
            records[i][0].Length = 4711;
        }
    }
    if (check_result("callbacks_bad") == STATUS_SUCCESS) {
        KeBugCheck(MANUALLY_INITIATED_CRASH);
    }
    return STATUS_UNSUCCESSFUL;
}
