/*
 * The screen's drawing: arch/x86_64/terminal.c, canvas.c and font.c over memory that is watched.
 *
 * What a screen shows is read back from its pixels by a decoder of its own, which knows the format
 * from the struct boot_screen alone. `screen_test FORMAT FILE` writes a picture (PPM) of the
 * specimen, for a look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/canvas.h"
#include "arch/x86_64/font.h"
#include "arch/x86_64/terminal.h"

enum { POISON = 0x5A, GREY = 0xC8 };

#define PIXELS(w, h, p, bits, r, rs, g, gs, b, bs)                                                 \
    {                                                                                              \
        .kind = BOOT_SCREEN_PIXELS, .phys = 0xfd000000, .pitch = (p), .width = (w), .height = (h), \
        .bits_per_pixel = (bits), .red = { (r), (rs) }, .green = { (g), (gs) },                    \
        .blue = { (b), (bs) },                                                                     \
    }

static const struct {
    const char *name;
    struct boot_screen screen;
} formats[] = {
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

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

/* A screen of its own: exactly its bytes, so that the sanitizer sees each step beyond. */
struct display {
    struct boot_screen screen;
    struct canvas canvas;
    struct terminal terminal;
    uint8_t *memory;
    size_t size;
};

static struct display *display_new(const struct boot_screen *screen, int poison)
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

static void display_free(struct display *display)
{
    free(display->memory);
    free(display);
}

static void show(struct display *display, const char *text)
{
    terminal_write(&display->terminal, text, strlen(text));
}

static unsigned bytes_of(const struct boot_screen *screen)
{
    return screen->kind == BOOT_SCREEN_TEXT ? 2 : (screen->bits_per_pixel + 7u) / 8;
}

static uint32_t cell_at(const struct display *display, unsigned x, unsigned y)
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

/* 0xRRGGBB, to the precision that the format has. */
static uint32_t colour_at(const struct display *display, unsigned x, unsigned y)
{
    uint32_t value = cell_at(display, x, y);
    const struct boot_screen *screen = &display->screen;
    return channel_at(value, screen->red) << 16 | channel_at(value, screen->green) << 8 |
           channel_at(value, screen->blue);
}

/* The character in a cell, by looking at all glyphs; -1 if it is none, in grey on black. */
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

static void assert_row(const struct display *display, unsigned row, const char *text)
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

static void assert_same_picture(const struct display *left, const struct display *right)
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

/* The bytes between the lines are as they were. */
static void assert_padding(const struct display *display, uint8_t poison)
{
    const struct boot_screen *screen = &display->screen;
    size_t used = (size_t)screen->width * bytes_of(screen);

    for (size_t i = 0; i < display->size; i++) {
        if (i % screen->pitch >= used && display->memory[i] != poison) {
            fail_msg("byte %zu of line %zu was written", i % screen->pitch, i / screen->pitch);
        }
    }
}

/* All that is drawn anywhere: letters, scrolling, both bands. */
static void show_everything(struct display *display)
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

static void glyphs_differ_and_are_not_empty(void **state)
{
    (void)state;
    for (int a = ' '; a <= FONT_REPLACEMENT; a++) {
        unsigned lit = 0;
        for (unsigned y = 0; y < FONT_HEIGHT; y++) {
            lit += (unsigned)__builtin_popcount(font_line((unsigned char)a, y));
        }
        assert_true(a == ' ' ? lit == 0 : lit >= 4);
        for (int b = ' '; b < a; b++) {
            unsigned same = 0;
            for (unsigned y = 0; y < FONT_HEIGHT; y++) {
                same += font_line((unsigned char)a, y) == font_line((unsigned char)b, y);
            }
            assert_true(same < FONT_HEIGHT);
        }
    }
}

/* Letters of neighbours do not touch: only the underline reaches the last column. */
static void glyphs_leave_a_gap(void **state)
{
    (void)state;
    for (int a = ' '; a <= FONT_REPLACEMENT; a++) {
        for (unsigned y = 0; y < FONT_HEIGHT; y++) {
            assert_true(a == '_' || (font_line((unsigned char)a, y) & 1) == 0);
        }
    }
}

