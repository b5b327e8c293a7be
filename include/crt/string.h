/* SPDX-License-Identifier: MIT */
/*
 * The part of <string.h> that Muster has: copying, filling and comparing memory. For drivers only.
 *
 * Source: Microsoft C runtime reference, pages of the four functions.
 */
#ifndef MUSTER_CRT_STRING_H
#define MUSTER_CRT_STRING_H

#include <stddef.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t size);
void *memmove(void *destination, const void *source, size_t size);
void *memset(void *destination, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

#endif /* MUSTER_CRT_STRING_H */
