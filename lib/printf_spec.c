/* SPDX-License-Identifier: MIT */
/* Parses one conversion specification: flags, width, precision and size. */
#include "lib/printf_internal.h"

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

/* Reads digits or an asterisk; *number is unchanged without either. Saturates at __INT_MAX__. */
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

const char *printf_parse_spec(const char *at, struct printf_source *source,
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