static void other_characters_have_the_replacement_glyph(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned y = 0; y < FONT_HEIGHT && (a < ' ' || a > '~'); y++) {
            assert_int_equal(font_line((unsigned char)a, y), font_line(FONT_REPLACEMENT, y));
        }
    }
}

static void every_format_shows_every_character(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        struct display *display = display_new(&formats[f].screen, POISON);
        char text[33];

        for (unsigned row = 0; row < 3; row++) {
            for (unsigned i = 0; i < 32; i++) {
                text[i] = (char)(' ' + row * 32 + i);
            }
            text[32] = '\0';
            show(display, text);
            show(display, "\n");
            assert_row(display, row, text);
        }
        assert_row(display, 3, "");
        assert_padding(display, POISON);
        display_free(display);
    }
}

/* Twice the same on memory with different bytes: what is seen does not depend on what was there. */
static void nothing_is_read_and_padding_not_written(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        struct display *one = display_new(&formats[f].screen, POISON);
        struct display *other = display_new(&formats[f].screen, 0xC3);

        show_everything(one);
        for (size_t i = 0; i < other->size; i++) {
            if (i % other->screen.pitch < (size_t)other->screen.width * bytes_of(&other->screen)) {
                continue;
            }
            assert_int_equal(other->memory[i], 0xC3);
        }
        show_everything(other);
        assert_same_picture(one, other);
        assert_padding(one, POISON);
        assert_padding(other, 0xC3);
        display_free(one);
        display_free(other);
    }
}

/* Even where the picture is spoilt between the writes: nothing of it comes back. */
static void a_spoilt_picture_is_not_copied_around(void **state)
{
    struct boot_screen screen = PIXELS(320, 130, 1280, 32, 16, 8, 8, 8, 0, 8);
    struct display *display = display_new(&screen, 0);
    uint32_t spoilt = 0x00123456;

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        for (size_t at = 0; at < display->size; at += 4) {
            memcpy(display->memory + at, &spoilt, 4);
        }
        show(display, i % 2 ? "one line\n" : "another one\n");
        for (unsigned y = 0; y < display->screen.height; y++) {
            for (unsigned x = 0; x < display->screen.width; x++) {
                uint32_t cell = cell_at(display, x, y);
                assert_true(cell == spoilt || cell == 0 || cell == GREY * 0x10101);
            }
        }
    }
    display_free(display);
}

static void long_lines_wrap(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        struct display *display = display_new(&formats[f].screen, POISON);
        unsigned columns = display->canvas.columns;
        char text[CANVAS_COLUMN_LIMIT + 4], row[CANVAS_COLUMN_LIMIT + 1];

        for (unsigned i = 0; i < columns + 3; i++) {
            text[i] = (char)('a' + i % 26);
        }
        text[columns + 3] = '\0';
        memcpy(row, text, columns);
        row[columns] = '\0';
        show(display, text);
        show(display, "\n");
        assert_row(display, 0, row);
        assert_row(display, 1, text + columns);
        show(display, row); /* exactly full: its end is not a line of its own */
        show(display, "\nnext\n\nlast");
        assert_row(display, 2, row);
        assert_row(display, 3, "next");
        assert_row(display, 4, "");
        assert_row(display, 5, "last");
        display_free(display);
    }
}

static void control_characters(void **state)
{
    struct display *display = display_new(&formats[0].screen, POISON);
    static const char bytes[] = "a\tb\r\n\t\tc\n1234567\t8\n\033[1m\177\200\377";

    (void)state;
    show(display, bytes);
    assert_row(display, 0, "a       b");
    assert_row(display, 1, "                c");
    assert_row(display, 2, "1234567 8");
    assert_row(display, 3, "\177[1m\177\177\177");
    show(display, "\n");
    for (unsigned i = 0; i < 13; i++) { /* ten to a row of 80 */
        show(display, "\t");
    }
    show(display, "x\n");
    assert_row(display, 5, "                        x");
    display_free(display);
}

