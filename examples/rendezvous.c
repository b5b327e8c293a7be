/* SPDX-License-Identifier: MIT */
/*
 * A driver that changes something that all processors use, in three phases: the pattern of a
 * microcode update, of new memory types, or of a table that interrupt handlers read without a lock.
 *
 *   setup     every processor stops using the old setting
 *   action    exactly one processor changes it, while no other uses it
 *   teardown  every processor starts to use the new setting
 *
 * With KeIpiGenericCall alone, the worker would have to build the barriers between the phases.
 * rendezvous_call() (include/muster.h) has them, and more: it runs on chosen processors, reports
 * what each of them did, and gives up at a deadline, before any has begun. rendezvous_begin() makes
 * the same call without waiting for it.
 */
#include <ntddk.h>

#include <muster.h>

#define MY_TAG         'zdnR'
#define MY_TIMEOUT_MS  1000
#define MY_OLD_SETTING 1
#define MY_NEW_SETTING 2

/* One processor's view. The padding keeps the views of two processors in different cache lines. */
typedef struct _MY_SLOT {
    ULONG Setting; /* used by this processor; 0: none */
    UCHAR Padding[SYSTEM_CACHE_ALIGNMENT_SIZE - sizeof(ULONG)];
} MY_SLOT, *PMY_SLOT;

typedef struct _MY_CONTEXT {
    ULONG Setting; /* shared by all processors */
    ULONG Changer; /* index of the processor that changes it */
    MY_SLOT Slots[ANYSIZE_ARRAY];
} MY_CONTEXT, *PMY_CONTEXT;

DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD MyUnload;
KIPI_BROADCAST_WORKER MyStopUsing;
KIPI_BROADCAST_WORKER MyChange;
KIPI_BROADCAST_WORKER MyTakeUp;

_Use_decl_annotations_ ULONG_PTR MyStopUsing(ULONG_PTR Argument)
{
    PMY_CONTEXT context = (PMY_CONTEXT)Argument;

    context->Slots[KeGetCurrentProcessorNumberEx(NULL)].Setting = 0;
    return 0;
}

/* No processor begins this before all have finished MyStopUsing. Its return value is reported. */
_Use_decl_annotations_ ULONG_PTR MyChange(ULONG_PTR Argument)
{
    PMY_CONTEXT context = (PMY_CONTEXT)Argument;

    if (KeGetCurrentProcessorNumberEx(NULL) == context->Changer) {
        context->Setting = MY_NEW_SETTING;
        return 1;
    }
    return 0;
}

_Use_decl_annotations_ ULONG_PTR MyTakeUp(ULONG_PTR Argument)
{
    PMY_CONTEXT context = (PMY_CONTEXT)Argument;

    context->Slots[KeGetCurrentProcessorNumberEx(NULL)].Setting = context->Setting;
    return 0;
}

/* A call on all processors, in three phases, with a deadline and a report of each processor */
static NTSTATUS MyChangeEverywhere(PMY_CONTEXT Context, struct rendezvous_report *Reports,
                                   ULONG Count)
{
    struct rendezvous_request request = {
        .routines = { MyStopUsing, MyChange, MyTakeUp },
        .argument = (ULONG_PTR)Context,
        .timeout_ms = MY_TIMEOUT_MS,
        .reports = Reports,
        .report_count = Count,
    };
    enum rendezvous_status status = rendezvous_call(&request);

    for (ULONG i = 0; i < Count; i++) {
        DbgPrint("processor %lu: part %d, changed %Iu, setting %lu\n", i, Reports[i].part,
                 Reports[i].returned, Context->Slots[i].Setting);
    }
    if (status != RENDEZVOUS_OK) {
        DbgPrint("rendezvous: the change failed with status %d\n", status);
        return STATUS_TIMEOUT;
    }
    return STATUS_SUCCESS;
}

/* Every second processor reads the setting again, while this one does something else. */
static NTSTATUS MyTakeUpBesides(PMY_CONTEXT Context, ULONG Count)
{
    struct processor_set targets = { 0 };
    struct rendezvous_completion completion;
    ULONG turns = 0;

    for (ULONG i = 1; i < Count; i += 2) {
        processor_set_add(&targets, i);
    }
    struct rendezvous_request request = {
        .targets = &targets,
        .routines = { [RENDEZVOUS_ACTION] = MyTakeUp },
        .argument = (ULONG_PTR)Context,
        .timeout_ms = MY_TIMEOUT_MS,
    };
    enum rendezvous_status status = rendezvous_begin(&request, &completion);
    while (status == RENDEZVOUS_PENDING) {
        turns++; /* completion and argument must stay in place; the request need not */
        YieldProcessor();
        status = rendezvous_test(&completion);
    }
    DbgPrint("rendezvous: status %d without waiting%s\n", status, turns != 0 ? "" : ", at once");
    return status == RENDEZVOUS_OK ? STATUS_SUCCESS : STATUS_TIMEOUT;
}

VOID NTAPI MyUnload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    ULONG count = KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS);
    SIZE_T contextSize = FIELD_OFFSET(MY_CONTEXT, Slots) + count * sizeof(MY_SLOT);
    SIZE_T reportsSize = count * sizeof(struct rendezvous_report);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = MyUnload;
    /* Allocate before the call: its routines must not. */
    PMY_CONTEXT context = (PMY_CONTEXT)ExAllocatePoolWithTag(NonPagedPoolNx, contextSize, MY_TAG);
    struct rendezvous_report *reports =
        (struct rendezvous_report *)ExAllocatePoolWithTag(NonPagedPoolNx, reportsSize, MY_TAG);
    if (context != NULL && reports != NULL) {
        RtlZeroMemory(context, contextSize);
        context->Setting = MY_OLD_SETTING;
        context->Changer = count - 1;
        status = MyChangeEverywhere(context, reports, count);
    }
    if (NT_SUCCESS(status)) {
        status = MyTakeUpBesides(context, count);
    }
    for (ULONG i = 0; NT_SUCCESS(status) && i < count; i++) {
        if (context->Slots[i].Setting != MY_NEW_SETTING) {
            DbgPrint("rendezvous: processor %lu uses setting %lu\n", i, context->Slots[i].Setting);
            status = STATUS_UNSUCCESSFUL;
        }
    }
    if (context != NULL) {
        ExFreePoolWithTag(context, MY_TAG);
    }
    if (reports != NULL) {
        ExFreePoolWithTag(reports, MY_TAG);
    }
    return status;
}
