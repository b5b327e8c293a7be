/*
 * Problem. The framebuffer of a large panel has tens of megabytes, behind a slow bus: to move its content up
 * for each line, or to draw all of it again, costs milliseconds a line, and the log has hundreds.
 *
 *   1. The last lines are kept as characters in ordinary memory, numbered from 0; the screen is a view of
 *      `rows` of them from number `view` on. Scrolling is a larger `view`.
 *   2. `drawn` is what each cell shows. A cell is drawn when it is to show something else.
 *   3. A line that comes in below the view moves it by a quarter of a screen at once, so that most lines
 *      are drawn once, where they stay for a while, and the whole view only every so often.
 *   4. The end of the run draws all once more, with the view moved back: the last lines stand right above
 *      the band.
 *
 * A bug check may find this code in the middle of anything, in a processor that never goes on, and use it
 * all the same. Hence every variable is within its bounds at each moment, a cell counts as drawn only after
 * it was, and who finds a write `unfinished` looks at all rows.
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
    terminal->unfinished = false;
    begin_line(terminal, 0);
    clear(terminal);
}

/* A full line stays until there is a character for the next: a line end right behind it is its own. */
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
            __atomic_signal_fence(__ATOMIC_RELEASE);
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

void terminal_write(struct terminal *terminal, const char *text, size_t length)
{
    uint64_t first = terminal->line;
    bool whole = terminal->unfinished;

    terminal->unfinished = true;
    for (size_t i = 0; i < length; i++) {
        put(terminal, text[i]);
    }
    whole |= follow(terminal);
    if (whole) {
        first = terminal->view;
    }
    uint64_t end = terminal->view + terminal->rows;
    for (uint64_t number = first; number < end && (whole || number <= terminal->line); number++) {
        draw_row(terminal, (unsigned)(number - terminal->view));
    }
    terminal->unfinished = false;
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
