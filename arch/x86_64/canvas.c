/* SPDX-License-Identifier: MIT */
/*
 * A loader's description of the screen is checked before it is used: a wrong one is refused with a
 * reason, and nothing is drawn outside the memory that it describes.
 */
#include "arch/x86_64/canvas.h"

#include <stddef.h>

#include "arch/x86_64/font.h"
#include "lib/string.h"

/* The limits of what a loader may claim: more than any panel has. */
#define SIDE_LIMIT      16384u       /* pixels */
#define SIZE_LIMIT      (512u << 20) /* bytes of a framebuffer */
#define TEXT_SIZE_LIMIT (64u << 10)  /* bytes: the legacy video memory from 0xA0000, or its half */
#define COLUMNS_LEAST   40
#define ROWS_LEAST      8

/* On a large panel, letters are enlarged for a photo as long as this much text still fits. */
#define COLUMNS_WANTED 100
#define ROWS_WANTED    30

#define TEXT_REPLACEMENT 0xfe /* a small square, in the character generator's code page */
#define TEXT_BAND_ROWS   3
#define TEXT_BAND_INDENT 2 /* columns */

/* Colours of EGA text, and of pixels as 0xRRGGBB. */
static const struct {
    uint8_t text;
    uint32_t rgb;
} palette[CANVAS_COLOURS] = {
    [CANVAS_BLACK] = { 0, 0x000000 },  [CANVAS_GREY] = { 7, 0xc8c8c8 },
    [CANVAS_WHITE] = { 15, 0xffffff }, [CANVAS_GREEN] = { 2, 0x007020 },
    [CANVAS_RED] = { 4, 0xb00018 },
};

/* ---- the loader's description ---- */

static bool colour_fits(struct boot_colour colour, unsigned bits)
{
    return colour.size >= 1 && colour.size <= 16 && colour.position + colour.size <= bits;
}

/* Scales a channel of 0..255 to its size in the pixel, and moves it to its position. */
static uint32_t place_channel(struct boot_colour colour, uint32_t channel)
{
    uint64_t full = (1ull << colour.size) - 1;
    return (uint32_t)((channel & 0xff) * full / 255 << colour.position);
}

static unsigned choose_scale(uint32_t width, uint32_t height)
{
    unsigned scale = 1;
    while (width / (FONT_WIDTH * (scale + 1)) >= COLUMNS_WANTED &&
           height / (FONT_HEIGHT * (scale + 1)) >= ROWS_WANTED) {
        scale++;
    }
    return scale;
}

static const char *plan_pixels(struct canvas *canvas, const struct boot_screen *screen)
{
    unsigned bits = screen->bits_per_pixel;

    if (bits != 15 && bits != 16 && bits != 24 && bits != 32) {
        return "its pixels do not have 15, 16, 24 or 32 bits";
    }
    canvas->bytes = (bits + 7) / 8;
    if (!colour_fits(screen->red, canvas->bytes * 8) ||
        !colour_fits(screen->green, canvas->bytes * 8) ||
        !colour_fits(screen->blue, canvas->bytes * 8)) {
        return "its colours do not fit its pixels";
    }
    canvas->scale = choose_scale(screen->width, screen->height);
    canvas->columns = screen->width / (FONT_WIDTH * canvas->scale);
    canvas->rows = screen->height / (FONT_HEIGHT * canvas->scale);
    for (unsigned i = 0; i < CANVAS_COLOURS; i++) {
        canvas->colours[i] = place_channel(screen->red, palette[i].rgb >> 16) |
                             place_channel(screen->green, palette[i].rgb >> 8) |
                             place_channel(screen->blue, palette[i].rgb);
    }
    return NULL;
}

