/* SPDX-License-Identifier: MIT */
/*
 * Where Microsoft's C differs from gcc's for ELF: a pack pragma may appear inside a declaration,
 * __declspec(align) before `struct` aligns the type, every inline function can be called and has
 * an address, a constant may have the suffix i64, and __FUNCTION__ is a string literal. Plain long
 * has 32 bits (more of that in long_has_32_bits.c).
 */
#include <ntddk.h>

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

typedef unsigned __int64 uint64_t; /* the same type as in <stdint.h>, so it may be repeated */

#define PACKED(declaration) __pragma(pack(push, 1)) declaration __pragma(pack(pop))

/* clang-format off */
PACKED(struct descriptor {
    USHORT limit;
    ULONG64 base;
});
typedef PACKED(struct _ENTRY {
    UCHAR kind;
    unsigned long value;
}) ENTRY, *PENTRY;

__pragma(pack(push, 2))
struct between {
    UCHAR kind;
    ULONG value;
};
__pragma(pack(pop))
typedef struct __pragma(pack(push, 1)) tagged {
    UCHAR kind;
    ULONG value;
} TAGGED;
struct still_packed {
    UCHAR kind;
    ULONG value;
} __pragma(pack(pop));

/* The packing of the struct inside, not of a function before it that has a struct */
static struct still_packed *same_entry(struct still_packed *entry)
{
    return entry;
}
PACKED(struct after_function {
    UCHAR kind;
    ULONG value;
});

struct unpacked {
    UCHAR kind;
    ULONG value;
};
/* clang-format on */

__declspec(align(64)) struct aligned {
    LONG value;
};
__declspec(align(64)) static volatile struct {
    LONG value;
} slots[4];
typedef DECLSPEC_CACHEALIGN struct {
    LONG value;
} ALIGNED;
typedef struct {
    UCHAR first;
    volatile POINTER_ALIGNMENT LONG second;
} PAIR;

C_ASSERT(sizeof(struct descriptor) == 10);
C_ASSERT(sizeof(ENTRY) == 5);
C_ASSERT(sizeof(struct between) == 6);
C_ASSERT(sizeof(TAGGED) == 5 && sizeof(struct still_packed) == 5);
C_ASSERT(sizeof(struct after_function) == 5);
C_ASSERT(sizeof(struct unpacked) == 8);
C_ASSERT(sizeof(struct aligned) == 64 && TYPE_ALIGNMENT(struct aligned) == 64);
C_ASSERT(sizeof(slots) == 4 * 64);
C_ASSERT(sizeof(ALIGNED) == SYSTEM_CACHE_ALIGNMENT_SIZE);
C_ASSERT(FIELD_OFFSET(PAIR, second) == 8);
static_assert(sizeof(long) == 4 && sizeof(1L) == 4 && sizeof(0UL) == 4, "long has 32 bits");
static_assert(sizeof(long long) == 8 && sizeof(1LL) == 8, "long long has 64 bits");
static_assert(sizeof(unsigned long int) == 4 && sizeof(long unsigned) == 4, "in any order");
static_assert(sizeof(size_t) == 8 && sizeof(ULONG_PTR) == 8, "and sizes have 64");
static_assert(LONG_MAX == MAXLONG && ULONG_MAX == MAXULONG, "as the limits say");

#if !defined _WIN32 || !defined _WIN64 || defined __linux__ || defined unix
#error not the macros of a compiler for Windows
#endif

DRIVER_INITIALIZE DriverEntry;

static volatile long remaining;
static const long below_zero = -1L;

__forceinline ULONG_PTR take_one(ULONG_PTR argument)
{
    InterlockedDecrement(&remaining);
    return argument;
}

/* Each combination of storage class and keyword, declared before, after, or not at all */
#define INLINE(name, specifiers)   \
    specifiers int name(int value) \
    {                              \
        return value + 1;          \
    }

extern inline int declared_extern(int value);
extern int declared_plain(int value);

/* clang-format off */
INLINE(plain_inline, inline)
INLINE(plain__inline, __inline)
INLINE(plain_forceinline, __forceinline)
INLINE(extern_inline, extern inline)
INLINE(extern__inline, extern __inline)
INLINE(extern_forceinline, extern __forceinline)
INLINE(extern_last, __inline extern)
INLINE(extern_attribute, extern __declspec(nothrow) __inline)
INLINE(static_inline, static inline)
INLINE(static__inline, static __inline)
INLINE(static_forceinline, static __forceinline)
INLINE(declared_extern, inline)
INLINE(declared_plain, extern inline)
INLINE(declared_later, __inline)
/* clang-format on */
extern int declared_later(int value);
extern const int after_inline;
const int after_inline = 1;

static int (*const volatile inline_functions[])(int) = {
    plain_inline,       plain__inline,   plain_forceinline, extern_inline,  extern__inline,
    extern_forceinline, extern_last,     extern_attribute,  static_inline,  static__inline,
    static_forceinline, declared_extern, declared_plain,    declared_later,
};

static int call_inline_functions(void)
{
    int value = plain_inline(0) + plain__inline(0) + plain_forceinline(0) + extern_inline(0) +
                extern__inline(0) + extern_forceinline(0) + extern_last(0) + extern_attribute(0) +
                static_inline(0) + static__inline(0) + static_forceinline(0) + declared_extern(0) +
                declared_plain(0) + declared_later(0);

    for (int i = 0; i < (int)RTL_NUMBER_OF(inline_functions); i++) {
        value = inline_functions[i](value);
    }
    return value;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    unsigned long wraps = 0xffffffffUL;
    long *counter = (long *)&remaining;
    ENTRY entry;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(KeIpiGenericCall(take_one, 3) == 3);
    CHECK(remaining < 0 && remaining == -(long)processor_total());
    CHECK(*counter < below_zero + 1);
    wraps++;
    CHECK(wraps == 0);
    CHECK(same_entry(NULL) == NULL);
    memset(&entry, 0xff, sizeof(entry));
    CHECK(entry.value == ULONG_MAX);
    CHECK(slots[1].value == 0);
    CHECK(5ui64 << 32 == 0x500000000ui64 && -1i64 < 0 && 7i32 == 7);
    CHECK(call_inline_functions() == 2 * (int)RTL_NUMBER_OF(inline_functions));
    CHECK(RtlEqualMemory("in " __FUNCTION__ "()", "in DriverEntry()", 17));
    DbgPrint(__FUNCTION__ ": %ld left, %lu\n", remaining, wraps);
    return check_result("dialect");
}