/* Line `number` of a long log; lines of many lengths, some empty, some longer than a row. */
static void make_line(char *text, size_t size, unsigned number)
{
    unsigned length = number * 37 % 120;
    int begin = snprintf(text, size, number % 11 == 0 ? "" : "%u:", number);

    if (number % 11 != 0) {
        memset(text + begin, 'a' + (int)(number % 26), length);
        text[(unsigned)begin + length] = '\0';
    }
}

/*
 * After any number of lines: the last one is on the screen, and all of the screen is as if nothing
 * but the lines on it had ever been written.
 */
static void scrolling_equals_a_fresh_drawing(void **state)
{
    static const unsigned used[] = { 0, 5, 7, 13, 14 };

    (void)state;
    for (unsigned u = 0; u < sizeof(used) / sizeof(used[0]); u++) {
        struct display *display = display_new(&formats[used[u]].screen, POISON);
        struct terminal *terminal = &display->terminal;
        char line[256];

        for (unsigned number = 0; number < 700; number++) {
            make_line(line, sizeof(line), number);
            show(display, line);
            show(display, "\n");
            assert_in_range(terminal->line, terminal->view, terminal->view + display->canvas.rows);
            if (number % 140 != 139) {
                continue;
            }
            struct display *fresh = display_new(&formats[used[u]].screen, 0);
            for (uint64_t n = terminal->view; n < terminal->line; n++) {
                char row[CANVAS_COLUMN_LIMIT + 1];
                memcpy(row, terminal->history[n % TERMINAL_HISTORY], display->canvas.columns);
                row[display->canvas.columns] = '\0';
                show(fresh, row);
                show(fresh, "\n");
            }
            assert_same_picture(display, fresh);
            display_free(fresh);
        }
        display_free(display);
    }
}

/* One write of a whole log shows the same last lines as one write a line. */
static void one_write_of_many_lines(void **state)
{
    struct display *display = display_new(&formats[6].screen, POISON);
    static char log[700 * 16];
    unsigned rows = display->canvas.rows;
    size_t length = 0;

    (void)state;
    for (unsigned number = 0; number < 700; number++) {
        length += (size_t)snprintf(log + length, sizeof(log) - length, "line %u\n", number);
    }
    terminal_write(&display->terminal, log, length);
    unsigned shown = rows - rows / 4;
    for (unsigned row = 0; row < rows; row++) {
        char text[32] = "";
        if (row < shown) {
            snprintf(text, sizeof(text), "line %u", 700 - shown + row);
        }
        assert_row(display, row, text);
    }
    display_free(display);
}

/*
 * Above the band stand the last lines, as many as there is room for, whatever scrolling did before.
 */
static void the_end_shows_the_last_lines(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        for (unsigned lines = 1; lines < 200; lines += 98) {
            struct display *display = display_new(&formats[f].screen, POISON);
            char text[32];

            for (unsigned i = 0; i < lines; i++) {
                snprintf(text, sizeof(text), "line %u\n", i);
                show(display, text);
            }
            terminal_conclude(&display->terminal, "FAILED", "details", false);
            unsigned rows = display->terminal.rows;
            assert_in_range(rows, display->canvas.rows * 3 / 5, display->canvas.rows - 2);
            unsigned first = lines > rows ? lines - rows : 0;
            for (unsigned row = 0; row < rows; row += rows - 1) {
                if (first + row < lines) {
                    snprintf(text, sizeof(text), "line %u", first + row);
                    assert_row(display, row, text);
                } else {
                    assert_row(display, row, "");
                }
            }
            assert_padding(display, POISON);
            display_free(display);
        }
    }
}

/*
 * A screen of 25 rows holds the report of 17 processors, which has 21 lines from its table's head
 * on.
 */
static void the_band_of_text_leaves_room(void **state)
{
    struct display *display = display_new(&formats[13].screen, POISON);

    (void)state;
    terminal_conclude(&display->terminal, "PASS", "details", true);
    assert_int_equal(display->terminal.rows, 22);
    display_free(display);
}

static unsigned count_colour(const struct display *display, uint32_t colour)
{
    unsigned count = 0;

    for (unsigned y = 0; y < display->screen.height; y++) {
        for (unsigned x = 0; x < display->screen.width; x++) {
            count += colour_at(display, x, y) == colour;
        }
    }
    return count;
}

