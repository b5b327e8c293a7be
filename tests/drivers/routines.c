/* SPDX-License-Identifier: MIT */
/*
 * Every kernel routine, macro and inline function of Muster's headers that can be called without
 * stopping the system, once each, with a check of its result. Intrinsics have their own driver,
 * intrinsics.c.
 */
#include "check.h"

#define TAG 'tseT'

DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD unload;
KIPI_BROADCAST_WORKER record_irql;

static struct {
    volatile LONG at_ipi_level;
    volatile LONG cr8_agrees;
} recorded;

_Use_decl_annotations_ ULONG_PTR record_irql(ULONG_PTR Argument)
{
    if (KeGetCurrentIrql() == IPI_LEVEL) {
        InterlockedIncrement(&recorded.at_ipi_level);
    }
    if (__readcr8() == IPI_LEVEL) {
        InterlockedIncrement(&recorded.cr8_agrees);
    }
    return ~Argument;
}

/* A call from one IRQL: its value, the number of runs, and the IRQL afterwards. */
static VOID check_call_at(KIRQL level)
{
    KIRQL old;

    recorded.at_ipi_level = 0;
    recorded.cr8_agrees = 0;
    KeRaiseIrql(level, &old);
    ULONG_PTR result = KeIpiGenericCall(record_irql, 0x0123456789abcdefULL);
    KIRQL after = KeGetCurrentIrql();
    KeLowerIrql(old);

    CHECK(result == ~0x0123456789abcdefULL);
    CHECK(after == level);
    CHECK(recorded.at_ipi_level == (LONG)processor_total());
    CHECK(recorded.cr8_agrees == (LONG)processor_total());
}

static VOID check_irql(VOID)
{
    KIRQL old = HIGH_LEVEL;

    PAGED_CODE();
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    for (KIRQL level = PASSIVE_LEVEL; level < IPI_LEVEL; level++) {
        check_call_at(level);
    }
    KeRaiseIrql(HIGH_LEVEL, &old);
    KIRQL raised = KeGetCurrentIrql();
    KeLowerIrql(old);
    CHECK(old == PASSIVE_LEVEL && raised == HIGH_LEVEL);

    old = KeRaiseIrqlToDpcLevel();
    CHECK(old == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KIRQL dispatch = KeRaiseIrqlToSynchLevel();
    raised = KeGetCurrentIrql();
    KeLowerIrql(dispatch);
    CHECK(dispatch == DISPATCH_LEVEL && raised == SYNCH_LEVEL);
    CHECK(KfRaiseIrql(DISPATCH_LEVEL) == DISPATCH_LEVEL);
    KeLowerIrql(old);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static VOID check_spin_locks(VOID)
{
    KSPIN_LOCK lock = (KSPIN_LOCK)-1;
    KLOCK_QUEUE_HANDLE handle;
    KIRQL old;

    KeInitializeSpinLock(&lock);
    CHECK(KeTestSpinLock(&lock));
    KeAcquireSpinLock(&lock, &old);
    CHECK(old == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    CHECK(!KeTestSpinLock(&lock));
    CHECK(!KeTryToAcquireSpinLockAtDpcLevel(&lock));
    KeReleaseSpinLock(&lock, old);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && KeTestSpinLock(&lock));

    KeAcquireInStackQueuedSpinLock(&lock, &handle);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && !KeTestSpinLock(&lock));
    KeReleaseInStackQueuedSpinLock(&handle);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && KeTestSpinLock(&lock));

    old = KeRaiseIrqlToDpcLevel();
    KeAcquireSpinLockAtDpcLevel(&lock);
    CHECK(!KeTestSpinLock(&lock));
    KeReleaseSpinLockFromDpcLevel(&lock);
    CHECK(KeTryToAcquireSpinLockAtDpcLevel(&lock));
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&lock, &handle);
    CHECK(!KeTestSpinLock(&lock) && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&handle);
    CHECK(KeTestSpinLock(&lock));
    KeLowerIrql(old);
}

