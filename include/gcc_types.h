/* SPDX-License-Identifier: MIT */
/*
 * gcc's macros for integer types, as on 64-bit Windows. gcc spells those of 64 bits with `long`,
 * which has 32 bits in a driver (tools/dialect.pl). The Makefile includes this file before a driver
 * that is compiled by gcc (-imacros). clang has these values itself.
 *
 * The types of sizes and differences are the compiler's own, so that its functions, such as memcpy,
 * keep their types.
 */
#ifndef MUSTER_GCC_TYPES_H
#define MUSTER_GCC_TYPES_H

#undef __SIZE_TYPE__
#undef __PTRDIFF_TYPE__
#define __SIZE_TYPE__    __typeof__(sizeof 0)
#define __PTRDIFF_TYPE__ __typeof__((char *)0 - (char *)0)

#undef __INT64_TYPE__
#undef __INTMAX_TYPE__
#undef __INTPTR_TYPE__
#undef __INT_LEAST64_TYPE__
#undef __INT_FAST64_TYPE__
#define __INT64_TYPE__       long long
#define __INTMAX_TYPE__      long long
#define __INTPTR_TYPE__      long long
#define __INT_LEAST64_TYPE__ long long
#define __INT_FAST64_TYPE__  long long

#undef __UINT64_TYPE__
#undef __UINTMAX_TYPE__
#undef __UINTPTR_TYPE__
#undef __UINT_LEAST64_TYPE__
#undef __UINT_FAST64_TYPE__
#define __UINT64_TYPE__       unsigned long long
#define __UINTMAX_TYPE__      unsigned long long
#define __UINTPTR_TYPE__      unsigned long long
#define __UINT_LEAST64_TYPE__ unsigned long long
#define __UINT_FAST64_TYPE__  unsigned long long

#undef __INT64_C
#undef __UINT64_C
#undef __INTMAX_C
#undef __UINTMAX_C
#define __INT64_C(value)   value##LL
#define __UINT64_C(value)  value##ULL
#define __INTMAX_C(value)  value##LL
#define __UINTMAX_C(value) value##ULL

/* The types that are merely fast have 32 bits, as in <stdint.h>. */
#undef __INT_FAST16_TYPE__
#undef __INT_FAST32_TYPE__
#undef __UINT_FAST16_TYPE__
#undef __UINT_FAST32_TYPE__
#undef __INT_FAST16_MAX__
#undef __INT_FAST32_MAX__
#undef __UINT_FAST16_MAX__
#undef __UINT_FAST32_MAX__
#undef __INT_FAST16_WIDTH__
#undef __INT_FAST32_WIDTH__
#define __INT_FAST16_TYPE__  int
#define __INT_FAST32_TYPE__  int
#define __UINT_FAST16_TYPE__ unsigned int
#define __UINT_FAST32_TYPE__ unsigned int
#define __INT_FAST16_MAX__   0x7fffffff
#define __INT_FAST32_MAX__   0x7fffffff
#define __UINT_FAST16_MAX__  0xffffffffU
#define __UINT_FAST32_MAX__  0xffffffffU
#define __INT_FAST16_WIDTH__ 32
#define __INT_FAST32_WIDTH__ 32

#undef __LONG_MAX__
#undef __LONG_WIDTH__
#undef __SIZEOF_LONG__
#define __LONG_MAX__    0x7fffffffL
#define __LONG_WIDTH__  32
#define __SIZEOF_LONG__ 4

#endif /* MUSTER_GCC_TYPES_H */
