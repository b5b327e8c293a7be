/* SPDX-License-Identifier: MIT */
/* What the parts of the formatter share; for lib/printf*.c only. */
#ifndef LIB_PRINTF_INTERNAL_H
#define LIB_PRINTF_INTERNAL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Where the arguments come from, and the dialect that goes with it. */
struct printf_source {
    uint64_t (*next)(struct printf_source *source);
    unsigned long_bits;      /* what `l` stands for: 32 or 64 */
    unsigned pointer_digits; /* digits that %p shows at least; 0: as %#llx */
    unsigned double_slots;   /* 64-bit slots that a double takes: 0 or 1 */
    union {
        va_list c;
        const uint64_t *windows; /* what __builtin_ms_va_list points to: one slot an argument */
    } list;
};

/* `length` counts what was asked for, even beyond `size`. */
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

/* What the size prefix says about a text conversion. */
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

/* Writes `count` times the same character; a width beyond the buffer costs no time. */
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

/* The padding of a field: its width less what it holds. */
static inline size_t printf_padding(const struct printf_spec *spec, size_t used)
{
    return (size_t)spec->width > used ? (size_t)spec->width - used : 0;
}

/*
 * Reads the specification whose first character behind the percent sign is at `at`; asterisks take
 * their arguments from `source`. Returns the place of the conversion character.
 */
const char *printf_parse_spec(const char *at, struct printf_source *source,
                              struct printf_spec *spec);

/* Prints an integer of spec->bits, and a pointer of at least `digits` digits (0: as %#llx). */
void printf_integer(struct printf_output *output, const struct printf_spec *spec,
                    uint64_t argument);
void printf_pointer(struct printf_output *output, const struct printf_spec *spec, unsigned digits,
                    uint64_t argument);

#endif
