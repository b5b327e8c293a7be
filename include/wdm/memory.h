/* SPDX-License-Identifier: MIT */
/*
 * Pool memory, and copying, filling and comparing. Part of wdm.h; include that.
 *
 * Source: Windows driver documentation, pages of the routines and macros named here.
 */
#ifndef MUSTER_WDM_MEMORY_H
#define MUSTER_WDM_MEMORY_H

#include "../intrin.h"
#include "../ntdef.h"

/* Here all pool is nonpaged, whatever the type, and none of it is executable. */
typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    NonPagedPoolExecute = NonPagedPool,
    PagedPool = 1,
    NonPagedPoolMustSucceed = 2,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = 516
} POOL_TYPE;

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_USE_QUOTA         0x0000000000000001ULL
#define POOL_FLAG_UNINITIALIZED     0x0000000000000002ULL
#define POOL_FLAG_SESSION           0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED     0x0000000000000008ULL
#define POOL_FLAG_RAISE_ON_FAILURE  0x0000000000000020ULL
#define POOL_FLAG_NON_PAGED         0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED             0x0000000000000100ULL

/**
 * ExAllocatePool - Allocate memory without a tag.
 * @PoolType: the kind of memory.
 * @NumberOfBytes: the size.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Returns: memory aligned to 16 bytes, not cleared; NULL if there is none.
 * Source: ExAllocatePool function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTKERNELAPI PVOID NTAPI ExAllocatePool(_In_ POOL_TYPE PoolType, _In_ SIZE_T NumberOfBytes);

/**
 * ExAllocatePoolWithTag - Allocate memory.
 * @PoolType: the kind of memory.
 * @NumberOfBytes: the size.
 * @Tag: one to four characters that name the owner, as in 'kHoE'.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Returns: memory aligned to 16 bytes, not cleared; NULL if there is none.
 * Source: ExAllocatePoolWithTag function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithTag(_In_ POOL_TYPE PoolType, _In_ SIZE_T NumberOfBytes,
                                              _In_ ULONG Tag);

/**
 * ExAllocatePool2 - Allocate cleared memory.
 * @Flags: POOL_FLAG_*, including one of the three kinds of memory; with
 *         POOL_FLAG_UNINITIALIZED the memory is not cleared.
 * @NumberOfBytes: the size.
 * @Tag: one to four characters that name the owner.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Returns: memory aligned to 16 bytes; NULL if there is none.
 * Source: ExAllocatePool2 function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTKERNELAPI PVOID NTAPI ExAllocatePool2(_In_ POOL_FLAGS Flags, _In_ SIZE_T NumberOfBytes,
                                        _In_ ULONG Tag);

/**
 * ExFreePool - Free allocated memory.
 * @P: the address that an allocation returned; any other is bug check 0xC2.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Source: ExFreePool macro.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTKERNELAPI VOID NTAPI ExFreePool(_Pre_notnull_ PVOID P);

/**
 * ExFreePoolWithTag - Free allocated memory and check its owner.
 * @P: the address that an allocation returned; any other is bug check 0xC2.
 * @Tag: the tag of the allocation, another is bug check 0xC2; 0 checks nothing.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Source: ExFreePoolWithTag function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTKERNELAPI VOID NTAPI ExFreePoolWithTag(_Pre_notnull_ PVOID P, _In_ ULONG Tag);

/**
 * MmIsAddressValid - Tell whether an address can be read without a page fault.
 * @VirtualAddress: the address.
 *
 * IRQL: any.
 * Returns: TRUE if the page is present, else FALSE.
 * Source: MmIsAddressValid function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI BOOLEAN NTAPI MmIsAddressValid(_In_ PVOID VirtualAddress);

/**
 * RtlCompareMemory - Count the equal bytes at the start of two blocks.
 * @Source1: the first block.
 * @Source2: the second block.
 * @Length: the size of both.
 *
 * IRQL: any.
 * Returns: the number of equal bytes before the first difference; Length if there is none.
 * Source: RtlCompareMemory function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTSYSAPI SIZE_T NTAPI RtlCompareMemory(_In_ const VOID *Source1, _In_ const VOID *Source2,
                                       _In_ SIZE_T Length);

/**
 * RtlInitUnicodeString - Make a counted string that refers to a wide string. Nothing is copied.
 * @DestinationString: receives the length in bytes, the length plus two, and the pointer.
 * @SourceString: the string, which ends with a NUL; NULL gives an empty one.
 *
 * IRQL: <= DISPATCH_LEVEL.
 * Source: RtlInitUnicodeString function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSYSAPI VOID NTAPI RtlInitUnicodeString(_Out_ PUNICODE_STRING DestinationString,
                                         _In_opt_z_ PCWSTR SourceString);

/*
 * Copying and filling, at any IRQL, of memory that is present. The four C functions have the
 * default calling convention of the including file: in a driver, the Windows one.
 */
void *memcpy(void *restrict destination, const void *restrict source, size_t size);
void *memmove(void *destination, const void *source, size_t size);
void *memset(void *destination, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

#define RtlCopyMemory(Destination, Source, Length) __builtin_memcpy(Destination, Source, Length)
#define RtlMoveMemory(Destination, Source, Length) __builtin_memmove(Destination, Source, Length)
#define RtlFillMemory(Destination, Length, Fill)   __builtin_memset(Destination, Fill, Length)
#define RtlZeroMemory(Destination, Length)         __builtin_memset(Destination, 0, Length)
#define RtlCopyBytes(Destination, Source, Length)  RtlCopyMemory(Destination, Source, Length)
#define RtlZeroBytes(Destination, Length)          RtlZeroMemory(Destination, Length)
#define RtlFillBytes(Destination, Length, Fill)    RtlFillMemory(Destination, Length, Fill)
#define RtlEqualMemory(Left, Right, Length)        (!__builtin_memcmp(Left, Right, Length))

/* Clears memory even if nothing reads it afterwards: the compiler cannot drop it. */
static FORCEINLINE PVOID RtlSecureZeroMemory(_Out_writes_bytes_(Size) PVOID Pointer,
                                             _In_ SIZE_T Size)
{
    __stosb((PUCHAR)Pointer, 0, Size);
    return Pointer;
}

#endif /* MUSTER_WDM_MEMORY_H */
