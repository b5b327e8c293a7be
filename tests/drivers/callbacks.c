/* SPDX-License-Identifier: MIT */
/*
 * Bug check callbacks: what registration returns, and which routines are called. Expected: those
 * still registered, once each, in the order of registration, at HIGH_LEVEL, on the processor that
 * stops the system (the last; the first one registered them).
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER stop_on_last;
KBUGCHECK_CALLBACK_ROUTINE say_first, say_second, say_withdrawn;

static KBUGCHECK_CALLBACK_RECORD first, second, withdrawn, never;
static UCHAR first_name[] = "one", second_name[] = "two", withdrawn_name[] = "three";
static ULONG numbers[3] = { 1, 20, 300 };
static volatile LONG calls;

static VOID say(PCSTR name, PVOID Buffer, ULONG Length)
{
    DbgPrint("callbacks: %s, call %d, processor %u, IRQL %u, IF %u, buffer %u, length %u\n", name,
             InterlockedIncrement(&calls), KeGetCurrentProcessorNumberEx(NULL), KeGetCurrentIrql(),
             (ULONG)(__readeflags() >> 9 & 1), Buffer == NULL ? 0 : *(ULONG *)Buffer, Length);
}

_Use_decl_annotations_ VOID say_first(PVOID Buffer, ULONG Length)
{
    say("first", Buffer, Length);
}

/* May deregister itself, although no lock can be waited for now. */
_Use_decl_annotations_ VOID say_second(PVOID Buffer, ULONG Length)
{
    BOOLEAN once = KeDeregisterBugCheckCallback(&second);
    BOOLEAN again = KeDeregisterBugCheckCallback(&second);

    say("second", Buffer, Length);
    DbgPrint("callbacks: withdrawn from within: %u, again: %u\n", once, again);
}

_Use_decl_annotations_ VOID say_withdrawn(PVOID Buffer, ULONG Length)
{
    say("withdrawn", Buffer, Length);
}

_Use_decl_annotations_ ULONG_PTR stop_on_last(ULONG_PTR Argument)
{
    if (is_last_processor()) {
        KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, Argument);
    }
    return 0;
}

static VOID register_all(VOID)
{
    KeInitializeCallbackRecord(&first);
    KeInitializeCallbackRecord(&second);
    KeInitializeCallbackRecord(&withdrawn);
    KeInitializeCallbackRecord(&never);
    CHECK(KeRegisterBugCheckCallback(&first, say_first, &numbers[1], sizeof(ULONG), first_name));
    CHECK(KeRegisterBugCheckCallback(&withdrawn, say_withdrawn, NULL, 0, withdrawn_name));
    CHECK(!KeRegisterBugCheckCallback(&first, say_second, NULL, 0, first_name));
    CHECK(!KeRegisterBugCheckCallback(&never, NULL, NULL, 0, first_name));
    CHECK(!KeDeregisterBugCheckCallback(&never));
    CHECK(KeDeregisterBugCheckCallback(&withdrawn));
    CHECK(!KeDeregisterBugCheckCallback(&withdrawn));
    CHECK(KeRegisterBugCheckCallback(&withdrawn, say_withdrawn, NULL, 0, withdrawn_name));
}

/* Also at the highest level, where registration must neither lower it nor enable interrupts. */
static VOID register_high(VOID)
{
    KIRQL old_irql;

    KeRaiseIrql(HIGH_LEVEL, &old_irql);
    _disable();
    CHECK(KeRegisterBugCheckCallback(&second, say_second, &numbers[2], 77, second_name));
    CHECK(KeDeregisterBugCheckCallback(&withdrawn));
    CHECK(KeGetCurrentIrql() == HIGH_LEVEL && !(__readeflags() & 0x200));
    _enable();
    KeLowerIrql(old_irql);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    register_all();
    register_high();
    if (check_result("callbacks") == STATUS_SUCCESS) {
        KeIpiGenericCall(stop_on_last, 4);
    }
    return STATUS_UNSUCCESSFUL;
}
