/* SPDX-License-Identifier: MIT */
/*
 * Names of functions by address, from the symbol table that the build puts into the image.
 */
#ifndef KERNEL_CONSOLE_KSYMS_H
#define KERNEL_CONSOLE_KSYMS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The name of the function that contains `address` and the offset into it; NULL when there is none.
 */
const char *ksyms_find(uintptr_t address, size_t *offset);

/* Writes "name+0x12", or the bare address, into `text`; returns `text`. */
#define KSYMS_TEXT_SIZE 96
const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE]);

#endif
