/* SPDX-License-Identifier: MIT */
/*
 * The Microsoft dialect of C for gcc and clang.
 *
 * Drivers are written for Microsoft's compiler. This header maps its keywords to gcc's, so that no
 * other header needs to know about them. clang with -fms-extensions has these keywords itself;
 * __pragma is then a predefined macro.
 *
 * tools/dialect.pl does what no macro can: with gcc, plain `long` has 64 bits, __pragma(pack(...))
 * cannot stand inside a declaration, and an attribute before `struct` does not reach the type.
 * LONG and ULONG have 32 bits everywhere. Missing: structured exception handling (see excpt.h) and
 * inline assembly in braces.
 */
#ifndef MUSTER_MSVC_DIALECT_H
#define MUSTER_MSVC_DIALECT_H

/* Macros that drivers test to learn the machine */
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

/* Windows' `long`, the type of LONG: 32 bits (gcc_types.h only says that gcc's has 32) */
#if __SIZEOF_LONG__ == 4 && !defined MUSTER_GCC_TYPES_H
#define MSVC_LONG long
#else
#define MSVC_LONG int
#endif

#ifndef __pragma

#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long

/* x64 Windows has one calling convention. Every old keyword means that one. */
#define __cdecl __attribute__((ms_abi))
#define __stdcall __attribute__((ms_abi))
#define __fastcall __attribute__((ms_abi))

#define __forceinline inline __attribute__((always_inline))
#define __unaligned
#define __ptr32
#define __ptr64
#define __w64
#define __sptr
#define __uptr
#define __pragma(text)      _Pragma(#text)
#define __assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
#define __noop(...)         ((void)0)

/*
 * __declspec(name) and __declspec(name(value)): the name is pasted to a prefix. Each known one has
 * a macro below; an unknown one is an error that shows the name.
 */
#define __declspec(name) MSVC_DECLSPEC_##name
#define MSVC_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define MSVC_DECLSPEC_noinline     __attribute__((noinline))
#define MSVC_DECLSPEC_noreturn     __attribute__((noreturn))
#define MSVC_DECLSPEC_naked        __attribute__((naked))
#define MSVC_DECLSPEC_nothrow      __attribute__((nothrow))
#define MSVC_DECLSPEC_restrict     __attribute__((malloc))
#define MSVC_DECLSPEC_selectany    __attribute__((weak))
#define MSVC_DECLSPEC_deprecated   __attribute__((deprecated))
/* Without a meaning in this kernel, which imports nothing by pointer and pages nothing */
#define MSVC_DECLSPEC_dllimport
#define MSVC_DECLSPEC_dllexport
#define MSVC_DECLSPEC_noalias
#define MSVC_DECLSPEC_code_seg(name)
#define MSVC_DECLSPEC_allocate(name)
#define MSVC_DECLSPEC_safebuffers
#define MSVC_DECLSPEC_guard(kind)
#define MSVC_DECLSPEC_spectre(kind)

#endif /* __pragma */

#ifndef __cplusplus
#define static_assert _Static_assert
#endif

#endif /* MUSTER_MSVC_DIALECT_H */