/* Green or red across the whole width, in the last line and in every corner of the band. */
static void the_band_is_green_or_red(void **state)
{
    (void)state;
    for (int good = 0; good < 2; good++) {
        struct display *display = display_new(&formats[5].screen, POISON);
        uint32_t colour = good ? 0x007020 : 0xb00018;

        terminal_conclude(&display->terminal, "PASS", "Muster", good);
        for (unsigned x = 0; x < display->screen.width; x++) {
            assert_int_equal(colour_at(display, x, display->screen.height - 1), colour);
        }
        assert_int_equal(count_colour(display, good ? 0xb00018 : 0x007020), 0);
        assert_true(count_colour(display, colour) > display->screen.width * 40);
        assert_true(count_colour(display, 0xffffff) > 400);
        display_free(display);

        display = display_new(&formats[13].screen, POISON);
        terminal_conclude(&display->terminal, "PASS", "Muster", good);
        for (unsigned y = 22; y < 25; y++) {
            for (unsigned x = 0; x < 80; x++) {
                assert_int_equal(cell_at(display, x, y) >> 8, good ? 0x2f : 0x4f);
            }
        }
        assert_int_equal(cell_at(display, 2, 23) & 0xff, 'P');
        assert_int_equal(cell_at(display, 2, 24) & 0xff, 'M');
        display_free(display);
    }
}

static void a_title_of_any_length_is_cut_at_the_edge(void **state)
{
    static const size_t lengths[] = { 0, 1, 39, 60, 80, 300 };

    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            struct display *display = display_new(&formats[f].screen, POISON);
            char title[301];

            memset(title, 'W', lengths[i]);
            title[lengths[i]] = '\0';
            terminal_conclude(&display->terminal, title, title, false);
            assert_padding(display, POISON);
            display_free(display);
        }
    }
}

/* A second end, with a smaller band, shows again what the first one had covered. */
static void a_second_end_covers_the_first(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FORMATS; f++) {
        struct display *twice = display_new(&formats[f].screen, POISON);
        struct display *once = display_new(&formats[f].screen, POISON);
        static const char title[] = "BUG CHECK 0xd1 DRIVER_IRQL_NOT_LESS_OR_EQUAL AND MORE";

        for (unsigned i = 0; i < 300; i++) {
            show(twice, "something\n");
            show(once, "something\n");
        }
        terminal_conclude(&twice->terminal, "PASS", "details", true);
        terminal_conclude(&twice->terminal, title, "details", false);
        terminal_conclude(&once->terminal, title, "details", false);
        assert_same_picture(twice, once);
        display_free(twice);
        display_free(once);
    }
}

/*
 * After a write that never ended, on a processor that froze, nothing is drawn; the end makes up for
 * it.
 */
static void an_unfinished_write_is_made_up_for(void **state)
{
    struct display *display = display_new(&formats[0].screen, POISON);
    struct display *fresh = display_new(&formats[0].screen, POISON);
    uint8_t *before = malloc(display->size);

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        show(display, "line\n");
        show(fresh, "line\n");
    }
    memset(display->memory, 0, display->screen.pitch * FONT_HEIGHT * 3);
    memset(display->terminal.drawn, ' ', 3 * sizeof(display->terminal.drawn[0]));
    display->terminal.unfinished = true;
    memcpy(before, display->memory, display->size);
    for (unsigned i = 0; i < 100; i++) {
        show(display, "more\n");
        show(fresh, "more\n");
    }
    assert_memory_equal(before, display->memory, display->size);
    free(before);
    terminal_conclude(&display->terminal, "BUG CHECK", "details", false);
    terminal_conclude(&fresh->terminal, "BUG CHECK", "details", false);
    assert_same_picture(display, fresh);
    display_free(display);
    display_free(fresh);
}

