/* SPDX-License-Identifier: MIT */
/* The lines of memory: which processors hold a copy of each, and when it is available next. */
#ifndef COST_CACHE_H
#define COST_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/cost/machines.h"
#include "tests/sim/cost/path.h"

#define CACHE_LINE 64 /* bytes; adjacent-line prefetch is not modelled */

struct watch;

struct line {
    uintptr_t number;
    uint32_t version;     /* of its contents: a copy of an older one is invalid */
    uint32_t owner;       /* the processor that wrote it last; transfers come from there */
    unsigned reach_ns;    /* from the owner to the farthest valid copy, 0 when there is none */
    uint32_t reader;      /* one copy; most lines never have more */
    uint32_t reader_copy; /* its version + 1, 0 for none */
    uint32_t *copies;     /* the same for every processor, once a second one has read */
    struct gate readable; /* the next reader is served from here on */
    struct gate written;  /* the latest write is visible from here on */
    struct gate owned;    /* the latest writer has the line from here on; another may take it */
    struct watch *watches;
};

/* Forgets everything; `machine` says how many processors there are and where. */
void cache_start(const struct machine *machine);

/* The line of an address. It stays where it is until the next start. */
struct line *cache_line(uintptr_t address);

/* Does `processor` hold a valid copy? */
bool cache_holds(const struct line *line, unsigned processor);

/* Has no processor ever touched it? Then any may use it as if it held it alone. */
bool cache_is_new(const struct line *line);

/* `processor` gets a copy of the present contents. */
void cache_share(struct line *line, unsigned processor);

/* The time for `processor` to get the only copy, counted from the farthest one; 0 if it has it. */
unsigned cache_take_ns(const struct line *line, unsigned processor);

/* `processor` has written: all other copies are invalid. */
void cache_take(struct line *line, unsigned processor);

#endif
