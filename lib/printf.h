/* SPDX-License-Identifier: MIT */
/*
 * Formatted text in two dialects: ISO C's for the kernel itself, and Windows' for DbgPrint and
 * related routines.
 *
 *     %[flags][width][.precision][size]conversion
 *
 * flags         - + space # 0, as in ISO C
 * width         a number or * (an int argument; negative: left-aligned)
 * precision     a number, nothing (0) or * (an int argument; negative: as if not given)
 * size          hh 8, h 16, ll 64, I64 64, I32 32, I z t j 64 bits;
 *               l 64 bits in the C dialect, 32 in the Windows dialect; w marks wide text
 * d i u x X o   integers; 32 bits without a size
 * p             C: as %#llx. Windows: 16 upper-case digits without 0x
 * c s           text; wide with l or w
 * C S           wide text; narrow with h
 * Z             PANSI_STRING; PUNICODE_STRING with w or l (counted text, no NUL needed)
 * %             a percent sign
 *
 * A wide character is 16 bits in both dialects, whatever wchar_t is; one above 0x7F prints as '?'.
 * A NULL string, or a counted string with a NULL buffer, prints as (null).
 *
 * %a %e %f %g and their capitals are not supported: the specification itself is printed ("%5.2f").
 * In the Windows dialect it consumes its argument, so that the arguments after it still match. In
 * the C dialect there is no argument to consume: System V passes a double in a vector register,
 * and this kernel does not use those. Any other unknown specification, including %n, is printed
 * unchanged too, and consumes no argument except those of its asterisks.
 *
 * All three functions write at most `size` bytes including the terminating NUL (nothing if `size`
 * is 0; `buffer` may then be NULL). They return the length in bytes of the whole text without the
 * NUL: the text was truncated if that is >= `size`.
 *
 * IRQL: any. No state, no lock, no allocation; about 300 bytes of stack.
 * Source: ISO/IEC 9899:2018 "The fprintf function"; Microsoft C runtime reference "Format
 * specification syntax: printf and wprintf functions"; WDK "DbgPrint function (wdm.h)".
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* The C dialect. */
__attribute__((format(printf, 3, 4))) size_t printf_format(char *buffer, size_t size,
                                                           const char *format, ...);

/* The C dialect; `arguments` is not changed. */
__attribute__((format(printf, 3, 0))) size_t printf_format_v(char *buffer, size_t size,
                                                             const char *format, va_list arguments);

/* The Windows dialect; `arguments` comes from a variadic function of the Windows ABI. */
size_t printf_format_windows(char *buffer, size_t size, const char *format,
                             __builtin_ms_va_list arguments);

#endif
