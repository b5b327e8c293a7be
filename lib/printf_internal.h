/* SPDX-License-Identifier: MIT */
/* Shared by the parts of the formatter; for lib/printf*.c only. */
#ifndef LIB_PRINTF_INTERNAL_H
#define LIB_PRINTF_INTERNAL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* The source of the arguments, and its dialect. */
struct printf_source {
    uint64_t (*next)(struct printf_source *source);
    unsigned long_bits;      /* the size that `l` means: 32 or 64 */
    unsigned pointer_digits; /* minimum number of digits of %p; 0: like %#llx */
    unsigned double_slots;   /* 64-bit slots that a double takes: 0 or 1 */
    union {
        va_list c;
        const uint64_t *windows; /* where __builtin_ms_va_list points: one slot per argument */
    } list;
};

/* `length` counts all characters, even those beyond `size`. */
struct printf_output {
    char *buffer;
    size_t size;
    size_t length;
};

enum printf_flag {
    PRINTF_LEFT = 1,      /* - */
    PRINTF_PLUS = 2,      /* + */
    PRINTF_SPACE = 4,     /* space */
    PRINTF_ALTERNATE = 8, /* # */
    PRINTF_ZERO = 16,     /* 0 */
};

/* The width of a text conversion's characters, by its size prefix. */
enum printf_text {
    PRINTF_TEXT_DEFAULT, /* narrow for c, s and Z, wide for C and S */
    PRINTF_TEXT_NARROW,  /* h */
    PRINTF_TEXT_WIDE,    /* l, w */
};

/* One conversion specification, read from the format. */
struct printf_spec {
    unsigned flags; /* enum printf_flag */
    int width;      /* >= 0 */
    int precision;  /* -1: not given */
    unsigned bits;  /* of an integer argument: 8, 16, 32 or 64 */
    enum printf_text text;
    char conversion;
};

static inline void printf_put(struct printf_output *output, char character)
{
    if (output->length < output->size) {
        output->buffer[output->length] = character;
    }
    output->length++;
}

/* Writes the same character `count` times; a width beyond the buffer costs no time. */
static inline void printf_fill(struct printf_output *output, char character, size_t count)
{
    size_t room = output->length < output->size ? output->size - output->length : 0;

    for (size_t i = 0; i < count && i < room; i++) {
        output->buffer[output->length + i] = character;
    }
    output->length += count;
}

static inline void printf_copy(struct printf_output *output, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf_put(output, text[i]);
    }
}

/* The padding of a field: its width minus the length of its content. */
static inline size_t printf_padding(const struct printf_spec *spec, size_t used)
{
    return (size_t)spec->width > used ? (size_t)spec->width - used : 0;
}

/*
 * Reads a specification; `at` is the first character after the percent sign. Asterisks take their
 * arguments from `source`. Returns the position of the conversion character.
 */
const char *printf_parse_spec(const char *at, struct printf_source *source,
                              struct printf_spec *spec);

/* Print an integer of spec->bits, and a pointer with at least `digits` digits (0: like %#llx). */
void printf_integer(struct printf_output *output, const struct printf_spec *spec,
                    uint64_t argument);
void printf_pointer(struct printf_output *output, const struct printf_spec *spec, unsigned digits,
                    uint64_t argument);

#endif
