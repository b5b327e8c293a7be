/*
 * One engine for both dialects. They differ in three things, all of them in struct printf_source:
 * where the next argument is found, how many bits `l` stands for, and how a pointer looks. Both
 * ABIs pass every integer and pointer in a slot of 64 bits whose upper part may hold anything for
 * a smaller type, so the engine always takes a whole slot and cuts it to the size asked for.
 */
#include "lib/printf.h"

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

/* A wide character, at any address: drivers pack them into their own structures. */
typedef uint16_t __attribute__((may_alias, aligned(1))) printf_wide;

/* ANSI_STRING and UNICODE_STRING: lengths in bytes; the buffer stands at offset 8. */
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

/* The parts of a number, in the order in which they are printed. */
struct printf_number {
    const char *prefix; /* a sign or 0x */
    size_t prefix_length;
    size_t zeros;
    char digits[22];    /* 2^64 - 1 in octal */
    size_t first_digit; /* index into digits; the last one stands at its end */
};

static uint64_t printf_next_c(struct printf_source *source)
{
    return va_arg(source->list.c, uint64_t);
}

static uint64_t printf_next_windows(struct printf_source *source)
{
    return *source->list.windows++;
}

static void printf_put(struct printf_output *output, char character)
{
    if (output->length < output->size) {
        output->buffer[output->length] = character;
    }
    output->length++;
}

/* Writes `count` times the same character; a width beyond the buffer costs no time. */
static void printf_fill(struct printf_output *output, char character, size_t count)
{
    size_t room = output->length < output->size ? output->size - output->length : 0;

    for (size_t i = 0; i < count && i < room; i++) {
        output->buffer[output->length + i] = character;
    }
    output->length += count;
}

static void printf_copy(struct printf_output *output, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf_put(output, text[i]);
    }
}

/* The padding of a field: its width less what it holds. */
static size_t printf_padding(const struct printf_spec *spec, size_t used)
{
    return (size_t)spec->width > used ? (size_t)spec->width - used : 0;
}

/* --- the format --- */

static const char *printf_parse_flags(const char *at, struct printf_spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->flags |= PRINTF_LEFT;
            break;
        case '+':
            spec->flags |= PRINTF_PLUS;
            break;
        case ' ':
            spec->flags |= PRINTF_SPACE;
            break;
        case '#':
            spec->flags |= PRINTF_ALTERNATE;
            break;
        case '0':
            spec->flags |= PRINTF_ZERO;
            break;
        default:
            return at;
        }
    }
}

/* Reads digits or an asterisk; *number is unchanged if there is neither. Stops at __INT_MAX__. */
static const char *printf_parse_number(const char *at, struct printf_source *source, int *number)
{
    unsigned sum = 0;

    if (*at == '*') {
        *number = (int)source->next(source);
        return at + 1;
    }
    if (*at < '0' || *at > '9') {
        return at;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');

        sum = sum > (__INT_MAX__ - digit) / 10 ? __INT_MAX__ : sum * 10 + digit;
    }
    *number = (int)sum;
    return at;
}

static const char *printf_parse_width(const char *at, struct printf_source *source,
                                      struct printf_spec *spec)
{
    at = printf_parse_number(at, source, &spec->width);
    if (spec->width < 0) {
        spec->flags |= PRINTF_LEFT;
        spec->width = spec->width < -__INT_MAX__ ? __INT_MAX__ : -spec->width;
    }
    return at;
}

static const char *printf_parse_precision(const char *at, struct printf_source *source,
                                          struct printf_spec *spec)
{
    if (*at != '.') {
        return at;
    }
    spec->precision = 0;
    at = printf_parse_number(at + 1, source, &spec->precision);
    if (spec->precision < 0) {
        spec->precision = -1;
    }
    return at;
}

/* I64, I32 and I: the sizes that Microsoft's runtime spells with a capital letter. */
static const char *printf_parse_size_capital(const char *at, struct printf_spec *spec)
{
    spec->bits = 64;
    if (at[1] == '6' && at[2] == '4') {
        return at + 3;
    }
    if (at[1] == '3' && at[2] == '2') {
        spec->bits = 32;
        return at + 3;
    }
    return at + 1;
}

static const char *printf_parse_size(const char *at, const struct printf_source *source,
                                     struct printf_spec *spec)
{
    switch (*at) {
    case 'h':
        spec->text = PRINTF_TEXT_NARROW;
        spec->bits = at[1] == 'h' ? 8 : 16;
        return at + (at[1] == 'h' ? 2 : 1);
    case 'l':
        spec->text = PRINTF_TEXT_WIDE;
        spec->bits = at[1] == 'l' ? 64 : source->long_bits;
        return at + (at[1] == 'l' ? 2 : 1);
    case 'w':
        spec->text = PRINTF_TEXT_WIDE;
        return at + 1;
    case 'z':
    case 't':
    case 'j':
        spec->bits = 64;
        return at + 1;
    case 'I':
        return printf_parse_size_capital(at, spec);
    default:
        return at;
    }
}

