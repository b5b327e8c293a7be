/* SPDX-License-Identifier: MIT */
/*
 * Integer types of given widths, as on 64-bit Windows: those of 64 bits are `long long`, whatever
 * the compiler's own header says. For drivers only.
 *
 * Source: Microsoft C runtime reference, "Data type constants"; ISO C11 7.20.
 */
#ifndef MUSTER_CRT_STDINT_H
#define MUSTER_CRT_STDINT_H

typedef signed char int8_t, int_least8_t, int_fast8_t;
typedef short int16_t, int_least16_t;
typedef int int32_t, int_least32_t, int_fast16_t, int_fast32_t;
typedef long long int64_t, int_least64_t, int_fast64_t, intmax_t, intptr_t;
typedef unsigned char uint8_t, uint_least8_t, uint_fast8_t;
typedef unsigned short uint16_t, uint_least16_t;
typedef unsigned int uint32_t, uint_least32_t, uint_fast16_t, uint_fast32_t;
typedef unsigned long long uint64_t, uint_least64_t, uint_fast64_t, uintmax_t, uintptr_t;

#define INT8_MIN    (-128)
#define INT8_MAX    127
#define UINT8_MAX   0xff
#define INT16_MIN   (-32768)
#define INT16_MAX   32767
#define UINT16_MAX  0xffff
#define INT32_MIN   (-2147483647 - 1)
#define INT32_MAX   2147483647
#define UINT32_MAX  0xffffffff
#define INT64_MIN   (-9223372036854775807LL - 1)
#define INT64_MAX   9223372036854775807LL
#define UINT64_MAX  0xffffffffffffffffULL
#define INTPTR_MIN  INT64_MIN
#define INTPTR_MAX  INT64_MAX
#define UINTPTR_MAX UINT64_MAX
#define INTMAX_MIN  INT64_MIN
#define INTMAX_MAX  INT64_MAX
#define UINTMAX_MAX UINT64_MAX
#define SIZE_MAX    UINT64_MAX

#define INT8_C(value)    (value)
#define INT16_C(value)   (value)
#define INT32_C(value)   (value)
#define INT64_C(value)   value##LL
#define UINT8_C(value)   (value)
#define UINT16_C(value)  (value)
#define UINT32_C(value)  value##U
#define UINT64_C(value)  value##ULL
#define INTMAX_C(value)  INT64_C(value)
#define UINTMAX_C(value) UINT64_C(value)

#endif /* MUSTER_CRT_STDINT_H */
