/* SPDX-License-Identifier: MIT */
/*
 * One engine for both dialects. All their differences are in struct printf_source: where the next
 * argument is, how many bits `l` means, how a pointer looks, and how many slots a double takes.
 * Both ABIs pass every integer and pointer in a 64-bit slot. The upper part of the slot may hold
 * anything if the type is smaller, so the engine always takes a whole slot and truncates it to the
 * requested size.
 */
#include "lib/printf.h"

#include "lib/printf_internal.h"

/* A wide character, possibly unaligned: drivers pack them into their own structures. */
typedef uint16_t __attribute__((may_alias, aligned(1))) printf_wide;

/* ANSI_STRING and UNICODE_STRING: lengths in bytes; the buffer is at offset 8. */
struct __attribute__((may_alias)) printf_counted_string {
    uint16_t length;
    uint16_t maximum_length;
    const void *buffer;
};

/* Text to print; `length` in characters. */
struct printf_string {
    const void *buffer;
    size_t length;
    unsigned character_size; /* bytes: 1 or 2 */
};

static uint64_t printf_next_c(struct printf_source *source)
{
    return va_arg(source->list.c, uint64_t);
}

static uint64_t printf_next_windows(struct printf_source *source)
{
    return *source->list.windows++;
}

static char printf_character_at(const struct printf_string *string, size_t index)
{
    uint16_t wide;

    if (string->character_size == 1) {
        return ((const char *)string->buffer)[index];
    }
    wide = ((const printf_wide *)string->buffer)[index];
    return wide < 0x80 ? (char)wide : '?';
}

static void printf_put_string(struct printf_output *output, const struct printf_spec *spec,
                              const struct printf_string *string)
{
    size_t padding = printf_padding(spec, string->length);

    if ((spec->flags & PRINTF_LEFT) == 0) {
        printf_fill(output, ' ', padding);
    }
    for (size_t i = 0; i < string->length; i++) {
        printf_put(output, printf_character_at(string, i));
    }
    if (spec->flags & PRINTF_LEFT) {
        printf_fill(output, ' ', padding);
    }
}

/* The number of characters that the precision allows. */
static size_t printf_text_limit(const struct printf_spec *spec)
{
    return spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
}

/* Measures text that ends with a NUL, without reading beyond the precision. */
static void printf_measure(const struct printf_spec *spec, struct printf_string *string)
{
    size_t limit = printf_text_limit(spec);

    while (string->length < limit && printf_character_at(string, string->length) != '\0') {
        string->length++;
    }
}

/* Bytes per character of a text conversion: by the size prefix, else by the conversion's case. */
static unsigned printf_character_size(const struct printf_spec *spec)
{
    switch (spec->text) {
    case PRINTF_TEXT_NARROW:
        return 1;
    case PRINTF_TEXT_WIDE:
        return 2;
    default:
        return spec->conversion == 'C' || spec->conversion == 'S' ? 2 : 1;
    }
}

static void printf_text(struct printf_output *output, const struct printf_spec *spec,
                        const void *text)
{
    struct printf_string string = {
        .buffer = text != NULL ? text : "(null)",
        .character_size = text != NULL ? printf_character_size(spec) : 1,
    };

    printf_measure(spec, &string);
    printf_put_string(output, spec, &string);
}

static void printf_counted_text(struct printf_output *output, const struct printf_spec *spec,
                                const struct printf_counted_string *counted)
{
    unsigned character_size = printf_character_size(spec);
    struct printf_string string = { .character_size = character_size };

    if (counted == NULL || counted->buffer == NULL) {
        printf_text(output, spec, NULL);
        return;
    }
    string.buffer = counted->buffer;
    string.length = counted->length / character_size;
    if (string.length > printf_text_limit(spec)) {
        string.length = printf_text_limit(spec);
    }
    printf_put_string(output, spec, &string);
}

static void printf_character(struct printf_output *output, const struct printf_spec *spec,
                             uint64_t argument)
{
    char narrow = (char)argument;
    uint16_t wide = (uint16_t)argument;
    struct printf_string string = { .length = 1, .character_size = printf_character_size(spec) };

    string.buffer = string.character_size == 1 ? (const void *)&narrow : (const void *)&wide;
    printf_put_string(output, spec, &string);
}

/* --- the engine --- */

/* Prints one conversion. Returns 0, or -1 with nothing printed if it is not supported. */
static int printf_convert(struct printf_output *output, const struct printf_spec *spec,
                          struct printf_source *source)
{
    switch (spec->conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        printf_integer(output, spec, source->next(source));
        return 0;
    case 'p':
        printf_pointer(output, spec, source->pointer_digits, source->next(source));
        return 0;
    case 'c':
    case 'C':
        printf_character(output, spec, source->next(source));
        return 0;
    case 's':
    case 'S':
        printf_text(output, spec, (const void *)(uintptr_t)source->next(source));
        return 0;
    case 'Z':
        printf_counted_text(output, spec, (const void *)(uintptr_t)source->next(source));
        return 0;
    case '%':
        printf_put(output, '%');
        return 0;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        for (unsigned i = 0; i < source->double_slots; i++) {
            source->next(source);
        }
        return -1;
    default:
        return -1;
    }
}

static size_t printf_run(char *buffer, size_t size, const char *format,
                         struct printf_source *source)
{
    struct printf_output output = { .buffer = buffer, .size = size };
    struct printf_spec spec;

    while (*format != '\0') {
        const char *start = format;

        if (*format++ != '%') {
            printf_put(&output, *start);
            continue;
        }
        format = printf_parse_spec(format, source, &spec);
        if (*format != '\0') {
            format++;
        }
        if (printf_convert(&output, &spec, source) < 0) {
            printf_copy(&output, start, (size_t)(format - start));
        }
    }
    if (size > 0) {
        buffer[output.length < size ? output.length : size - 1] = '\0';
    }
    return output.length;
}

size_t printf_format_v(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct printf_source source = { .next = printf_next_c, .long_bits = 64 };
    size_t length;

    va_copy(source.list.c, arguments);
    length = printf_run(buffer, size, format, &source);
    va_end(source.list.c);
    return length;
}

size_t printf_format(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    length = printf_format_v(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

size_t printf_format_windows(char *buffer, size_t size, const char *format,
                             __builtin_ms_va_list arguments)
{
    struct printf_source source = {
        .next = printf_next_windows,
        .long_bits = 32,
        .pointer_digits = 16,
        .double_slots = 1,
    };

    source.list.windows = (const uint64_t *)(uintptr_t)arguments;
    return printf_run(buffer, size, format, &source);
}
