/* SPDX-License-Identifier: MIT */
/*
 * The string and memory functions of ISO C that the kernel uses, and one number parser.
 *
 * Names and behaviour follow ISO C (7.24 String handling <string.h>), since the compiler emits
 * calls to memcpy, memmove, memset and memcmp even in freestanding code.
 *
 * IRQL: any, for all of them. They use only general registers, and access only the memory that
 * their arguments describe.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>
#include <stdint.h>

/* Copies `size` bytes; the two ranges must not overlap. Returns `destination`. */
void *memcpy(void *restrict destination, const void *restrict source, size_t size);

/* Copies `size` bytes; the two ranges may overlap. Returns `destination`. */
void *memmove(void *destination, const void *source, size_t size);

/* Sets `size` bytes to `value` converted to unsigned char. Returns `destination`. */
void *memset(void *destination, int value, size_t size);

/* Compares as unsigned bytes. Returns 0, or a number with the sign of the first difference. */
int memcmp(const void *left, const void *right, size_t size);

/* Returns the number of bytes before the terminating NUL. */
size_t strlen(const char *text);

/* Compares as unsigned bytes. Returns 0, or a number with the sign of the first difference. */
int strcmp(const char *left, const char *right);

/* Like strcmp, but compares at most `size` bytes. */
int strncmp(const char *left, const char *right, size_t size);

/* Returns the first occurrence of (char)`character` (the terminating NUL counts), or NULL. */
char *strchr(const char *text, int character);

/*
 * Parses the whole of `text` as one unsigned number: decimal digits (leading zeros stay decimal),
 * or 0x / 0X and hexadecimal digits of either case. No sign, no space, no suffix.
 *
 * Returns: 0; -1 if `text` is empty, has any other character or does not fit in 64 bits
 * (`*value` is then unchanged).
 */
int string_to_u64(const char *text, uint64_t *value);

#endif
