/* SPDX-License-Identifier: MIT */
/*
 * Lines of text on a canvas: wraps, scrolls, and draws only what has changed.
 */
#ifndef ARCH_X86_64_TERMINAL_H
#define ARCH_X86_64_TERMINAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/canvas.h"

#define TERMINAL_HISTORY (CANVAS_ROW_LIMIT + 32) /* lines kept: more than a screen has */

struct terminal {
    const struct canvas *canvas;
    unsigned rows;           /* rows of the canvas that show lines */
    uint64_t line;           /* the number of the current line, from 0 */
    unsigned column;         /* of its next character; at most the canvas's columns */
    uint64_t view;           /* the number of the line in the top row */
    _Atomic bool unfinished; /* a write has begun and not ended */
    char history[TERMINAL_HISTORY][CANVAS_COLUMN_LIMIT]; /* line n at n % TERMINAL_HISTORY */
    char drawn[CANVAS_ROW_LIMIT][CANVAS_COLUMN_LIMIT];   /* what each row shows */
};

/* Clears the canvas to black. */
void terminal_start(struct terminal *terminal, const struct canvas *canvas);

/*
 * Adds text. It is on the canvas when this returns, unless an earlier write never ended. Long lines
 * wrap, CR is ignored, TAB moves to the next multiple of 8 columns.
 */
void terminal_write(struct terminal *terminal, const char *text, size_t length);

/*
 * Redraws everything: the last lines, and below them the verdict's band. Later lines scroll above
 * the band.
 */
void terminal_conclude(struct terminal *terminal, const char *title, const char *details,
                       bool good);

#endif