/* Reads what stands behind a percent sign. Returns the place of the conversion character. */
static const char *printf_parse_spec(const char *at, struct printf_source *source,
                                     struct printf_spec *spec)
{
    *spec = (struct printf_spec){ .precision = -1, .bits = 32 };
    at = printf_parse_flags(at, spec);
    at = printf_parse_width(at, source, spec);
    at = printf_parse_precision(at, source, spec);
    at = printf_parse_size(at, source, spec);
    spec->conversion = *at;
    return at;
}

/* --- text --- */

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

/* The number of characters that the precision lets pass. */
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

/* Bytes a character of a text conversion: the size prefix decides, else the conversion's case. */
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

/* --- numbers --- */

/* Writes the digits of `value` to the end of number->digits; none for 0. */
static void printf_make_digits(struct printf_number *number, uint64_t value, char conversion)
{
    const char *digits = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned base = 10;

    if (conversion == 'o') {
        base = 8;
    } else if (conversion == 'x' || conversion == 'X') {
        base = 16;
    }
    number->first_digit = sizeof(number->digits);
    for (; value != 0; value /= base) {
        number->digits[--number->first_digit] = digits[value % base];
    }
}

static void printf_set_prefix(struct printf_number *number, const char *prefix, size_t length)
{
    number->prefix = prefix;
    number->prefix_length = length;
}

/* Extends the sign of a `bits` wide argument, sets the sign to print, returns the magnitude. */
static uint64_t printf_make_signed(struct printf_number *number, const struct printf_spec *spec,
                                   uint64_t argument)
{
    unsigned unused_bits = 64 - spec->bits;
    int64_t value = (int64_t)(argument << unused_bits) >> unused_bits;

    if (value < 0) {
        printf_set_prefix(number, "-", 1);
        return 0 - (uint64_t)value;
    }
    if (spec->flags & PRINTF_PLUS) {
        printf_set_prefix(number, "+", 1);
    } else if (spec->flags & PRINTF_SPACE) {
        printf_set_prefix(number, " ", 1);
    }
    return (uint64_t)value;
}

/* Cuts the argument to `bits`, sets the prefix that # asks for, returns the value. */
static uint64_t printf_make_unsigned(struct printf_number *number, const struct printf_spec *spec,
                                     uint64_t argument)
{
    uint64_t value = argument & (UINT64_MAX >> (64 - spec->bits));

    if ((spec->flags & PRINTF_ALTERNATE) && value != 0) {
        if (spec->conversion == 'x') {
            printf_set_prefix(number, "0x", 2);
        } else if (spec->conversion == 'X') {
            printf_set_prefix(number, "0X", 2);
        }
    }
    return value;
}

/* Leading zeros: up to the precision (1 if not given), for #o at least one, for 0 the width. */
static void printf_make_zeros(struct printf_number *number, const struct printf_spec *spec)
{
    size_t digits = sizeof(number->digits) - number->first_digit;
    size_t wanted = spec->precision < 0 ? 1 : (size_t)spec->precision;

    if (wanted > digits) {
        number->zeros = wanted - digits;
    } else if (spec->conversion == 'o' && (spec->flags & PRINTF_ALTERNATE)) {
        number->zeros = 1;
    }
    if ((spec->flags & PRINTF_ZERO) && !(spec->flags & PRINTF_LEFT) && spec->precision < 0) {
        number->zeros += printf_padding(spec, number->prefix_length + number->zeros + digits);
    }
}

static void printf_integer(struct printf_output *output, const struct printf_spec *spec,
                           uint64_t argument)
{
    struct printf_number number = { .prefix_length = 0 };
    uint64_t value;
    size_t digits;
    size_t padding;

    if (spec->conversion == 'd' || spec->conversion == 'i') {
        value = printf_make_signed(&number, spec, argument);
    } else {
        value = printf_make_unsigned(&number, spec, argument);
    }
    printf_make_digits(&number, value, spec->conversion);
    printf_make_zeros(&number, spec);

    digits = sizeof(number.digits) - number.first_digit;
    padding = printf_padding(spec, number.prefix_length + number.zeros + digits);
    if ((spec->flags & PRINTF_LEFT) == 0) {
        printf_fill(output, ' ', padding);
    }
    printf_copy(output, number.prefix, number.prefix_length);
    printf_fill(output, '0', number.zeros);
    printf_copy(output, number.digits + number.first_digit, digits);
    if (spec->flags & PRINTF_LEFT) {
        printf_fill(output, ' ', padding);
    }
}

static void printf_pointer(struct printf_output *output, const struct printf_spec *spec,
                           unsigned digits, uint64_t argument)
{
    struct printf_spec integer = *spec;

    integer.bits = 64;
    if (digits == 0) {
        integer.conversion = 'x';
        integer.flags |= PRINTF_ALTERNATE;
    } else {
        integer.conversion = 'X';
        integer.precision = (int)digits;
    }
    printf_integer(output, &integer, argument);
}

/* --- the engine --- */

/* Prints one conversion. Returns 0, or -1 if it is not supported: nothing is then printed. */
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
