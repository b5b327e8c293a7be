/* SPDX-License-Identifier: MIT */
/*
 * The plain types, macros and annotations of Windows kernel code, without any routine.
 *
 * Everything has the size that it has in 64-bit Windows, whatever the compiler's own `long` is.
 * Portable kernel code may include this header; it needs no machine and no Windows compiler.
 *
 * Source: Windows driver documentation, "Windows Kernel Data Types"; [MS-DTYP] sections on
 * common data types.
 */
#ifndef MUSTER_NTDEF_H
#define MUSTER_NTDEF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
 * Linkage. Every documented routine has the Windows calling convention, on every route by which
 * a driver reaches it, so NTAPI says so even where the compiler's default is another one.
 */
#define NTAPI    __attribute__((ms_abi))
#define FASTCALL NTAPI
#define NTKERNELAPI
#define NTHALAPI
#define NTSYSAPI
#define NTSYSCALLAPI
#define EXTERN_C     extern
#define FORCEINLINE  __forceinline
#define CFORCEINLINE __forceinline
#define DECLSPEC_IMPORT
#define DECLSPEC_EXPORT
#define DECLSPEC_NORETURN           __attribute__((noreturn))
#define DECLSPEC_NOINLINE           __attribute__((noinline))
#define DECLSPEC_ALIGN(bytes)       __attribute__((aligned(bytes)))
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define DECLSPEC_CACHEALIGN         DECLSPEC_ALIGN(SYSTEM_CACHE_ALIGNMENT_SIZE)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define MAX_NATURAL_ALIGNMENT       sizeof(ULONGLONG)
#define ANYSIZE_ARRAY               1

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
typedef int LONG, *PLONG;
typedef unsigned int ULONG, *PULONG;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG, DWORDLONG;
typedef double DOUBLE;
typedef unsigned char BYTE, *PBYTE;
typedef unsigned short WORD, *PWORD;
typedef unsigned int DWORD, *PDWORD;
typedef int BOOL, *PBOOL;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef ULONG LOGICAL, *PLOGICAL;
typedef const UCHAR *PCUCHAR;
typedef const USHORT *PCUSHORT;
typedef const ULONG *PCULONG;
typedef const void *PCVOID;

typedef signed char INT8, *PINT8;
typedef unsigned char UINT8, *PUINT8;
typedef short INT16, *PINT16;
typedef unsigned short UINT16, *PUINT16;
typedef int INT32, *PINT32, LONG32, *PLONG32;
typedef unsigned int UINT32, *PUINT32, ULONG32, *PULONG32, DWORD32;
typedef long long INT64, *PINT64, LONG64, *PLONG64;
typedef unsigned long long UINT64, *PUINT64, ULONG64, *PULONG64, DWORD64;

typedef long long INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR, SSIZE_T, *PSSIZE_T;
typedef unsigned long long UINT_PTR, *PUINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T, KAFFINITY, *PKAFFINITY;

/* WCHAR has 16 bits. Where the compiler was not told so, a wide literal is not a WCHAR string. */
#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef WCHAR *PWCHAR, *PWCH, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWCH, *PCWSTR, *LPCWSTR;
#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL    ((CHAR)0)

/* Limits */
#define MAXCHAR      0x7f
#define MAXSHORT     0x7fff
#define MAXLONG      0x7fffffff
#define MAXUCHAR     0xff
#define MAXUSHORT    0xffff
#define MAXULONG     0xffffffff
#define MAXLONGLONG  (0x7fffffffffffffffLL)
#define MAXULONG64   (0xffffffffffffffffULL)
#define MAXULONG_PTR (~(ULONG_PTR)0)

/* Status values: the top two bits say how serious, the names are in ntstatus.h. */
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

/* Counted strings. Lengths are in bytes; Buffer need not end in a NUL. */
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

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID, *PGUID;

/* Processors. A group holds at most 64; an affinity mask is about one group. */
#define ALL_PROCESSOR_GROUPS   0xffff
#define MAXIMUM_PROC_PER_GROUP 64

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
typedef LONG KPRIORITY;

/* Structures and arrays */
#define FIELD_OFFSET(type, field)               ((LONG)offsetof(type, field))
#define UFIELD_OFFSET(type, field)              ((ULONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address)-offsetof(type, field)))
#define TYPE_ALIGNMENT(type)                    __alignof__(type)
#define RTL_FIELD_SIZE(type, field)             (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field)   (offsetof(type, field) + sizeof(((type *)0)->field))
#define RTL_BITS_OF(object)                     (sizeof(object) * 8)
#define RTL_NUMBER_OF(array)                    (sizeof(array) / sizeof((array)[0]))
#define RTL_NUMBER_OF_V1(array)                 RTL_NUMBER_OF(array)
#define RTL_NUMBER_OF_V2(array)                 RTL_NUMBER_OF(array)
#define ARRAYSIZE(array)                        RTL_NUMBER_OF(array)
#define _ARRAYSIZE(array)                       RTL_NUMBER_OF(array)
#define ARGUMENT_PRESENT(pointer)               ((pointer) != NULL)

#ifndef NOMINMAX
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif

#define UNREFERENCED_PARAMETER(name)          ((void)(name))
#define UNREFERENCED_LOCAL_VARIABLE(name)     ((void)(name))
#define DBG_UNREFERENCED_PARAMETER(name)      ((void)(name))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(name) ((void)(name))

#define C_ASSERT(condition) _Static_assert(condition, #condition)

/* Pointers and integers of the same or a smaller size */
#define PtrToUlong(pointer)     ((ULONG)(ULONG_PTR)(pointer))
#define PtrToLong(pointer)      ((LONG)(LONG_PTR)(pointer))
#define PtrToUshort(pointer)    ((USHORT)(ULONG_PTR)(pointer))
#define UlongToPtr(value)       ((PVOID)(ULONG_PTR)(ULONG)(value))
#define LongToPtr(value)        ((PVOID)(LONG_PTR)(LONG)(value))
#define HandleToUlong(handle)   PtrToUlong(handle)
#define Add2Ptr(pointer, bytes) ((PVOID)((PUCHAR)(pointer) + (bytes)))

#endif /* MUSTER_NTDEF_H */
