/* SPDX-License-Identifier: MIT */
/*
 * Lines on a screen: arch/x86_64/terminal.c wraps, scrolls and concludes as terminal.h says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/font.h"
#include "tests/host/display.h"

/* Even if the picture is damaged between the writes, the damage does not reappear. */
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
        show(display, row); /* exactly full: its line end adds no blank line */
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
    for (unsigned i = 0; i < 13; i++) { /* ten per row of 80 */
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

    text[0] = '\0';
    if (number % 11 != 0) {
        int begin = snprintf(text, size, "%u:", number);
        memset(text + begin, 'a' + (int)(number % 26), length);
        text[(unsigned)begin + length] = '\0';
    }
}

/*
 * After any number of lines, the last one is on the screen, and the whole screen looks as if only
 * the lines on it had been written.
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

/* Writing a whole log at once shows the same last lines as writing it line by line. */
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
 * Above the band are the last lines, as many as fit, however the screen was scrolled before.
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
 * A screen of 25 rows has room for the report of 17 processors: 21 lines from the table's head to
 * the end.
 */
static void the_band_of_text_leaves_room(void **state)
{
    struct display *display = display_new(&formats[13].screen, POISON);

    (void)state;
    terminal_conclude(&display->terminal, "PASS", "details", true);
    assert_int_equal(display->terminal.rows, 22);
    display_free(display);
}

/* A second conclusion with a smaller band uncovers the lines that the first one had covered. */
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
 * After a write that never ended, on a processor that froze, nothing is drawn until the conclusion
 * draws everything.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spoilt_picture_is_not_copied_around),
        cmocka_unit_test(long_lines_wrap),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(scrolling_equals_a_fresh_drawing),
        cmocka_unit_test(one_write_of_many_lines),
        cmocka_unit_test(the_end_shows_the_last_lines),
        cmocka_unit_test(the_band_of_text_leaves_room),
        cmocka_unit_test(a_second_end_covers_the_first),
        cmocka_unit_test(an_unfinished_write_is_made_up_for),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