static const char *plan_text(struct canvas *canvas, const struct boot_screen *screen)
{
    canvas->text = true;
    canvas->bytes = 2;
    canvas->scale = 1;
    canvas->columns = screen->width;
    canvas->rows = screen->height;
    for (unsigned i = 0; i < CANVAS_COLOURS; i++) {
        canvas->colours[i] = palette[i].text;
    }
    return NULL;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static const char *check_size(struct canvas *canvas)
{
    if (canvas->pitch < canvas->width * canvas->bytes) {
        return "its lines overlap";
    }
    if (canvas->columns < COLUMNS_LEAST || canvas->rows < ROWS_LEAST) {
        return "it is too small";
    }
    if (canvas_size(canvas) > (canvas->text ? TEXT_SIZE_LIMIT : SIZE_LIMIT)) {
        return "it is too large";
    }
    canvas->columns = least(canvas->columns, CANVAS_COLUMN_LIMIT);
    canvas->rows = least(canvas->rows, CANVAS_ROW_LIMIT);
    return NULL;
}

const char *canvas_plan(struct canvas *canvas, const struct boot_screen *screen)
{
    *canvas = (struct canvas){
        .pitch = screen->pitch,
        .width = screen->width,
        .height = screen->height,
    };
    if (screen->width > SIDE_LIMIT || screen->height > SIDE_LIMIT) {
        return "it is too large";
    }
    const char *refusal = screen->kind == BOOT_SCREEN_PIXELS ? plan_pixels(canvas, screen)
                          : screen->kind == BOOT_SCREEN_TEXT ? plan_text(canvas, screen)
                                                             : "its kind is unknown";
    return refusal != NULL ? refusal : check_size(canvas);
}

uint64_t canvas_size(const struct canvas *canvas)
{
    return (uint64_t)canvas->pitch * (canvas->height - 1) + (uint64_t)canvas->width * canvas->bytes;
}

/* ---- pixels and characters ---- */

static uint8_t *address_of(const struct canvas *canvas, unsigned x, unsigned y)
{
    return canvas->memory + (size_t)y * canvas->pitch + (size_t)x * canvas->bytes;
}

/* Lowest byte first, at any address. With a constant `bytes` this is one or two stores. */
static inline __attribute__((always_inline)) void store(uint8_t *at, uint32_t pixel, unsigned bytes)
{
    uint16_t low = (uint16_t)pixel;

    if (bytes == 4) {
        __builtin_memcpy(at, &pixel, 4);
        return;
    }
    __builtin_memcpy(at, &low, 2);
    if (bytes == 3) {
        at[2] = (uint8_t)(pixel >> 16);
    }
}

static inline __attribute__((always_inline)) uint8_t *store_run(uint8_t *at, uint32_t pixel,
                                                                unsigned count, unsigned bytes)
{
    for (; count != 0; count--, at += bytes) {
        store(at, pixel, bytes);
    }
    return at;
}

static uint8_t *draw_run(const struct canvas *canvas, uint8_t *at, uint32_t pixel, unsigned count)
{
    switch (canvas->bytes) {
    case 4:
        return store_run(at, pixel, count, 4);
    case 3:
        return store_run(at, pixel, count, 3);
    default:
        return store_run(at, pixel, count, 2);
    }
}

/* Fills whole lines with a pixel or a character of EGA text. */
static void fill(const struct canvas *canvas, unsigned y, unsigned height, uint32_t pixel)
{
    for (unsigned line = y; line < y + height; line++) {
        draw_run(canvas, address_of(canvas, 0, line), pixel, canvas->width);
    }
}

/* One line of a glyph: runs of equal pixels, each widened by the scale. */
static void draw_glyph_line(const struct canvas *canvas, uint8_t *at, unsigned bits,
                            const uint32_t pixels[2], unsigned scale)
{
    for (unsigned i = 0; i < FONT_WIDTH;) {
        unsigned lit = bits >> (FONT_WIDTH - 1 - i) & 1, count = 1;
        while (i + count < FONT_WIDTH && (bits >> (FONT_WIDTH - 1 - i - count) & 1) == lit) {
            count++;
        }
        at = draw_run(canvas, at, pixels[lit], count * scale);
        i += count;
    }
}

static void draw_glyph(const struct canvas *canvas, unsigned x, unsigned y, unsigned char character,
                       const uint32_t pixels[2], unsigned scale)
{
    for (unsigned line = 0; line < FONT_HEIGHT; line++) {
        unsigned bits = font_line(character, line);
        for (unsigned i = 0; i < scale; i++) {
            draw_glyph_line(canvas, address_of(canvas, x, y + line * scale + i), bits, pixels,
                            scale);
        }
    }
}

/* A character of EGA text in memory: its code in the low byte, its colours in the high byte. */
static uint32_t text_cell(const struct canvas *canvas, unsigned char character,
                          enum canvas_colour ink, enum canvas_colour paper)
{
    bool printable = character >= ' ' && character < FONT_REPLACEMENT;
    return (printable ? character : TEXT_REPLACEMENT) | canvas->colours[ink] << 8 |
           canvas->colours[paper] << 12;
}

void canvas_clear(const struct canvas *canvas)
{
    uint32_t blank = canvas->text ? text_cell(canvas, ' ', CANVAS_GREY, CANVAS_BLACK)
                                  : canvas->colours[CANVAS_BLACK];
    fill(canvas, 0, canvas->height, blank);
}

void canvas_draw(const struct canvas *canvas, unsigned row, unsigned column,
                 unsigned char character)
{
    if (canvas->text) {
        store(address_of(canvas, column, row),
              text_cell(canvas, character, CANVAS_GREY, CANVAS_BLACK), 2);
        return;
    }
    const uint32_t pixels[2] = { canvas->colours[CANVAS_BLACK], canvas->colours[CANVAS_GREY] };
    draw_glyph(canvas, column * FONT_WIDTH * canvas->scale, row * FONT_HEIGHT * canvas->scale,
               character, pixels, canvas->scale);
}

/* ---- the band ---- */

static void draw_band_text(const struct canvas *canvas, unsigned y, const char *text,
                           enum canvas_colour paper)
{
    for (unsigned x = TEXT_BAND_INDENT; x < canvas->width && *text != '\0'; x++) {
        store(address_of(canvas, x, y),
              text_cell(canvas, (unsigned char)*text++, CANVAS_WHITE, paper), 2);
    }
}

static unsigned text_band(const struct canvas *canvas, const char *title, const char *details,
                          enum canvas_colour paper)
{
    unsigned top = canvas->height - TEXT_BAND_ROWS;
    fill(canvas, top, TEXT_BAND_ROWS, text_cell(canvas, ' ', CANVAS_WHITE, paper));
    draw_band_text(canvas, top + 1, title, paper);
    draw_band_text(canvas, top + 2, details, paper);
    return least(canvas->rows, top);
}

/* The largest scale, up to `limit`, at which the text and its indent fit in the width. */
static unsigned fitting_scale(const struct canvas *canvas, const char *text, unsigned limit)
{
    unsigned width = (unsigned)(strlen(text) + 2) * FONT_WIDTH;
    unsigned scale = limit;
    while (scale > 1 && width * scale > canvas->width) {
        scale--;
    }
    return scale;
}

/* Draws text indented by one character, cut off at the right edge. */
static void draw_band_glyphs(const struct canvas *canvas, unsigned y, const char *text,
                             unsigned scale, enum canvas_colour paper)
{
    const uint32_t pixels[2] = { canvas->colours[paper], canvas->colours[CANVAS_WHITE] };
    unsigned step = FONT_WIDTH * scale;
    for (unsigned x = FONT_WIDTH * canvas->scale; x + step <= canvas->width && *text != '\0';
         x += step) {
        draw_glyph(canvas, x, y, (unsigned char)*text++, pixels, scale);
    }
}

static unsigned pixel_band(const struct canvas *canvas, const char *title, const char *details,
                           enum canvas_colour paper)
{
    unsigned tenth = canvas->height / 10 / FONT_HEIGHT;
    unsigned title_scale =
        fitting_scale(canvas, title, least(4 * canvas->scale, tenth > 1 ? tenth : 1));
    unsigned details_scale = fitting_scale(canvas, details, 3 * canvas->scale / 2);
    unsigned gap = FONT_HEIGHT * canvas->scale / 2;
    unsigned title_height = FONT_HEIGHT * title_scale;
    unsigned height = gap + title_height + FONT_HEIGHT * details_scale + gap;
    unsigned top = canvas->height - height;

    fill(canvas, top, height, canvas->colours[paper]);
    draw_band_glyphs(canvas, top + gap, title, title_scale, paper);
    draw_band_glyphs(canvas, top + gap + title_height, details, details_scale, paper);
    return least(canvas->rows, top / (FONT_HEIGHT * canvas->scale));
}

unsigned canvas_draw_band(const struct canvas *canvas, const char *title, const char *details,
                          bool good)
{
    enum canvas_colour paper = good ? CANVAS_GREEN : CANVAS_RED;
    return canvas->text ? text_band(canvas, title, details, paper)
                        : pixel_band(canvas, title, details, paper);
}
