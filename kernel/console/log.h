/* SPDX-License-Identifier: MIT */
/*
 * The log: whole lines to the console, from any processor at any IRQL, without a wait above
 * DISPATCH_LEVEL (contract R3). log.c explains how.
 */
#ifndef KERNEL_CONSOLE_LOG_H
#define KERNEL_CONSOLE_LOG_H

#include <stddef.h>

#include "kernel/upcall.h" /* log_line(), log_drain() */

/*
 * Allocates the ring of one more processor. Ring n belongs to index n, so there must be one for
 * each index; the boot processor's exists from the start.
 * Returns: 0, or -1 when memory is short.
 */
int log_add_ring(void);

/* Adds text, printing each line as its end arrives. IRQL: any. */
void log_text(const char *text, size_t length);

/* Sends this processor's unfinished text to the console as a line. IRQL: any. */
void log_finish_line(void);

/* Are there lines in a ring that no processor is printing? */
bool log_is_waiting(void);

/*
 * Waits until every line made so far is on the console, whichever processor prints it; gives up
 * after the patience. IRQL: <= DISPATCH_LEVEL.
 */
void log_flush(void);

/*
 * For a bug check, when all others are frozen: from now on only the calling processor prints,
 * straight to the console, beginning on a new line. May be called again, to begin a new line after
 * one that was torn. log_drain_emergency() then prints the lines that are left in the rings.
 */
void log_enter_emergency(void);
void log_drain_emergency(void);

#endif
