/* SPDX-License-Identifier: MIT */
/*
 * The log: whole lines to the console, from any processor at any IRQL, never waiting above
 * DISPATCH_LEVEL (contract R3). See log.c for how.
 */
#ifndef KERNEL_CONSOLE_LOG_H
#define KERNEL_CONSOLE_LOG_H

#include <stddef.h>

#include "kernel/upcall.h" /* log_line(), log_drain() */

/*
 * Memory for the lines of one more processor: ring n is that of index n, so there must be as many
 * as there are indices, the boot processor's included, which is there from the start.
 * Returns: 0, or -1 when memory is short.
 */
int log_add_ring(void);

/* Adds text, printing each line as its end arrives. IRQL: any. */
void log_text(const char *text, size_t length);

/* Sends unfinished text of this processor to the console as a line. IRQL: any. */
void log_finish_line(void);

/* Do lines wait that nobody is printing? */
bool log_is_waiting(void);

/*
 * Waits until every line made so far is on the console, whoever prints it; gives up after the
 * patience. IRQL: <= DISPATCH_LEVEL.
 */
void log_flush(void);

/*
 * From now on only the calling processor prints, straight to the console, beginning with a new
 * line: for a bug check, when all others are frozen. May be called again, to begin a new line after
 * one that was left. log_drain_emergency() then prints what waits in the rings.
 */
void log_enter_emergency(void);
void log_drain_emergency(void);

#endif