static void letters_grow_with_the_panel(void **state)
{
    static const struct {
        unsigned width, height, scale;
    } panels[] = {
        { 640, 480, 1 },   { 1024, 768, 1 },  { 1366, 768, 1 },  { 1280, 1024, 1 },
        { 1920, 1080, 2 }, { 1920, 1200, 2 }, { 2560, 1440, 3 }, { 3840, 2160, 4 },
        { 1080, 1920, 1 }, { 2160, 3840, 2 }, { 3440, 1440, 3 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(panels) / sizeof(panels[0]); i++) {
        struct boot_screen screen = formats[0].screen;
        struct canvas canvas;

        screen.width = panels[i].width;
        screen.height = panels[i].height;
        screen.pitch = panels[i].width * 4;
        assert_null(canvas_plan(&canvas, &screen));
        assert_int_equal(canvas.scale, panels[i].scale);
        assert_true(canvas.scale == 1 || (canvas.columns >= 100 && canvas.rows >= 30));
    }
}

static void a_huge_panel_is_used_in_part(void **state)
{
    struct boot_screen screen = PIXELS(16000, 420, 32000, 16, 11, 5, 5, 6, 0, 5);
    struct display *display = display_new(&screen, POISON);

    (void)state;
    assert_int_equal(display->canvas.columns, CANVAS_COLUMN_LIMIT);
    show_everything(display);
    display_free(display);
    screen = (struct boot_screen)PIXELS(640, 16000, 1280, 16, 11, 5, 5, 6, 0, 5);
    display = display_new(&screen, POISON);
    assert_int_equal(display->canvas.rows, CANVAS_ROW_LIMIT);
    show_everything(display);
    display_free(display);
}

static void the_smallest_screens(void **state)
{
    struct boot_screen small[] = {
        PIXELS(320, 128, 640, 16, 11, 5, 5, 6, 0, 5),
        { .kind = BOOT_SCREEN_TEXT, .pitch = 80, .width = 40, .height = 8 },
    };

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct display *display = display_new(&small[i], POISON);
        show_everything(display);
        assert_padding(display, POISON);
        display_free(display);
        struct canvas canvas;
        small[i].height--;
        assert_non_null(canvas_plan(&canvas, &small[i]));
        small[i].height++;
        small[i].width--;
        assert_non_null(canvas_plan(&canvas, &small[i]));
    }
}

