/* SPDX-License-Identifier: MIT */
/*
 * The plain types, macros and annotations of Windows kernel code, without any routine.
 *
 * Every type has its size in 64-bit Windows, whatever the compiler's own `long` is. As on Windows,
 * the header declares no name of <stdint.h>: old drivers declare such names themselves. Portable
 * kernel code may include it; it needs neither a machine nor a Windows compiler.
 *
 * Source: Windows driver documentation, "Windows Kernel Data Types"; [MS-DTYP] sections on
 * common data types.
 */
#ifndef MUSTER_NTDEF_H
#define MUSTER_NTDEF_H

#include <stdarg.h>
#include <stddef.h>

#include "basetsd.h"
#include "driverspecs.h"
#include "msvc_dialect.h"
#include "sdkddkver.h"
#include "specstrings.h"

/* Annotations older than SAL. */
#define IN
#define OUT
#define OPTIONAL
#define NOTHING
#define CRITICAL
#define FAR
#define UNALIGNED
#define CONST const

/*
 * Linkage. Every documented routine has the Windows calling convention. NTAPI says so, because the
 * compiler's default may be another.
 */
#define NTAPI    __attribute__((ms_abi))
#define FASTCALL NTAPI
#define NTKERNELAPI
#define NTHALAPI
#define NTSYSAPI
#define NTSYSCALLAPI
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#define FORCEINLINE  __forceinline
#define CFORCEINLINE __forceinline
#define DECLSPEC_IMPORT
#define DECLSPEC_EXPORT
#define DECLSPEC_DEPRECATED
#define DECLSPEC_GUARDNOCF
#define DECLSPEC_SAFEBUFFERS
#define DECLSPEC_NORETURN           __declspec(noreturn)
#define DECLSPEC_NOINLINE           __declspec(noinline)
#define DECLSPEC_NOTHROW            __declspec(nothrow)
#define DECLSPEC_SELECTANY          __declspec(selectany)
#define DECLSPEC_ALIGN(bytes)       __declspec(align(bytes))
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define DECLSPEC_CACHEALIGN         DECLSPEC_ALIGN(SYSTEM_CACHE_ALIGNMENT_SIZE)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define MAX_NATURAL_ALIGNMENT       sizeof(ULONGLONG)
#define POINTER_ALIGNMENT           DECLSPEC_ALIGN(8)
#define POINTER_32
#define POINTER_64
#define POINTER_SIGNED
#define POINTER_UNSIGNED
#define ANYSIZE_ARRAY 1

/* Names for unnamed structures and unions, which C has: empty. */
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2
#define DUMMYSTRUCTNAME3
#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYUNIONNAME4

#define FALSE 0
#define TRUE  1

/* Integers and characters */
#define VOID void
typedef void *PVOID, **PPVOID;
typedef PVOID HANDLE, *PHANDLE;
typedef char CHAR, *PCHAR, *PCH, *PSTR, *PSZ, *LPSTR;
typedef const char *PCSTR, *LPCSTR, *PCCH, *PCSZ;
typedef char CCHAR, *PCCHAR;
typedef signed char SCHAR, *PSCHAR;
typedef unsigned char UCHAR, *PUCHAR;
typedef short SHORT, *PSHORT, CSHORT, *PCSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT;
typedef MSVC_LONG LONG, *PLONG;
typedef unsigned MSVC_LONG ULONG, *PULONG;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG, DWORDLONG;
typedef double DOUBLE;
typedef unsigned char BYTE, *PBYTE;
typedef unsigned short WORD, *PWORD;
typedef unsigned MSVC_LONG DWORD, *PDWORD;
typedef int BOOL, *PBOOL;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef ULONG LOGICAL, *PLOGICAL;
typedef const UCHAR *PCUCHAR;
typedef const USHORT *PCUSHORT;
typedef const ULONG *PCULONG;
typedef const void *PCVOID;
typedef const LONG *PCLONG;

/* WCHAR has 16 bits. Without -fshort-wchar, a wide literal is not a WCHAR string. */
#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#else
typedef unsigned short WCHAR;
#endif
typedef WCHAR *PWCHAR, *PWCH, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWCH, *PCWSTR, *LPCWSTR;
#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL    ((CHAR)0)

/* Limits; those of the types in basetsd.h are there. */
#define MINCHAR      0x80
#define MAXCHAR      0x7f
#define MINSHORT     0x8000
#define MAXSHORT     0x7fff
#define MINLONG      0x80000000
#define MAXLONG      0x7fffffff
#define MAXBYTE      0xff
#define MAXUCHAR     0xff
#define MAXWORD      0xffff
#define MAXUSHORT    0xffff
#define MAXDWORD     0xffffffff
#define MAXULONG     0xffffffff
#define MINLONGLONG  (~0x7fffffffffffffffLL)
#define MAXLONGLONG  (0x7fffffffffffffffLL)
#define MAXULONGLONG (0xffffffffffffffffULL)

/* Status values. The top two bits give the severity; the names are in ntstatus.h. */
typedef LONG NTSTATUS, *PNTSTATUS;
#define NT_SUCCESS(Status)     (((NTSTATUS)(Status)) >= 0)
#define NT_INFORMATION(Status) ((((ULONG)(Status)) >> 30) == 1)
#define NT_WARNING(Status)     ((((ULONG)(Status)) >> 30) == 2)
#define NT_ERROR(Status)       ((((ULONG)(Status)) >> 30) == 3)

/* A 64-bit integer with access to its halves. */
typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