static VOID check_processor_counts(VOID)
{
    KAFFINITY mask = 0;
    ULONG in_group_0 = KeQueryActiveProcessorCount(&mask);
    ULONG sum = 0;

    CHECK(in_group_0 >= 1 && in_group_0 <= MAXIMUM_PROC_PER_GROUP);
    CHECK(mask == (in_group_0 == 64 ? ~0ULL : (1ULL << in_group_0) - 1));
    CHECK(KeQueryActiveProcessorCount(NULL) == in_group_0);
    CHECK(KeQueryActiveProcessorCountEx(0) == in_group_0);
    CHECK(KeQueryActiveProcessors() == mask && KeQueryGroupAffinity(0) == mask);
    CHECK(KeNumberProcessors == (CCHAR)in_group_0);
    CHECK(KeQueryMaximumProcessorCount() >= in_group_0);
    CHECK(KeQueryMaximumProcessorCountEx(0) == KeQueryMaximumProcessorCount());
    CHECK(KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS) >= processor_total());
    CHECK(KeQueryMaximumGroupCount() >= KeQueryActiveGroupCount());
    for (USHORT group = 0; group < KeQueryActiveGroupCount(); group++) {
        sum += KeQueryActiveProcessorCountEx(group);
    }
    CHECK(sum == processor_total());
    CHECK(KeQueryActiveProcessorCountEx(KeQueryMaximumGroupCount()) == 0);
    CHECK(KeQueryGroupAffinity(KeQueryMaximumGroupCount()) == 0);
}

static VOID check_processor_numbers(VOID)
{
    PROCESSOR_NUMBER number = { 7, 7, 7 };
    ULONG wrong = 0;
    ULONG index = KeGetCurrentProcessorNumberEx(&number);

    CHECK(index < processor_total() && index == KeGetCurrentProcessorIndex());
    CHECK(number.Group == index / 64 && number.Number == index % 64 && number.Reserved == 0);
    CHECK(number.Group != 0 || KeGetCurrentProcessorNumber() == number.Number);
    for (index = 0; index < processor_total(); index++) {
        wrong += KeGetProcessorNumberFromIndex(index, &number) != STATUS_SUCCESS;
        wrong += KeGetProcessorIndexFromNumber(&number) != index;
    }
    CHECK(wrong == 0);
    CHECK(KeGetProcessorNumberFromIndex(index, &number) == STATUS_INVALID_PARAMETER);
    number = (PROCESSOR_NUMBER){ .Group = KeQueryMaximumGroupCount() };
    CHECK(KeGetProcessorIndexFromNumber(&number) == INVALID_PROCESSOR_INDEX);
}

static VOID check_time(VOID)
{
    LARGE_INTEGER frequency = { .QuadPart = 0 };
    LARGE_INTEGER before = KeQueryPerformanceCounter(&frequency);

    KeStallExecutionProcessor(50);
    LARGE_INTEGER after = KeQueryPerformanceCounter(NULL);
    CHECK(frequency.QuadPart > 0);
    CHECK((after.QuadPart - before.QuadPart) * 1000000 >= 50 * frequency.QuadPart);
}

static VOID check_pool(VOID)
{
    static const UCHAR zeros[200];
    PUCHAR plain = ExAllocatePool(NonPagedPool, 200);
    PUCHAR tagged = ExAllocatePoolWithTag(NonPagedPoolNx, 5000, TAG);
    PUCHAR paged = ExAllocatePoolWithTag(PagedPool, 1, TAG);
    PUCHAR zeroed = ExAllocatePool2(POOL_FLAG_NON_PAGED, 200, TAG);
    PUCHAR raw = ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_UNINITIALIZED, 200, TAG);

    CHECK(plain && tagged && paged && zeroed && raw);
    CHECK((((ULONG_PTR)plain | (ULONG_PTR)tagged | (ULONG_PTR)zeroed) & 15) == 0);
    if (plain && tagged && paged && zeroed && raw) {
        CHECK(RtlEqualMemory(zeroed, zeros, 200));
        RtlFillMemory(plain, 200, 0x11);
        RtlFillMemory(tagged, 5000, 0x22);
        RtlFillMemory(raw, 200, 0x33);
        CHECK(plain[199] == 0x11 && tagged[0] == 0x22 && tagged[4999] == 0x22 && raw[0] == 0x33);
        CHECK(MmIsAddressValid(tagged + 4999));
        ExFreePool(plain);
        ExFreePoolWithTag(tagged, TAG);
        ExFreePoolWithTag(paged, TAG);
        ExFreePoolWithTag(zeroed, TAG);
        ExFreePoolWithTag(raw, TAG);
    }
    CHECK(ExAllocatePoolWithTag(NonPagedPool, 1ULL << 46, TAG) == NULL);
}

