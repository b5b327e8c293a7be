/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses of this program: its own symbol table, static functions included.
 */
#ifndef COST_SYMBOLS_H
#define COST_SYMBOLS_H

#include <stdint.h>

/* Reads the table. Ends the program with one line when there is none. */
void symbols_load(void);

/* The function or object that contains `address`, and the offset into it; NULL when none does. */
const char *symbols_name(uintptr_t address, uintptr_t *offset);

/* The start of the function or object that contains the byte before `address`; 0 for none. */
uintptr_t symbols_start(uintptr_t address);

#endif
