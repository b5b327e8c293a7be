/* SPDX-License-Identifier: MIT */
#include "tests/host/display.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/font.h"

const struct format formats[FORMATS] = {
    { "rgb32", PIXELS(640, 480, 2560, 32, 16, 8, 8, 8, 0, 8) },
    { "bgr32", PIXELS(640, 480, 2560, 32, 0, 8, 8, 8, 16, 8) },
    { "rgb32 at the top", PIXELS(648, 490, 2600, 32, 24, 8, 16, 8, 8, 8) },
    { "ten bits a colour", PIXELS(640, 480, 4096, 32, 20, 10, 10, 10, 0, 10) },
    { "rgb24", PIXELS(641, 481, 1923, 24, 16, 8, 8, 8, 0, 8) },
    { "bgr24, odd pitch", PIXELS(647, 495, 1951, 24, 0, 8, 8, 8, 16, 8) },
    { "rgb16", PIXELS(640, 480, 1280, 16, 11, 5, 5, 6, 0, 5) },
    { "bgr16, odd pitch", PIXELS(643, 481, 1301, 16, 0, 5, 5, 6, 11, 5) },
    { "rgb15", PIXELS(640, 480, 1344, 15, 10, 5, 5, 5, 0, 5) },
    { "rgb15 said to be 16", PIXELS(640, 480, 1280, 16, 10, 5, 5, 5, 0, 5) },
    { "a portrait panel", PIXELS(800, 1280, 3328, 32, 16, 8, 8, 8, 0, 8) },
    { "letters twice as large", PIXELS(1921, 1083, 7700, 32, 16, 8, 8, 8, 0, 8) },
    { "letters twice as large, 24 bits", PIXELS(1920, 1080, 5760, 24, 16, 8, 8, 8, 0, 8) },
    { "text 80x25", { .kind = BOOT_SCREEN_TEXT, .pitch = 160, .width = 80, .height = 25 } },
    { "text 132x43, wide pitch",
      { .kind = BOOT_SCREEN_TEXT, .pitch = 301, .width = 132, .height = 43 } },
};

struct display *display_new(const struct boot_screen *screen, int poison)
{
    struct display *display = malloc(sizeof(*display));

    memset(display, 0xEE, sizeof(*display));
    display->screen = *screen;
    assert_null(canvas_plan(&display->canvas, screen));
    display->size = canvas_size(&display->canvas);
    display->memory = malloc(display->size);
    memset(display->memory, poison, display->size);
    display->canvas.memory = display->memory;
    terminal_start(&display->terminal, &display->canvas);
    return display;
}

void display_free(struct display *display)
{
    free(display->memory);
    free(display);
}

void show(struct display *display, const char *text)
{
    terminal_write(&display->terminal, text, strlen(text));
}

unsigned bytes_of(const struct boot_screen *screen)
{
    return screen->kind == BOOT_SCREEN_TEXT ? 2 : (screen->bits_per_pixel + 7u) / 8;
}

uint32_t cell_at(const struct display *display, unsigned x, unsigned y)
{
    unsigned bytes = bytes_of(&display->screen);
    const uint8_t *at = display->memory + (size_t)y * display->screen.pitch + (size_t)x * bytes;
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)at[i] << 8 * i;
    }
    return value;
}

static unsigned channel_at(uint32_t value, struct boot_colour colour)
{
    uint32_t full = (1u << colour.size) - 1;
    return (value >> colour.position & full) * 255 / full;
}

uint32_t colour_at(const struct display *display, unsigned x, unsigned y)
{
    uint32_t value = cell_at(display, x, y);
    const struct boot_screen *screen = &display->screen;
    return channel_at(value, screen->red) << 16 | channel_at(value, screen->green) << 8 |
           channel_at(value, screen->blue);
}

/* The character in a cell, found by comparing all glyphs in grey on black; -1 if there is none. */
static int read_cell(const struct display *display, unsigned row, unsigned column)
{
    unsigned scale = display->canvas.scale;
    int found = -1;

    if (display->screen.kind == BOOT_SCREEN_TEXT) {
        uint32_t cell = cell_at(display, column, row);
        return cell >> 8 != 0x07       ? -1
               : (cell & 0xff) == 0xfe ? FONT_REPLACEMENT
                                       : (int)(cell & 0xff);
    }
    for (int character = ' '; character <= FONT_REPLACEMENT; character++) {
        int same = 1;
        for (unsigned y = 0; same && y < FONT_HEIGHT * scale; y++) {
            for (unsigned x = 0; same && x < FONT_WIDTH * scale; x++) {
                uint32_t colour = colour_at(display, column * FONT_WIDTH * scale + x,
                                            row * FONT_HEIGHT * scale + y);
                unsigned lit =
                    font_line((unsigned char)character, y / scale) >> (7 - x / scale) & 1;
                unsigned green = colour >> 8 & 0xff;
                same = lit ? green >= GREY - 8 && green <= GREY + 8 : colour == 0;
            }
        }
        if (same) {
            assert_int_equal(found, -1);
            found = character;
        }
    }
    return found;
}

void assert_row(const struct display *display, unsigned row, const char *text)
{
    size_t length = strlen(text);

    for (unsigned column = 0; column < display->canvas.columns; column++) {
        int expected = column < length ? (unsigned char)text[column] : ' ';
        int found = read_cell(display, row, column);
        if (found != (unsigned char)expected) {
            fail_msg("row %u column %u: %#x, expected %#x", row, column, (unsigned)found,
                     (unsigned)expected);
        }
    }
}

void assert_same_picture(const struct display *left, const struct display *right)
{
    for (unsigned y = 0; y < left->screen.height; y++) {
        for (unsigned x = 0; x < left->screen.width; x++) {
            if (cell_at(left, x, y) != cell_at(right, x, y)) {
                fail_msg("%u, %u: %#x, expected %#x", x, y, cell_at(left, x, y),
                         cell_at(right, x, y));
            }
        }
    }
}

void assert_padding(const struct display *display, uint8_t poison)
{
    const struct boot_screen *screen = &display->screen;
    size_t used = (size_t)screen->width * bytes_of(screen);

    for (size_t i = 0; i < display->size; i++) {
        if (i % screen->pitch >= used && display->memory[i] != poison) {
            fail_msg("byte %zu of line %zu was written", i % screen->pitch, i / screen->pitch);
        }
    }
}

void show_everything(struct display *display)
{
    char line[64];

    for (unsigned i = 0; i < 2 * display->canvas.rows; i++) {
        snprintf(line, sizeof(line), "%u\tABC xyz \001 {%u}\n", i, i * i);
        show(display, line);
    }
    terminal_conclude(&display->terminal, "BUG CHECK 0x7f SOMETHING", "Muster, 4 processors",
                      false);
    show(display, "later\n");
    terminal_conclude(&display->terminal, "PASS", "Muster, 4 processors", true);
}
