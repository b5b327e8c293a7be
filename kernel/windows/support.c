/* SPDX-License-Identifier: MIT */
/*
 * The remaining routines that drivers with workers use: time, memory, bug checks.
 */
#include <wdm.h>

#include "kernel/stop/bugcheck.h"
#include "kernel/windows/pool.h"
#include "lib/string.h"

/* Windows 10 and later report this frequency on every machine. */
#define PERFORMANCE_FREQUENCY 10000000

#define BAD_POOL_NOT_ALLOCATED 0x46 /* P1 of 0xC2: the address is not an allocated block */
#define BAD_POOL_WRONG_TAG     0x0a /* P1 of 0xC2: freed with another tag */

#define TAG_NONE 0x656e6f4e /* reads "None" in memory, as on Windows */

VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds)
{
    uint64_t began_ticks = arch_ticks();
    uint64_t ticks = MicroSeconds * arch_ticks_per_ms() / 1000 + 1;
    while (arch_ticks() - began_ticks < ticks) {
        bugcheck_poll_freeze();
        arch_relax();
    }
}

/* Seconds and remainder are converted separately, so that no product overflows for centuries. */
LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    uint64_t ticks_per_second = arch_ticks_per_ms() * 1000;
    uint64_t ticks = arch_ticks();
    LARGE_INTEGER counter;

    if (PerformanceFrequency != NULL) {
        PerformanceFrequency->QuadPart = PERFORMANCE_FREQUENCY;
    }
    counter.QuadPart =
        (LONGLONG)(ticks / ticks_per_second * PERFORMANCE_FREQUENCY +
                   ticks % ticks_per_second * PERFORMANCE_FREQUENCY / ticks_per_second);
    return counter;
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    (void)PoolType; /* here all pool is nonpaged, and none of it is executable */
    return pool_allocate(NumberOfBytes, Tag);
}

PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, TAG_NONE);
}

PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    void *block = pool_allocate(NumberOfBytes, Tag);
    if (block != NULL && !(Flags & POOL_FLAG_UNINITIALIZED)) {
        memset(block, 0, NumberOfBytes);
    }
    return block;
}

VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    int error = pool_free(P, Tag);
    if (error != 0) {
        bugcheck_stop(BUGCHECK_BAD_POOL_CALLER,
                      error == POOL_WRONG_TAG ? BAD_POOL_WRONG_TAG : BAD_POOL_NOT_ALLOCATED,
                      (uintptr_t)P, Tag, (uintptr_t)__builtin_return_address(0));
    }
}

VOID NTAPI ExFreePool(PVOID P)
{
    ExFreePoolWithTag(P, 0);
}

BOOLEAN NTAPI MmIsAddressValid(PVOID VirtualAddress)
{
    return arch_address_readable((uintptr_t)VirtualAddress);
}

SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const unsigned char *first = Source1, *second = Source2;
    SIZE_T equal = 0;
    while (equal < Length && first[equal] == second[equal]) {
        equal++;
    }
    return equal;
}

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    size_t length = 0;
    while (SourceString != NULL && SourceString[length] != 0 && length < 0x7ffe) {
        length++;
    }
    DestinationString->Buffer = (PWSTR)SourceString;
    DestinationString->Length = (USHORT)(length * sizeof(WCHAR));
    DestinationString->MaximumLength =
        (USHORT)(SourceString == NULL ? 0 : (length + 1) * sizeof(WCHAR));
}

VOID NTAPI DbgBreakPoint(VOID)
{
    arch_breakpoint();
}

DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                                          ULONG_PTR BugCheckParameter2,
                                          ULONG_PTR BugCheckParameter3,
                                          ULONG_PTR BugCheckParameter4)
{
    const uintptr_t parameters[] = { BugCheckParameter1, BugCheckParameter2, BugCheckParameter3,
                                     BugCheckParameter4 };
    bugcheck_stop_from((uintptr_t)__builtin_frame_address(0), BugCheckCode, parameters);
}

DECLSPEC_NORETURN VOID NTAPI KeBugCheck(ULONG BugCheckCode)
{
    const uintptr_t parameters[4] = { 0 };
    bugcheck_stop_from((uintptr_t)__builtin_frame_address(0), BugCheckCode, parameters);
}
