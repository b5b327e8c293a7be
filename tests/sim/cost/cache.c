/* SPDX-License-Identifier: MIT */
/*
 * A line has an owner, which wrote it last, and readers. A write raises the line's version, which
 * invalidates every copy at once; so a copy is represented by just the version that was read.
 *
 * Distances between processors form a tree (machines.h), so the farthest copy from a new writer is
 * found without a list of copies: it is as far as the owner, or as the owner's own farthest reader,
 * whichever is more.
 */
#include "tests/sim/cost/cache.h"

#include <err.h>
#include <stdlib.h>

#define NOBODY UINT32_MAX

static const struct machine *machine;

/* Open addressing over pointers, so that lines stay in place when the table grows. */
static struct line **table;
static unsigned table_size; /* a power of two */
static unsigned table_used;

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        err(1, "no memory for %zu entries", count);
    }
    return memory;
}

void cache_start(const struct machine *new_machine)
{
    for (unsigned i = 0; i < table_size; i++) {
        if (table[i] != NULL) {
            free(table[i]->copies);
            free(table[i]);
        }
    }
    free(table);
    machine = new_machine;
    table_size = 1024;
    table_used = 0;
    table = allocate(table_size, sizeof(*table));
}

/* The line's place, or the empty place where it would go. */
static struct line **find_place(uintptr_t number)
{
    unsigned at = (unsigned)(number * 0x9e3779b97f4a7c15u >> 32) & (table_size - 1);
    while (table[at] != NULL && table[at]->number != number) {
        at = (at + 1) & (table_size - 1);
    }
    return &table[at];
}

static void grow(void)
{
    struct line **old = table;
    unsigned old_size = table_size;

    table_size *= 2;
    table = allocate(table_size, sizeof(*table));
    for (unsigned i = 0; i < old_size; i++) {
        if (old[i] != NULL) {
            *find_place(old[i]->number) = old[i];
        }
    }
    free(old);
}

struct line *cache_line(uintptr_t address)
{
    uintptr_t number = address / CACHE_LINE;
    struct line **place = find_place(number);

    if (*place != NULL) {
        return *place;
    }
    if (++table_used > table_size / 2) {
        grow();
        place = find_place(number);
    }
    *place = allocate(1, sizeof(**place));
    **place = (struct line){ .number = number, .owner = NOBODY };
    return *place;
}

bool cache_holds(const struct line *line, unsigned processor)
{
    if (line->owner == processor || line->owner == NOBODY) {
        return true;
    }
    uint32_t copy = line->copies != NULL        ? line->copies[processor]
                    : line->reader == processor ? line->reader_copy
                                                : 0;
    return copy == line->version + 1;
}

bool cache_is_new(const struct line *line)
{
    return line->owner == NOBODY;
}

static void note_copy(struct line *line, unsigned processor)
{
    uint32_t copy = line->version + 1;

    if (line->copies == NULL && line->reader_copy != 0 && line->reader != processor) {
        line->copies = allocate(machine->processors, sizeof(*line->copies));
        line->copies[line->reader] = line->reader_copy;
    }
    if (line->copies != NULL) {
        line->copies[processor] = copy;
    } else {
        line->reader = processor;
        line->reader_copy = copy;
    }
}

void cache_share(struct line *line, unsigned processor)
{
    if (line->owner == NOBODY) {
        line->owner = processor;
    }
    unsigned way_ns = machine_transfer_ns(machine, line->owner, processor);
    if (way_ns != 0) {
        note_copy(line, processor);
        line->reach_ns = way_ns > line->reach_ns ? way_ns : line->reach_ns;
    }
}

unsigned cache_take_ns(const struct line *line, unsigned processor)
{
    if (line->owner == NOBODY) {
        return 0;
    }
    unsigned way_ns = machine_transfer_ns(machine, line->owner, processor);
    return way_ns > line->reach_ns ? way_ns : line->reach_ns;
}

void cache_take(struct line *line, unsigned processor)
{
    line->version++;
    line->owner = processor;
    line->reach_ns = 0;
}
