/*
 * The log: whole lines to the console, from any processor at any IRQL, never waiting above
 * DISPATCH_LEVEL (contract R3). See log.c for how.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_SIZE 512 /* bytes in a line, its end included; longer ones are cut */

/* Text that has no line end yet. */
struct log_partial {
    size_t length;
    char text[LOG_LINE_SIZE];
};

/*
 * One processor's lines on their way to the console: it alone adds, whoever holds the console
 * takes.
 */
struct log_ring {
    char *buffer; /* `size` bytes, a power of two */
    uint32_t size;
    _Atomic uint32_t head;         /* bytes ever added */
    _Atomic uint32_t tail;         /* bytes ever taken */
    _Atomic uint32_t lost;         /* lines that found no room since the last report */
    struct log_partial partial[2]; /* unfinished text from below IPI_LEVEL, and from there up */
};

/* Gives `ring` its memory, before its processor gets an index. */
void log_ring_init(struct log_ring *ring, char *buffer, uint32_t size);

/*
 * Prints one line; the line end is added. IRQL: any. Up to DISPATCH_LEVEL the line is on the
 * console at return, unless another processor is printing it right now; above, it waits in the
 * ring.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds text, printing each line as its end arrives. IRQL: any. */
void log_text(const char *text, size_t length);

/* Sends unfinished text of this processor to the console as a line. IRQL: any. */
void log_finish_line(void);

/* Prints what waits in all rings, unless another processor is doing so. IRQL: < IPI_LEVEL. */
void log_drain(void);

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
