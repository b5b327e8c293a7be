/* SPDX-License-Identifier: MIT */
/*
 * Finds the name in a list that a misspelt word was probably meant to be.
 */
#ifndef LIB_NEAREST_H
#define LIB_NEAREST_H

#include <stddef.h>

/* Longer words and names match nothing. */
#define NEAREST_LENGTH_LIMIT 31

/*
 * How many letters must be inserted, deleted, replaced, or swapped with their neighbour to turn one
 * text into the other. Case does not matter. Neither text is longer than NEAREST_LENGTH_LIMIT.
 * IRQL: any.
 */
unsigned nearest_distance(const char *left, size_t left_length, const char *right,
                          size_t right_length);

/* A search: begin it with the word, offer every name, then read the result. */
struct nearest {
    const char *word;
    size_t length;
    const char *name; /* the result: NULL while no name is near */
    unsigned distance;
};

/* `word` has `length` bytes, and must remain valid during the search. */
void nearest_begin(struct nearest *nearest, const char *word, size_t length);

/*
 * Makes `name` the result if it is nearer than all names before it. A name is near if its distance
 * is at most half the length of the longer of the two.
 */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
