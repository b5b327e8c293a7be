/* SPDX-License-Identifier: MIT */
/*
 * Letters and colours: arch/x86_64/canvas.c and font.c on watched memory, in each format.
 *
 * `canvas_test FORMAT FILE` writes a picture (PPM) of the specimen, to look at.
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
#include "tests/host/display.h"

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

/* Neighbouring letters do not touch: only the underline reaches the last column. */
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

/* Draws the same on memory with different bytes: the result does not depend on the old content. */
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

/* The band is green or red across the whole width, in the last line and in every corner. */
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

/* Every accepted screen can be drawn on within its bytes; with a fixed seed. */
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
        cmocka_unit_test(the_band_is_green_or_red),
        cmocka_unit_test(a_title_of_any_length_is_cut_at_the_edge),
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
    return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
