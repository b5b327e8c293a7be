/* SPDX-License-Identifier: MIT */
#include "kernel/console/forged.h"

/* A terminal does not show these, and the launcher removes them from the console. */
static int is_invisible(char character)
{
    return character == '\r' || character == '\0';
}

void forged_disarm(char *text, size_t length)
{
    static const char word[] = "verdict ";
    size_t first = length, matched = 0;

    for (size_t i = 0; i < length && word[matched] != '\0'; i++) {
        if (is_invisible(text[i])) {
            continue;
        }
        if (text[i] != word[matched]) {
            return;
        }
        if (matched++ == 0) {
            first = i;
        }
    }
    if (word[matched] == '\0') {
        text[first] = 'V';
    }
}
