/* SPDX-License-Identifier: MIT */
/*
 * More about sets of processors (include/muster.h). What processors share is never a set itself,
 * but an atomic copy of its words (see rendezvous.c).
 *
 * Only the words that online processors need are ever read: a set costs a small machine what a
 * small machine needs, not what the largest would.
 */
#ifndef KERNEL_PROCESSOR_SET_H
#define KERNEL_PROCESSOR_SET_H

#include "include/muster.h"

#define PROCESSOR_UNNUMBERED PROCESSOR_LIMIT /* the index of a processor not online yet */

/*
 * Words in use: 1 until a 65th processor comes online (rendezvous/processors.c). The words after
 * them hold no member.
 */
extern unsigned processor_set_used_words;

static inline void processor_set_clear(struct processor_set *set)
{
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        set->words[i] = 0;
    }
}

static inline void processor_set_copy(struct processor_set *to, const struct processor_set *from)
{
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        to->words[i] = from->words[i];
    }
}

static inline bool processor_set_equal(const struct processor_set *first,
                                       const struct processor_set *second)
{
    uint64_t difference = 0;
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        difference |= first->words[i] ^ second->words[i];
    }
    return difference == 0;
}

static inline bool processor_set_is_empty(const struct processor_set *set)
{
    uint64_t members = 0;
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        members |= set->words[i];
    }
    return members == 0;
}

static inline unsigned processor_set_count(const struct processor_set *set)
{
    unsigned count = 0;
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        for (uint64_t rest = set->words[i]; rest != 0; rest &= rest - 1) {
            count++;
        }
    }
    return count;
}

/* Removes all members of `removed` from `set`. */
static inline void processor_set_subtract(struct processor_set *set,
                                          const struct processor_set *removed)
{
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        set->words[i] &= ~removed->words[i];
    }
}

/* The first member at or after `processor`; PROCESSOR_LIMIT if there is none. */
static inline unsigned processor_set_next(const struct processor_set *set, unsigned processor)
{
    while (processor / 64 < processor_set_used_words) {
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
