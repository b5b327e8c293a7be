/*
 * A set of processors by dense index: plain words, no locking. What is shared between processors is
 * never a set itself but an atomic copy of its words (see rendezvous.c).
 */
#ifndef KERNEL_PROCESSOR_SET_H
#define KERNEL_PROCESSOR_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bits.h"

#define PROCESSOR_LIMIT     1024u /* processors one kernel can hold */
#define PROCESSOR_SET_WORDS (PROCESSOR_LIMIT / 64)

struct processor_set {
    uint64_t words[PROCESSOR_SET_WORDS];
};

static inline void processor_set_add(struct processor_set *set, unsigned processor)
{
    set->words[processor / 64] |= 1ull << (processor % 64);
}

static inline void processor_set_remove(struct processor_set *set, unsigned processor)
{
    set->words[processor / 64] &= ~(1ull << (processor % 64));
}

static inline bool processor_set_contains(const struct processor_set *set, unsigned processor)
{
    return (set->words[processor / 64] >> (processor % 64)) & 1;
}

static inline unsigned processor_set_count(const struct processor_set *set)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PROCESSOR_SET_WORDS; i++) {
        count += bits_count(set->words[i]);
    }
    return count;
}

/* The first member at or after `processor`, PROCESSOR_LIMIT when there is none. */
static inline unsigned processor_set_next(const struct processor_set *set, unsigned processor)
{
    while (processor < PROCESSOR_LIMIT) {
        uint64_t rest = set->words[processor / 64] >> (processor % 64);
        if (rest != 0) {
            return processor + (unsigned)__builtin_ctzll(rest);
        }
        processor = (processor / 64 + 1) * 64;
    }
    return PROCESSOR_LIMIT;
}

#define processor_set_for_each(processor, set)                                           \
    for (unsigned processor = processor_set_next((set), 0); processor < PROCESSOR_LIMIT; \
         processor = processor_set_next((set), processor + 1))

#endif
