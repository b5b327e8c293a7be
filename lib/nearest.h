/* SPDX-License-Identifier: MIT */
/*
 * The name in a list that a misspelt word was probably meant to be.
 */
#ifndef LIB_NEAREST_H
#define LIB_NEAREST_H

#include <stddef.h>

/* A longer word or name is near to nothing. */
#define NEAREST_LENGTH_LIMIT 31

/*
 * How many letters must be inserted, left out, replaced, or swapped with their neighbour to turn
 * one text into the other. Upper and lower case do not differ. Neither text is longer than
 * NEAREST_LENGTH_LIMIT. IRQL: any.
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

/* `word` has `length` bytes, and stays where it is during the search. */
void nearest_begin(struct nearest *nearest, const char *word, size_t length);

/*
 * Makes `name` the result if it is nearer than all names before. A name is near if its distance is
 * at most half the length of the longer of the two.
 */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
