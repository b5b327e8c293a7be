/* SPDX-License-Identifier: MIT */
/* The optimal string alignment distance, in three rows of its matrix. */
#include "lib/nearest.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

static unsigned least(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

/* Do they differ in more than case? */
static bool differ(char left, char right)
{
    bool is_letter = (left | 0x20) >= 'a' && (left | 0x20) <= 'z';

    return left != right && !(is_letter && (left ^ right) == 0x20);
}

/*
 * Row by row: `rows[i % 3][j]` is the distance between the first i letters of `left` and the first
 * j of `right`. A swap looks two rows back.
 */
unsigned nearest_distance(const char *left, size_t left_length, const char *right,
                          size_t right_length)
{
    unsigned rows[3][NEAREST_LENGTH_LIMIT + 1];

    for (unsigned i = 0; i <= left_length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= right_length; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            row[j] = least(above[j - 1] + differ(left[i - 1], right[j - 1]),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && !differ(left[i - 1], right[j - 2]) &&
                !differ(left[i - 2], right[j - 1])) {
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return rows[left_length % 3][right_length];
}

void nearest_begin(struct nearest *nearest, const char *word, size_t length)
{
    *nearest = (struct nearest){ .word = word, .length = length, .distance = UINT32_MAX };
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    size_t length = strlen(name);
    size_t longer = length > nearest->length ? length : nearest->length;

    if (longer > NEAREST_LENGTH_LIMIT) {
        return;
    }
    unsigned distance = nearest_distance(nearest->word, nearest->length, name, length);
    if (2 * distance <= longer && distance < nearest->distance) {
        nearest->name = name;
        nearest->distance = distance;
    }
}