/* Counted strings. Lengths are in bytes; Buffer need not end with a NUL. */
typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING, *POEM_STRING;
typedef const STRING *PCSTRING, *PCANSI_STRING;

typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

#define RTL_CONSTANT_STRING(s)                     \
    {                                              \
        sizeof(s) - sizeof((s)[0]), sizeof(s), (s) \
    }
#define DECLARE_CONST_UNICODE_STRING(name, text) \
    const WCHAR name##_buffer[] = text;          \
    const UNICODE_STRING name = { sizeof(text) - sizeof(WCHAR), sizeof(text), (PWCH)name##_buffer }

/* Links of doubly and singly linked lists; the routines are in wdm/list.h. */
typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *PRLIST_ENTRY;

#define RTL_STATIC_LIST_HEAD(name) LIST_ENTRY name = { &name, &name }

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID, *PGUID;

/* Processors. A group holds at most 64; an affinity mask covers one group. */
#define ALL_PROCESSOR_GROUPS   0xffff
#define MAXIMUM_PROC_PER_GROUP 64
#define MAXIMUM_PROCESSORS     MAXIMUM_PROC_PER_GROUP

typedef struct _PROCESSOR_NUMBER {
    USHORT Group;
    UCHAR Number;
    UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

typedef struct _GROUP_AFFINITY {
    KAFFINITY Mask;
    USHORT Group;
    USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;

/* An interrupt request level; the values are in wdm.h. */
typedef UCHAR KIRQL, *PKIRQL;
typedef CCHAR KPROCESSOR_MODE;
typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
typedef LONG KPRIORITY;

/* Structures and arrays */
#define FIELD_OFFSET(type, field)               ((LONG)offsetof(type, field))
#define UFIELD_OFFSET(type, field)              ((ULONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address)-offsetof(type, field)))
#define TYPE_ALIGNMENT(type)                    __alignof__(type)
#define RTL_FIELD_TYPE(type, field)             (((type *)0)->field)
#define RTL_FIELD_SIZE(type, field)             (sizeof(((type *)0)->field))
#define FIELD_SIZE(type, field)                 RTL_FIELD_SIZE(type, field)
#define RTL_SIZEOF_THROUGH_FIELD(type, field)   (offsetof(type, field) + sizeof(((type *)0)->field))
#define RTL_BITS_OF(object)                     (sizeof(object) * 8)
#define RTL_NUMBER_OF(array)                    (sizeof(array) / sizeof((array)[0]))
#define RTL_NUMBER_OF_FIELD(type, field)        RTL_NUMBER_OF(RTL_FIELD_TYPE(type, field))
#define RTL_BITS_OF_FIELD(type, field)          (RTL_BITS_OF(RTL_FIELD_TYPE(type, field)))
#define RTL_CONTAINS_FIELD(object, size, field) \
    ((PCHAR)(&(object)->field) + sizeof((object)->field) <= (PCHAR)(object) + (size))
#define RTL_NUMBER_OF_V1(array)   RTL_NUMBER_OF(array)
#define RTL_NUMBER_OF_V2(array)   RTL_NUMBER_OF(array)
#define ARRAYSIZE(array)          RTL_NUMBER_OF(array)
#define _ARRAYSIZE(array)         RTL_NUMBER_OF(array)
#define ARGUMENT_PRESENT(pointer) ((pointer) != NULL)

#ifndef NOMINMAX
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif

#define UNREFERENCED_PARAMETER(name)          ((void)(name))
#define UNREFERENCED_LOCAL_VARIABLE(name)     ((void)(name))
#define DBG_UNREFERENCED_PARAMETER(name)      ((void)(name))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(name) ((void)(name))

#define C_ASSERT(condition) _Static_assert(condition, #condition)

/* Down or up to a multiple of a power of two, or of a type's size */
#define ALIGN_DOWN_BY(value, bytes) ((ULONG_PTR)(value) & ~((ULONG_PTR)(bytes)-1))
#define ALIGN_UP_BY(value, bytes)   ALIGN_DOWN_BY((ULONG_PTR)(value) + (bytes)-1, bytes)
#define ALIGN_DOWN(value, type)     ALIGN_DOWN_BY(value, sizeof(type))
#define ALIGN_UP(value, type)       ALIGN_UP_BY(value, sizeof(type))

#define ALIGN_DOWN_POINTER_BY(pointer, bytes) ((PVOID)ALIGN_DOWN_BY(pointer, bytes))
#define ALIGN_UP_POINTER_BY(pointer, bytes)   ((PVOID)ALIGN_UP_BY(pointer, bytes))
#define ALIGN_DOWN_POINTER(pointer, type)     ((PVOID)ALIGN_DOWN(pointer, type))
#define ALIGN_UP_POINTER(pointer, type)       ((PVOID)ALIGN_UP(pointer, type))

/* Products of 64 bits, and shifts by up to 31 bits */
#define Int32x32To64(a, b)           ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b)          ((ULONGLONG)(ULONG)(a) * (ULONGLONG)(ULONG)(b))
#define Int64ShllMod32(value, count) ((ULONGLONG)(value) << (count))
#define Int64ShraMod32(value, count) ((LONGLONG)(value) >> (count))
#define Int64ShrlMod32(value, count) ((ULONGLONG)(value) >> (count))

/* A pointer that is a number of bytes further on */
#define Add2Ptr(pointer, bytes) ((PVOID)((PUCHAR)(pointer) + (bytes)))

#endif /* MUSTER_NTDEF_H */