static VOID check_memory(VOID)
{
    UCHAR a[64], b[64];

    RtlFillMemory(a, sizeof(a), 0xaa);
    RtlCopyMemory(b, a, sizeof(b));
    CHECK(RtlEqualMemory(a, b, sizeof(a)) && RtlCompareMemory(a, b, sizeof(a)) == sizeof(a));
    b[40] = 0;
    CHECK(!RtlEqualMemory(a, b, sizeof(a)) && RtlCompareMemory(a, b, sizeof(a)) == 40);
    RtlZeroMemory(a, sizeof(a));
    CHECK(a[0] == 0 && a[63] == 0);
    a[0] = 1;
    a[1] = 2;
    RtlMoveMemory(a + 1, a, 2);
    CHECK(a[0] == 1 && a[1] == 1 && a[2] == 2);
    CHECK(RtlSecureZeroMemory(b, sizeof(b)) == b && b[0] == 0 && b[63] == 0);
    CHECK(memcmp(memset(memcpy(a, b, 8), 5, 4), "\5\5\5\5", 5) == 0);
    CHECK(memmove(a, b, 8) == a);

    CHECK(MmIsAddressValid(a) && MmIsAddressValid((PVOID)check_memory));
    CHECK(!MmIsAddressValid((PVOID)0x0000700000001000ULL));
    CHECK(!MmIsAddressValid((PVOID)0x8000000000000000ULL));
}

static VOID check_strings(VOID)
{
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, L"wide");
    CHECK(string.Length == 8 && string.MaximumLength == 10 && string.Buffer[3] == L'e');
    RtlInitUnicodeString(&string, NULL);
    CHECK(string.Length == 0 && string.MaximumLength == 0 && string.Buffer == NULL);
}

static VOID check_lists(VOID)
{
    struct item {
        ULONG value;
        LIST_ENTRY link;
        SINGLE_LIST_ENTRY next;
    } items[3] = { { .value = 0 }, { .value = 1 }, { .value = 2 } };
    LIST_ENTRY head;
    SINGLE_LIST_ENTRY stack = { NULL };

    InitializeListHead(&head);
    CHECK(IsListEmpty(&head) && RemoveHeadList(&head) == &head);
    InsertTailList(&head, &items[1].link);
    InsertTailList(&head, &items[2].link);
    InsertHeadList(&head, &items[0].link);
    CHECK(CONTAINING_RECORD(head.Blink, struct item, link)->value == 2);
    CHECK(!RemoveEntryList(&items[1].link));
    CHECK(RemoveHeadList(&head) == &items[0].link && RemoveTailList(&head) == &items[2].link);
    CHECK(IsListEmpty(&head));
    PushEntryList(&stack, &items[0].next);
    PushEntryList(&stack, &items[1].next);
    CHECK(PopEntryList(&stack) == &items[1].next && PopEntryList(&stack) == &items[0].next);
    CHECK(PopEntryList(&stack) == NULL);
}

