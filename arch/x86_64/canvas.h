/* SPDX-License-Identifier: MIT */
/*
 * Draws characters into the memory of a screen of any format. Pure functions over memory, which
 * they write but never read: reading a framebuffer is slow, and nothing needs its content.
 *
 * IRQL: any. No lock, no allocation, no wait.
 */
#ifndef ARCH_X86_64_CANVAS_H
#define ARCH_X86_64_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define CANVAS_COLUMN_LIMIT 256 /* the rest of a larger screen stays black */
#define CANVAS_ROW_LIMIT    160

enum canvas_colour { CANVAS_BLACK, CANVAS_GREY, CANVAS_WHITE, CANVAS_GREEN, CANVAS_RED };
#define CANVAS_COLOURS 5

struct canvas {
    uint8_t *memory; /* canvas_size() bytes; the caller sets it after canvas_plan() */
    uint32_t pitch;  /* bytes from one line to the next */
    uint32_t width;  /* in pixels; EGA text: in characters */
    uint32_t height; /* likewise */
    unsigned bytes;  /* per pixel, 2..4; EGA text: per character */
    bool text;       /* EGA text */
    unsigned scale;  /* screen pixels per font pixel, in each direction */
    unsigned columns, rows;
    uint32_t colours[CANVAS_COLOURS]; /* as pixels; EGA text: as colour numbers */
};

/*
 * Fills in `canvas`, except its memory, from the loader's description. Returns NULL, or the reason
 * why such a screen cannot be drawn on.
 */
const char *canvas_plan(struct canvas *canvas, const struct boot_screen *screen);

/* The size of the memory from the first pixel to the last, in bytes. */
uint64_t canvas_size(const struct canvas *canvas);

/* Makes the whole canvas black; the padding between the lines is not touched. */
void canvas_clear(const struct canvas *canvas);

/*
 * Draws a character, light grey on black. If it is not printable ASCII, it is drawn as the
 * replacement glyph.
 */
void canvas_draw(const struct canvas *canvas, unsigned row, unsigned column,
                 unsigned char character);

/*
 * Draws a band across the bottom, green or red, with the title in large letters and the details
 * below it. Returns how many rows of characters are left above it.
 */
unsigned canvas_draw_band(const struct canvas *canvas, const char *title, const char *details,
                          bool good);

#endif
