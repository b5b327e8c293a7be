/* SPDX-License-Identifier: MIT */
/*
 * `long` wherever C allows it has 32 bits, and what only looks like it stays as it is: 64-bit
 * types, the compiler's own macros for types, strings, and names that contain the word.
 */
#include <ntddk.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define BITS(type, bits)  C_ASSERT(sizeof(type) * CHAR_BIT == (bits))
#define UNSIGNED_LONG     unsigned long
#define TEXT_OF(words)    #words
#define JOIN(left, right) left##right

/* clang-format off */
BITS(long, 32); BITS(long int, 32); BITS(int long, 32); BITS(signed long, 32);
BITS(long signed int, 32); BITS(unsigned long, 32); BITS(int long unsigned, 32);
BITS(const long volatile, 32); BITS(long const unsigned, 32); BITS(UNSIGNED_LONG, 32);
BITS(long long, 64); BITS(long long int, 64); BITS(unsigned long long int, 64);
BITS(long unsigned long, 64); BITS(long int long, 64); BITS(long volatile long, 64);
BITS(long *, 64); BITS(unsigned long **, 64); BITS(long[3], 96); BITS(long (*)(long, long *), 64);
BITS(__int32, 32); BITS(unsigned __int64, 64); BITS(__int3264, 64); BITS(unsigned __int3264, 64);
BITS(LONG, 32); BITS(ULONG, 32); BITS(DWORD, 32); BITS(LONGLONG, 64); BITS(LONG64, 64);
BITS(LONG_PTR, 64); BITS(ULONG_PTR, 64); BITS(SIZE_T, 64); BITS(SSIZE_T, 64); BITS(HANDLE, 64);
BITS(size_t, 64); BITS(ptrdiff_t, 64); BITS(intptr_t, 64); BITS(uintptr_t, 64);
BITS(uint64_t, 64); BITS(uintmax_t, 64); BITS(int_fast32_t, 32);
BITS(__SIZE_TYPE__, 64); BITS(__PTRDIFF_TYPE__, 64); BITS(__INTPTR_TYPE__, 64);
BITS(__UINTPTR_TYPE__, 64); BITS(__INT64_TYPE__, 64); BITS(__UINT64_TYPE__, 64);
BITS(__INTMAX_TYPE__, 64); BITS(__UINTMAX_TYPE__, 64); BITS(__INT_LEAST64_TYPE__, 64);
BITS(__UINT_LEAST64_TYPE__, 64); BITS(__INT_FAST64_TYPE__, 64); BITS(__UINT_FAST64_TYPE__, 64);
BITS(__INT_FAST32_TYPE__, 32); BITS(__UINT_FAST32_TYPE__, 32);
BITS(__INT32_TYPE__, 32); BITS(__UINT32_TYPE__, 32);
/* clang-format on */

#if __SIZEOF_LONG__ != 4 || __LONG_MAX__ != 0x7fffffff || __SIZEOF_POINTER__ != 8
#error the macros for long are not those of Windows
#endif

#define SIZE(value, bytes) C_ASSERT(sizeof(value) == (bytes))
SIZE(1L, 4);
SIZE(1l, 4);
SIZE(1UL, 4);
SIZE(1lu, 4);
SIZE(1Lu, 4);
SIZE(0x7fL, 4);
SIZE(0xffffffffUL, 4);
SIZE(0777L, 4);
SIZE(1LL, 8);
SIZE(1ll, 8);
SIZE(1ULL, 8);
SIZE(1llu, 8);
SIZE(0xfULL, 8);
SIZE(JOIN(1, L), 4);
SIZE(JOIN(1, LL), 8);
SIZE(L'1', 2);
SIZE(L"1L", 6);
SIZE((long)1 + 1L, 4);
SIZE((unsigned long)-1, 4);
SIZE((unsigned long long)(long)1, 8);
SIZE(__INT64_MAX__, 8);
SIZE(__SIZE_MAX__, 8);

/* The types of Windows are the same types as the words of C. */
static long plain;
static LONG *same = &plain;
static volatile unsigned long plain_unsigned;
static volatile ULONG *same_unsigned = &plain_unsigned;

typedef long number;
typedef unsigned long int unsigned_number;
typedef long (*routine)(long value, unsigned long *pointer);
BITS(number, 32);
BITS(unsigned_number, 32);

struct fields {
    long first;
    unsigned long low : 20;
    unsigned long high : 12;
    long sign : 1;
    long *pointer;
    long long_name;
    long int longer, array[2];
    long (*function)(long);
};
C_ASSERT(FIELD_OFFSET(struct fields, pointer) == 16);
C_ASSERT(FIELD_OFFSET(struct fields, long_name) == 24);
C_ASSERT(FIELD_OFFSET(struct fields, function) == 40);

static long LONG_add(long value, unsigned long *pointer)
{
    register long int sum = value + (long)*pointer; /* long */

    __asm__ volatile("nop # long" : "+r"(sum));
    return sum;
}

static __attribute__((unused)) long double unused(long double value)
{
    return value;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    struct fields fields = { .long_name = -1L, .low = 0xfffff, .sign = -1, .array = { 1L, 2L } };
    routine add = LONG_add;
    unsigned long most = ULONG_MAX;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(add(fields.long_name, &most) == -2);
    CHECK(most + 1 == 0 && *same == 0 && *same_unsigned == 0);
    CHECK(fields.low == 0xfffff && fields.high == 0 && fields.sign == -1);
    CHECK((unsigned long)0x100000001ULL == 1 && (long)0xffffffffULL == -1);
    CHECK(RtlEqualMemory(TEXT_OF(long 1L), "long 1L", sizeof("long 1L")));
#ifdef __UINT64_C
    CHECK(__UINT64_C(1) << 40 == 0x10000000000ULL && (__UINT64_TYPE__)-1 == MAXULONG64);
#endif
    return check_result("long_has_32_bits");
}