static VOID check_messages(VOID)
{
    CHECK(NT_SUCCESS(DbgPrint("a line from %s\n", "DbgPrint")));
    CHECK(NT_SUCCESS(
        DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "a line from DbgPrintEx\n")));
    KdPrint(("a line from %s\n", "KdPrint"));
    KdPrintEx((DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "a line from KdPrintEx\n"));
    ASSERT(checks_done > 0);
    ASSERTMSG("never shown", checks_done > 0);
    NT_ASSERT(checks_done > 0);
    CHECK(NT_VERIFY(checks_done > 0));
}

static VOID check_registers_and_ports(VOID)
{
    volatile ULONG memory = 0x12345678;
    volatile UCHAR byte = 1;
    volatile USHORT word = 2;
    volatile ULONG64 quad = 3;
    ULONG words[2] = { 0, 7 };

    CHECK(READ_REGISTER_ULONG(&memory) == 0x12345678);
    WRITE_REGISTER_ULONG(&memory, 9);
    CHECK(memory == 9);
    READ_REGISTER_BUFFER_ULONG(&memory, words, 1);
    CHECK(words[0] == 9);
    WRITE_REGISTER_BUFFER_ULONG(&memory, words, 2);
    CHECK(memory == 7);
    WRITE_REGISTER_UCHAR(&byte, 4);
    WRITE_REGISTER_USHORT(&word, 5);
    WRITE_REGISTER_ULONG64(&quad, 6);
    CHECK(READ_REGISTER_UCHAR(&byte) == 4 && READ_REGISTER_USHORT(&word) == 5);
    CHECK(READ_REGISTER_ULONG64(&quad) == 6);

    /* The address port of PCI configuration mechanism 1 reads back; port 0x80 ignores writes. */
    UCHAR codes[2] = { 0, 0 };
    ULONG address = READ_PORT_ULONG((PULONG)(ULONG_PTR)0xcf8);
    WRITE_PORT_ULONG((PULONG)(ULONG_PTR)0xcf8, address);
    WRITE_PORT_UCHAR((PUCHAR)(ULONG_PTR)0x80, 0);
    WRITE_PORT_BUFFER_UCHAR((PUCHAR)(ULONG_PTR)0x80, codes, 2);
    READ_PORT_BUFFER_UCHAR((PUCHAR)(ULONG_PTR)0x80, codes, 2);
    CHECK(READ_PORT_ULONG((PULONG)(ULONG_PTR)0xcf8) == address);

    KeMemoryBarrier();
    KeMemoryBarrierWithoutFence();
    YieldProcessor();
    KeYieldProcessor();
}

static VOID check_macros(PDRIVER_OBJECT driver)
{
    LARGE_INTEGER parts = { .LowPart = 1, .HighPart = 2 };
    ULONG array[5];

    CHECK(parts.QuadPart == 0x200000001LL && parts.u.HighPart == 2);
    CHECK(RTL_NUMBER_OF(array) == 5 && ARRAYSIZE(array) == 5);
    CHECK(FIELD_OFFSET(DRIVER_OBJECT, DriverUnload) == 104);
    CHECK(min(3, 4) == 3 && max(3, 4) == 4);
    CHECK(NT_SUCCESS(STATUS_SUCCESS) && NT_ERROR(STATUS_UNSUCCESSFUL));
    CHECK(PAGE_ALIGN(0x12345) == (PVOID)0x12000 && BYTE_OFFSET(0x12345) == 0x345);
    CHECK(ROUND_TO_PAGES(1) == PAGE_SIZE);
    CHECK(driver->Size == (CSHORT)sizeof(*driver) && driver->DriverInit == DriverEntry);
    C_ASSERT(sizeof(WCHAR) == 2);
}

_Use_decl_annotations_ VOID unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    PAGED_CODE();
    DbgPrint("routines: unloaded\n");
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    CHECK(RegistryPath != NULL);
    DriverObject->DriverUnload = unload;
    check_irql();
    check_spin_locks();
    check_processor_counts();
    check_processor_numbers();
    check_time();
    check_pool();
    check_memory();
    check_strings();
    check_lists();
    check_messages();
    check_registers_and_ports();
    check_macros(DriverObject);
    return check_result("routines");
}
