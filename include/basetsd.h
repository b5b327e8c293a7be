/* SPDX-License-Identifier: MIT */
/*
 * Integer types of a given size, or of a pointer's size: their limits, and conversions between them
 * and pointers. Part of ntdef.h, and a header of its own as on Windows.
 *
 * Source: Windows driver documentation, "Windows Kernel Data Types"; [MS-DTYP].
 */
#ifndef MUSTER_BASETSD_H
#define MUSTER_BASETSD_H

#include "msvc_dialect.h"

/* ---- By number of bits ---- */
typedef signed char INT8, *PINT8;
typedef unsigned char UINT8, *PUINT8;
typedef short INT16, *PINT16;
typedef unsigned short UINT16, *PUINT16;
typedef int INT32, *PINT32, LONG32, *PLONG32;
typedef unsigned int UINT32, *PUINT32, ULONG32, *PULONG32, DWORD32, *PDWORD32;
typedef long long INT64, *PINT64, LONG64, *PLONG64;
typedef unsigned long long UINT64, *PUINT64, ULONG64, *PULONG64, DWORD64, *PDWORD64;

/* ---- As large as a pointer, or half as large ---- */
#define __int3264 __int64
typedef long long INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR, SSIZE_T, *PSSIZE_T;
typedef unsigned long long UINT_PTR, *PUINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T, KAFFINITY, *PKAFFINITY;
typedef int HALF_PTR, *PHALF_PTR;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;

/* ---- Limits ---- */
#define MAXINT8      ((INT8)0x7f)
#define MININT8      ((INT8)~MAXINT8)
#define MAXUINT8     ((UINT8)0xff)
#define MAXINT16     ((INT16)0x7fff)
#define MININT16     ((INT16)~MAXINT16)
#define MAXUINT16    ((UINT16)0xffff)
#define MAXINT       ((int)0x7fffffff)
#define MININT       ((int)~MAXINT)
#define MAXUINT      ((unsigned int)0xffffffff)
#define MAXINT32     ((INT32)0x7fffffff)
#define MININT32     ((INT32)~MAXINT32)
#define MAXUINT32    ((UINT32)0xffffffff)
#define MAXLONG32    ((LONG32)0x7fffffff)
#define MINLONG32    ((LONG32)~MAXLONG32)
#define MAXULONG32   ((ULONG32)0xffffffff)
#define MAXDWORD32   ((DWORD32)0xffffffff)
#define MAXINT64     ((INT64)0x7fffffffffffffffLL)
#define MININT64     ((INT64)~MAXINT64)
#define MAXUINT64    ((UINT64)0xffffffffffffffffULL)
#define MAXLONG64    ((LONG64)0x7fffffffffffffffLL)
#define MINLONG64    ((LONG64)~MAXLONG64)
#define MAXULONG64   ((ULONG64)0xffffffffffffffffULL)
#define MAXDWORD64   ((DWORD64)0xffffffffffffffffULL)
#define MAXINT_PTR   ((INT_PTR)0x7fffffffffffffffLL)
#define MININT_PTR   ((INT_PTR)~MAXINT_PTR)
#define MAXUINT_PTR  (~(UINT_PTR)0)
#define MAXLONG_PTR  ((LONG_PTR)0x7fffffffffffffffLL)
#define MINLONG_PTR  ((LONG_PTR)~MAXLONG_PTR)
#define MAXULONG_PTR (~(ULONG_PTR)0)
#define MAXSIZE_T    (~(SIZE_T)0)
#define MAXSSIZE_T   ((SSIZE_T)0x7fffffffffffffffLL)
#define MINSSIZE_T   ((SSIZE_T)~MAXSSIZE_T)

/* ---- Pointers and integers of the same or a smaller size ---- */
#define PtrToUlong(pointer)      ((UINT32)(ULONG_PTR)(pointer))
#define PtrToUint(pointer)       ((UINT32)(ULONG_PTR)(pointer))
#define PtrToLong(pointer)       ((INT32)(LONG_PTR)(pointer))
#define PtrToInt(pointer)        ((INT32)(LONG_PTR)(pointer))
#define PtrToUshort(pointer)     ((UINT16)(ULONG_PTR)(pointer))
#define PtrToShort(pointer)      ((INT16)(LONG_PTR)(pointer))
#define UlongToPtr(value)        ((void *)(ULONG_PTR)(UINT32)(value))
#define UintToPtr(value)         ((void *)(ULONG_PTR)(UINT32)(value))
#define LongToPtr(value)         ((void *)(LONG_PTR)(INT32)(value))
#define IntToPtr(value)          ((void *)(LONG_PTR)(INT32)(value))
#define HandleToUlong(handle)    PtrToUlong(handle)
#define HandleToLong(handle)     PtrToLong(handle)
#define UlongToHandle(value)     UlongToPtr(value)
#define LongToHandle(value)      LongToPtr(value)
#define PtrToULong(pointer)      PtrToUlong(pointer)
#define PtrToUInt(pointer)       PtrToUint(pointer)
#define ULongToPtr(value)        UlongToPtr(value)
#define UIntToPtr(value)         UintToPtr(value)
#define HandleToULong(handle)    HandleToUlong(handle)
#define ULongToHandle(value)     UlongToHandle(value)
#define PtrToPtr64(pointer)      ((void *)(pointer))
#define Ptr64ToPtr(pointer)      ((void *)(pointer))
#define HandleToHandle64(handle) PtrToPtr64(handle)
#define Handle64ToHandle(handle) Ptr64ToPtr(handle)

#endif /* MUSTER_BASETSD_H */
