/* SPDX-License-Identifier: MIT */
/*
 * Problem. The framebuffer of a large panel has tens of megabytes, on a slow bus. Moving its
 * content up for each line, or redrawing all of it, costs milliseconds per line, and the log has
 * hundreds of lines.
 *
 *   1. The last lines are kept as characters in ordinary memory, numbered from 0. The screen is a
 *      view of `rows` lines, starting at number `view`. Scrolling increases `view`.
 *   2. `drawn` holds the character that each cell shows. A cell is drawn only when it changes.
 *   3. A new line below the view moves the view by a quarter of a screen at once. So most lines are
 *      drawn once and stay where they are for a while, and the whole view is redrawn only now and
 *      then.
 *   4. The end of the run redraws everything with the view moved back, so that the last lines are
 *      right above the band.
 *
 * A bug check may interrupt a write anywhere, on a processor that never continues, and must write
 * nevertheless. Hence every variable is within its bounds at all times, and text that follows an
 * unfinished write is only stored, until the end of the run draws it: if it was the screen's memory
 * that faulted, the report must be written elsewhere before that memory is touched again.
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
 * A full line wraps only when another character follows, so a line end right after it adds no
 * blank line.
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

/* Updates a row. Lines that do not exist yet are blank. */
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

/* One past the number of the last line that is not empty. */
static uint64_t lines_end(const struct terminal *terminal)
{
    return terminal->line + (terminal->column != 0);
}

/* Moves the view, if necessary, so that it shows the last line; returns true if it moved. */
static bool follow(struct terminal *terminal)
{
    uint64_t end = lines_end(terminal);
    if (end <= terminal->view + terminal->rows) {
        return false;
    }
    terminal->view = end - (terminal->rows - terminal->rows / 4);
    return true;
}

/* Draws the lines from number `first` to the last, or the whole view if it moves. */
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
