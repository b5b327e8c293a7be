/* SPDX-License-Identifier: MIT */
/*
 * Drawing characters into the memory of a screen, whatever its format. Pure functions over memory,
 * which they write and never read: reading a framebuffer is slow, and what is there is nobody's
 * business.
 *
 * IRQL: any. No lock, no allocation, no wait.
 */
#ifndef ARCH_X86_64_CANVAS_H
#define ARCH_X86_64_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define CANVAS_COLUMN_LIMIT 256 /* what a larger screen has beyond these stays black */
#define CANVAS_ROW_LIMIT    160

enum canvas_colour { CANVAS_BLACK, CANVAS_GREY, CANVAS_WHITE, CANVAS_GREEN, CANVAS_RED };
#define CANVAS_COLOURS 5

struct canvas {
    uint8_t *memory; /* canvas_size() bytes, given by the caller after canvas_plan() */
    uint32_t pitch;  /* bytes from one line to the next */
    uint32_t width;  /* in pixels; of EGA text in characters */
    uint32_t height; /* likewise */
    unsigned bytes;  /* of a pixel, 2..4; of a character of EGA text */
    bool text;       /* EGA text */
    unsigned scale;  /* pixels of the screen for one of the font, each way */
    unsigned columns, rows;
    uint32_t colours[CANVAS_COLOURS]; /* as pixels; of EGA text as its numbers */
};

/*
 * Fills in all of `canvas` but its memory, from what the loader says. Returns NULL, or in words why
 * such a screen cannot be drawn on.
 */
const char *canvas_plan(struct canvas *canvas, const struct boot_screen *screen);

/* The bytes of memory from the first pixel to the last. */
uint64_t canvas_size(const struct canvas *canvas);

/* Makes all of it black; what lies between the lines is not touched. */
void canvas_clear(const struct canvas *canvas);

/*
 * Draws a character, light grey on black. What is not printable ASCII gets the replacement glyph.
 */
void canvas_draw(const struct canvas *canvas, unsigned row, unsigned column,
                 unsigned char character);

/*
 * Draws a band across the bottom, green or red, with the title as large as fits and the details
 * below it. Returns how many rows of characters are left above it.
 */
unsigned canvas_draw_band(const struct canvas *canvas, const char *title, const char *details,
                          bool good);

#endif