static void garbage_is_refused(void **state)
{
    static const struct boot_screen garbage[] = {
        { .kind = BOOT_SCREEN_NONE },
        { .kind = (enum boot_screen_kind)77, .width = 80, .height = 25, .pitch = 160 },
        PIXELS(640, 480, 0, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2559, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(0, 480, 2560, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 0, 2560, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(0, 0, 0, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(UINT32_MAX, 480, UINT32_MAX, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(0x40000280, 480, 2560, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(640, UINT32_MAX, 2560, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(UINT32_MAX, UINT32_MAX, UINT32_MAX, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, UINT32_MAX, 32, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2560, 7, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2560, 0, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2560, 8, 5, 3, 2, 3, 0, 2),
        PIXELS(640, 480, 2560, 255, 16, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2560, 32, 0, 0, 0, 0, 0, 0),
        PIXELS(640, 480, 2560, 32, 25, 8, 8, 8, 0, 8),
        PIXELS(640, 480, 2560, 32, 16, 8, 255, 8, 0, 8),
        PIXELS(640, 480, 2560, 32, 16, 8, 8, 8, 0, 255),
        PIXELS(640, 480, 1280, 16, 16, 8, 8, 8, 0, 8),
        { .kind = BOOT_SCREEN_TEXT },
        { .kind = BOOT_SCREEN_TEXT, .width = 80, .height = 25, .pitch = 80 },
        { .kind = BOOT_SCREEN_TEXT, .width = 80, .height = 2500, .pitch = 160 },
        { .kind = BOOT_SCREEN_TEXT, .width = 8000, .height = 25, .pitch = 16000 },
        { .kind = BOOT_SCREEN_TEXT, .width = UINT32_MAX, .height = UINT32_MAX, .pitch = 2 },
        { .kind = BOOT_SCREEN_TEXT, .width = 0x80000050, .height = 25, .pitch = 160 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        struct canvas canvas;
        if (canvas_plan(&canvas, &garbage[i]) == NULL) {
            fail_msg("garbage %u is accepted", i);
        }
    }
}

/* Whatever is accepted can be drawn on, within its bytes; with a fixed seed. */
static void random_screens_are_refused_or_drawn(void **state)
{
    static const uint8_t depths[] = { 8, 15, 16, 24, 32 };
    uint32_t random = 1;
    unsigned accepted = 0;

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t numbers[6];
        for (unsigned j = 0; j < 6; j++) {
            random = random * 1664525 + 1013904223;
            numbers[j] = random >> 8;
        }
        struct boot_screen screen = {
            .kind = numbers[0] % 4,
            .width = numbers[1] % 1200,
            .height = numbers[2] % 900,
            .pitch = numbers[3] % 6000,
            .bits_per_pixel = depths[numbers[0] / 4 % 5],
            .red = { (uint8_t)(numbers[4] % 26), (uint8_t)(numbers[4] / 64 % 10) },
            .green = { (uint8_t)(numbers[4] / 4096 % 26), (uint8_t)(numbers[5] % 10) },
            .blue = { (uint8_t)(numbers[5] / 64 % 26), (uint8_t)(numbers[5] / 4096 % 10) },
        };
        struct canvas canvas;
        if (canvas_plan(&canvas, &screen) != NULL) {
            continue;
        }
        accepted++;
        if (accepted % 4 == 0) {
            struct display *display = display_new(&screen, POISON);
            show_everything(display);
            assert_padding(display, POISON);
            display_free(display);
        }
    }
    assert_in_range(accepted, 50, 1500);
}

static int write_picture(const char *name, const char *path)
{
    unsigned f = 0;
    while (f < FORMATS && strcmp(formats[f].name, name) != 0) {
        f++;
    }
    FILE *file = f < FORMATS ? fopen(path, "wb") : NULL;
    if (file == NULL) {
        return 1;
    }
    struct display *display = display_new(&formats[f].screen, POISON);
    for (int character = ' '; character < 0x80; character++) {
        char text[] = { (char)character, '\n' };
        terminal_write(&display->terminal, text, character % 32 == 31 ? 2 : 1);
    }
    show(display, "The quick brown fox jumps over the lazy dog. 0O 1lI| 5S 2Z 8B {}[]() rn m\n");
    terminal_conclude(&display->terminal, "BUG CHECK 0x101 CLOCK_WATCHDOG_TIMEOUT",
                      "Muster 0.1.0 (0123456), 17 processors", false);
    fprintf(file, "P6\n%u %u\n255\n", display->screen.width, display->screen.height);
    for (unsigned y = 0; y < display->screen.height; y++) {
        for (unsigned x = 0; x < display->screen.width; x++) {
            uint32_t colour = colour_at(display, x, y);
            const uint8_t rgb[] = { (uint8_t)(colour >> 16), (uint8_t)(colour >> 8),
                                    (uint8_t)colour };
            fwrite(rgb, 1, 3, file);
        }
    }
    display_free(display);
    return fclose(file) != 0;
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyphs_differ_and_are_not_empty),
        cmocka_unit_test(glyphs_leave_a_gap),
        cmocka_unit_test(other_characters_have_the_replacement_glyph),
        cmocka_unit_test(every_format_shows_every_character),
        cmocka_unit_test(nothing_is_read_and_padding_not_written),
        cmocka_unit_test(a_spoilt_picture_is_not_copied_around),
        cmocka_unit_test(long_lines_wrap),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(scrolling_equals_a_fresh_drawing),
        cmocka_unit_test(one_write_of_many_lines),
        cmocka_unit_test(the_end_shows_the_last_lines),
        cmocka_unit_test(the_band_of_text_leaves_room),
        cmocka_unit_test(the_band_is_green_or_red),
        cmocka_unit_test(a_title_of_any_length_is_cut_at_the_edge),
        cmocka_unit_test(a_second_end_covers_the_first),
        cmocka_unit_test(an_unfinished_write_is_made_up_for),
        cmocka_unit_test(letters_grow_with_the_panel),
        cmocka_unit_test(a_huge_panel_is_used_in_part),
        cmocka_unit_test(the_smallest_screens),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(random_screens_are_refused_or_drawn),
    };

    if (count == 3) {
        return write_picture(arguments[1], arguments[2]);
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
