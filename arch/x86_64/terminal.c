/* SPDX-License-Identifier: MIT */
/*
 * Problem. The framebuffer of a large panel has tens of megabytes, behind a slow bus: to move its
 * content up for each line, or to draw all of it again, costs milliseconds a line, and the log has
 * hundreds.
 *
 *   1. The last lines are kept as characters in ordinary memory, numbered from 0; the screen is a
 *      view of `rows` of them from number `view` on. Scrolling is a larger `view`.
 *   2. `drawn` is what each cell shows. A cell is drawn when it is to show something else.
 *   3. A line that comes in below the view moves it by a quarter of a screen at once, so that most
 *      lines are drawn once, where they stay for a while, and the whole view only every so often.
 *   4. The end of the run draws all once more, with the view moved back: the last lines stand right
 *      above the band.
 *
 * A bug check may find a write in the middle of anything, on a processor that never goes on, and
 * write all the same. Hence every variable is within its bounds at each moment; and what comes
 * after an unfinished write is only remembered, until the end of the run draws it. For if the
 * screen's memory was what faulted, the report must come out elsewhere before anybody touches it
 * again.
 */
#include "arch/x86_64/terminal.h"

#include "arch/x86_64/font.h"
#include "lib/string.h"

#define TAB_WIDTH 8

static char *line_at(struct terminal *terminal, uint64_t number)
{
    return terminal->history[number % TERMINAL_HISTORY];
}

static void begin_line(struct terminal *terminal, uint64_t number)
{
    memset(line_at(terminal, number), ' ', CANVAS_COLUMN_LIMIT);
    terminal->column = 0;
    terminal->line = number;
}

static void clear(struct terminal *terminal)
{
    canvas_clear(terminal->canvas);
    memset(terminal->drawn, ' ', sizeof(terminal->drawn));
}

void terminal_start(struct terminal *terminal, const struct canvas *canvas)
{
    terminal->canvas = canvas;
    terminal->rows = canvas->rows;
    terminal->view = 0;
    atomic_store_explicit(&terminal->unfinished, false, memory_order_relaxed);
    begin_line(terminal, 0);
    clear(terminal);
}

/*
 * A full line stays until there is a character for the next: a line end right behind it is its own.
 */
static void put_glyph(struct terminal *terminal, char character)
{
    if (terminal->column >= terminal->canvas->columns) {
        begin_line(terminal, terminal->line + 1);
    }
    unsigned column = terminal->column;
    line_at(terminal, terminal->line)[column] = character;
    terminal->column = column + 1;
}

static void put(struct terminal *terminal, char character)
{
    switch (character) {
    case '\n':
        begin_line(terminal, terminal->line + 1);
        break;
    case '\r':
        break;
    case '\t':
        do {
            put_glyph(terminal, ' ');
        } while (terminal->column % TAB_WIDTH != 0 && terminal->column < terminal->canvas->columns);
        break;
    default:
        put_glyph(terminal,
                  character >= ' ' && character < FONT_REPLACEMENT ? character : FONT_REPLACEMENT);
    }
}

/* Brings a row up to date. Lines that do not exist yet are blank. */
static void draw_row(struct terminal *terminal, unsigned row)
{
    uint64_t number = terminal->view + row;
    const char *text = number <= terminal->line ? line_at(terminal, number) : NULL;

    for (unsigned column = 0; column < terminal->canvas->columns; column++) {
        char character = text == NULL ? ' ' : text[column];
        if (terminal->drawn[row][column] != character) {
            canvas_draw(terminal->canvas, row, column, (unsigned char)character);
            terminal->drawn[row][column] = character;
        }
    }
}

/* The number behind the last line that there is something of. */
static uint64_t lines_end(const struct terminal *terminal)
{
    return terminal->line + (terminal->column != 0);
}

/* Moves the view so that it shows the last line; true if it had to move. */
static bool follow(struct terminal *terminal)
{
    uint64_t end = lines_end(terminal);
    if (end <= terminal->view + terminal->rows) {
        return false;
    }
    terminal->view = end - (terminal->rows - terminal->rows / 4);
    return true;
}

/* Draws the lines from number `first` to the last, or the whole view when that moves. */
static void draw_from(struct terminal *terminal, uint64_t first)
{
    bool moved = follow(terminal);
    uint64_t end = terminal->view + terminal->rows;

    if (moved) {
        first = terminal->view;
    } else if (end > terminal->line + 1) {
        end = terminal->line + 1;
    }
    for (uint64_t number = first; number < end; number++) {
        draw_row(terminal, (unsigned)(number - terminal->view));
    }
}

void terminal_write(struct terminal *terminal, const char *text, size_t length)
{
    bool alone = !atomic_load_explicit(&terminal->unfinished, memory_order_relaxed);
    uint64_t first = terminal->line;

    atomic_store_explicit(&terminal->unfinished, true, memory_order_relaxed);
    for (size_t i = 0; i < length; i++) {
        put(terminal, text[i]);
    }
    if (alone) {
        draw_from(terminal, first);
        atomic_store_explicit(&terminal->unfinished, false, memory_order_relaxed);
    }
}

void terminal_conclude(struct terminal *terminal, const char *title, const char *details, bool good)
{
    uint64_t end = lines_end(terminal);

    clear(terminal);
    terminal->rows = canvas_draw_band(terminal->canvas, title, details, good);
    terminal->view = end > terminal->rows ? end - terminal->rows : 0;
    for (unsigned row = 0; row < terminal->rows; row++) {
        draw_row(terminal, row);
    }
}
