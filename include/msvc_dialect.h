/* SPDX-License-Identifier: MIT */
/*
 * The Microsoft dialect of C, spelled for gcc and clang.
 *
 * Driver sources are written for Microsoft's compiler. Its keywords are mapped here onto what gcc
 * understands, so that no other header needs to know about it. clang has these keywords itself
 * when it runs with -fms-extensions: then __pragma is a macro before this header is read.
 *
 * Not mapped: structured exception handling (see excpt.h), inline assembly in braces, and plain
 * `long`, which has 64 bits with gcc, 32 on Windows and with clang told to compile for Windows
 * (LLVM=1). LONG and ULONG have 32 bits everywhere.
 */
#ifndef MUSTER_MSVC_DIALECT_H
#define MUSTER_MSVC_DIALECT_H

/* What drivers test to learn the machine. */
#ifndef _WIN64
#define _WIN64 1
#endif
#ifndef _AMD64_
#define _AMD64_ 1
#endif
#ifndef _M_AMD64
#define _M_AMD64 100
#endif
#ifndef _M_X64
#define _M_X64 100
#endif

#ifndef __pragma

#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long

/* x64 Windows has one calling convention; every old keyword means that one. */
#define __cdecl __attribute__((ms_abi))
#define __stdcall __attribute__((ms_abi))
#define __fastcall __attribute__((ms_abi))

#define __forceinline inline __attribute__((always_inline))
#define __unaligned
#define __ptr32
#define __ptr64
#define __w64
#define __pragma(text)      _Pragma(#text)
#define __assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
#define __noop(...)         ((void)0)

/*
 * __declspec(name) and __declspec(name(value)): the name is pasted to a prefix, so that each
 * known one has a macro of its own below and an unknown one is an error that shows the name.
 */
#define __declspec(name) MSVC_DECLSPEC_##name
#define MSVC_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define MSVC_DECLSPEC_noinline     __attribute__((noinline))
#define MSVC_DECLSPEC_noreturn     __attribute__((noreturn))
#define MSVC_DECLSPEC_naked        __attribute__((naked))
#define MSVC_DECLSPEC_nothrow      __attribute__((nothrow))
#define MSVC_DECLSPEC_restrict     __attribute__((malloc))
#define MSVC_DECLSPEC_selectany    __attribute__((weak))
/* Without a meaning in this kernel: nothing is imported by pointer, nothing is paged. */
#define MSVC_DECLSPEC_dllimport
#define MSVC_DECLSPEC_dllexport
#define MSVC_DECLSPEC_noalias
#define MSVC_DECLSPEC_code_seg(name)
#define MSVC_DECLSPEC_allocate(name)

#endif /* __pragma */

#endif /* MUSTER_MSVC_DIALECT_H */
