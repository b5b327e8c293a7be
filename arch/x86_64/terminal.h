/* SPDX-License-Identifier: MIT */
/*
 * Lines of text on a canvas: wrapping, scrolling, and drawing no more than what changed.
 */
#ifndef ARCH_X86_64_TERMINAL_H
#define ARCH_X86_64_TERMINAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/canvas.h"

#define TERMINAL_HISTORY (CANVAS_ROW_LIMIT + 32) /* lines kept; more than a screen has */

struct terminal {
    const struct canvas *canvas;
    unsigned rows;           /* of the canvas that lines are shown on */
    uint64_t line;           /* the number of the line that grows, from 0 */
    unsigned column;         /* where its next character goes, up to the canvas's columns */
    uint64_t view;           /* the number of the line in the top row */
    _Atomic bool unfinished; /* a write has begun and not ended */
    char history[TERMINAL_HISTORY][CANVAS_COLUMN_LIMIT]; /* line n at n % TERMINAL_HISTORY */
    char drawn[CANVAS_ROW_LIMIT][CANVAS_COLUMN_LIMIT];   /* what each row shows */
};

/* Begins with a black canvas. */
void terminal_start(struct terminal *terminal, const struct canvas *canvas);

/*
 * Adds text, which is on the canvas at return, unless an earlier write never ended. Long lines
 * wrap, CR is ignored, TAB goes to columns of 8.
 */
void terminal_write(struct terminal *terminal, const char *text, size_t length);

/*
 * Draws the last lines and the band of the verdict below them, over everything. Later lines scroll
 * above it.
 */
void terminal_conclude(struct terminal *terminal, const char *title, const char *details,
                       bool good);

#endif
