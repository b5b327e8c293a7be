/* SPDX-License-Identifier: MIT */
/*
 * A driver that runs a routine of its own on every processor at the same time.
 *
 * KeIpiGenericCall interrupts all processors and raises each to IPI_LEVEL. When all have arrived,
 * they start the routine together. The call returns when the last processor has finished. Drivers
 * use it to change something on every processor at the same moment: a model-specific register, a
 * page of code, a descriptor table.
 *
 * The routine (the "worker") interrupts whatever its processor was doing, so it must not
 *   - allocate or free memory, or touch memory that can be paged out,
 *   - take a lock or wait for an object: the interrupted code may hold it,
 *   - call a routine that must run at DISPATCH_LEVEL or below.
 * It may use its own nonpaged memory, interlocked operations, processor registers and I/O ports.
 * So the pattern is always the same: allocate first, then call, then look at the results.
 *
 * Here every worker marks the slot of its processor, and DriverEntry checks that each processor
 * ran the worker exactly once, at IPI_LEVEL. The file compiles unchanged with the Windows Driver
 * Kit. (Since Windows 10 2004 that kit prefers ExAllocatePool2, which older kits do not have.)
 */
#include <ntddk.h>

#define MY_TAG 'ipiM'

/* The worker returns this plus the index of its processor. */
#define MY_RESULT 0x2a

/* The findings of one processor. The padding gives each slot a cache line of its own, so that the
 * workers do not slow each other down. A slot needs no interlocked operation: it has one writer. */
typedef struct _MY_SLOT {
    ULONG Runs;
    KIRQL Irql;
    UCHAR Padding[SYSTEM_CACHE_ALIGNMENT_SIZE - sizeof(ULONG) - sizeof(KIRQL)];
} MY_SLOT, *PMY_SLOT;

/* Shared by all workers. Slots has one element for each processor. */
typedef struct _MY_CONTEXT {
    volatile LONG RunCount;
    ULONG SlotCount;
    MY_SLOT Slots[ANYSIZE_ARRAY];
} MY_CONTEXT, *PMY_CONTEXT;

DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD MyUnload;
KIPI_BROADCAST_WORKER MyIpiGenericCall;

/*
 * The worker. The role type in the declaration above carries its rules (it runs at IPI_LEVEL and
 * must restore the IRQL); _Use_decl_annotations_ applies them to the definition as well.
 */
_Use_decl_annotations_ ULONG_PTR MyIpiGenericCall(ULONG_PTR Argument)
{
    PMY_CONTEXT context = (PMY_CONTEXT)Argument;

    /* The index counts the processors of all groups. It cannot change here: nothing moves code
     * that runs at IPI_LEVEL to another processor. */
    ULONG index = KeGetCurrentProcessorNumberEx(NULL);

    if (index < context->SlotCount) {
        context->Slots[index].Runs++;
        context->Slots[index].Irql = KeGetCurrentIrql();
    }

    /* This counter is shared by all processors at once, so it must be interlocked. */
    InterlockedIncrement(&context->RunCount);

    /* KeIpiGenericCall returns the value from the caller's processor and ignores the others. */
    return MY_RESULT + index;
}

/* Returns TRUE if every processor ran the worker once, at IPI_LEVEL; prints those that did not. */
static BOOLEAN MyCheckSlots(const MY_CONTEXT *Context)
{
    BOOLEAN good = TRUE;
    ULONG index;

    for (index = 0; index < Context->SlotCount; index++) {
        const MY_SLOT *slot = &Context->Slots[index];

        if (slot->Runs != 1 || slot->Irql != IPI_LEVEL) {
            DbgPrint("my_ipi_generic_call: processor %u ran the worker %u times, IRQL %u\n", index,
                     slot->Runs, slot->Irql);
            good = FALSE;
        }
    }
    return good;
}

_Use_decl_annotations_ VOID MyUnload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

/* Called once, at PASSIVE_LEVEL, after the driver has been loaded. */
_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    /* All groups: KeQueryActiveProcessorCount would count group 0 only, at most 64 processors. */
    ULONG count = KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
    SIZE_T size = FIELD_OFFSET(MY_CONTEXT, Slots) + count * sizeof(MY_SLOT);
    PMY_CONTEXT context;
    ULONG_PTR result;
    NTSTATUS status = STATUS_UNSUCCESSFUL;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = MyUnload;

    /* Allocate everything that the workers need: they cannot allocate themselves. */
    context = (PMY_CONTEXT)ExAllocatePoolWithTag(NonPagedPoolNx, size, MY_TAG);
    if (context == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(context, size);
    context->SlotCount = count;

    result = KeIpiGenericCall(MyIpiGenericCall, (ULONG_PTR)context);

    /* No processor touches the context any more, so it may be read and freed. */
    if (MyCheckSlots(context) && context->RunCount == (LONG)count && result >= MY_RESULT &&
        result < MY_RESULT + count) {
        status = STATUS_SUCCESS;
    }
    DbgPrint("my_ipi_generic_call: %d runs on %u processors, result 0x%Ix: called from %Iu\n",
             context->RunCount, count, result, result - MY_RESULT);

    ExFreePoolWithTag(context, MY_TAG);
    return status;
}
