/* SPDX-License-Identifier: MIT */
/*
 * Formatted text in two dialects: that of ISO C for the kernel itself, and that of Windows for
 * DbgPrint and its relatives.
 *
 *     %[flags][width][.precision][size]conversion
 *
 * flags         - + space # 0, as in ISO C
 * width         a number or * (an int argument; negative: left-aligned)
 * precision     a number, nothing (0) or * (an int argument; negative: as if not given)
 * size          hh 8, h 16, ll 64, I64 64, I32 32, I z t j 64 bits;
 *               l 64 bits in the C dialect, 32 in that of Windows; w marks wide text
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
 * %a %e %f %g and their capitals are not supported: the specification is printed as it stands
 * ("%5.2f"). In the Windows dialect it uses up its argument, so that those behind it still fit;
 * in the C dialect there is none to use up: System V passes a double in a vector register, which
 * this kernel has not. Any other unknown specification, %n included, is printed as it stands and
 * uses up no argument but those of its asterisks.
 *
 * All three write at most `size` bytes, a terminating NUL included (none when `size` is 0;
 * `buffer` may then be NULL), and return the length in bytes that the whole text has without the
 * NUL: the text was cut if that is >= `size`.
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
