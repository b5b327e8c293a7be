/* SPDX-License-Identifier: MIT */
/*
 * A screen in memory, with the formats that the tests draw in. An independent decoder, which knows
 * the format only from struct boot_screen, reads back what it shows.
 */
#ifndef TESTS_HOST_DISPLAY_H
#define TESTS_HOST_DISPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/terminal.h"

enum { POISON = 0x5A, GREY = 0xC8, FORMATS = 15 };

/* Width, height, pitch, bits per pixel, and the position of each colour. */
#define PIXELS(w, h, p, bits, r, rs, g, gs, b, bs)                                                 \
    {                                                                                              \
        .kind = BOOT_SCREEN_PIXELS, .phys = 0xfd000000, .pitch = (p), .width = (w), .height = (h), \
        .bits_per_pixel = (bits), .red = { (r), (rs) }, .green = { (g), (gs) },                    \
        .blue = { (b), (bs) },                                                                     \
    }

struct format {
    const char *name;
    struct boot_screen screen;
};

extern const struct format formats[FORMATS];

/* A screen in a block of exactly its size, so that the sanitizer detects any access beyond it. */
struct display {
    struct boot_screen screen;
    struct canvas canvas;
    struct terminal terminal;
    uint8_t *memory;
    size_t size;
};

/* A new display, its memory filled with `poison`. */
struct display *display_new(const struct boot_screen *screen, int poison);
void display_free(struct display *display);

/* Writes text to its terminal. */
void show(struct display *display, const char *text);
unsigned bytes_of(const struct boot_screen *screen);

/* The bits of a pixel, or of a character and its colours. */
uint32_t cell_at(const struct display *display, unsigned x, unsigned y);

/* 0xRRGGBB, to the precision that the format has. */
uint32_t colour_at(const struct display *display, unsigned x, unsigned y);
void assert_row(const struct display *display, unsigned row, const char *text);
void assert_same_picture(const struct display *left, const struct display *right);

/* The bytes between the lines are as they were. */
void assert_padding(const struct display *display, uint8_t poison);

/* All that is drawn anywhere: letters, scrolling, both bands. */
void show_everything(struct display *display);

#endif
