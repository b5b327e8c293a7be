/* SPDX-License-Identifier: MIT */
/* Formats integers and pointers. */
#include "lib/printf_internal.h"

/* The parts of a number, in the order in which they are printed. */
struct printf_number {
    const char *prefix; /* a sign or 0x */
    size_t prefix_length;
    size_t zeros;
    char digits[22];    /* 2^64 - 1 in octal */
    size_t first_digit; /* index into digits; the last digit is at the end of the array */
};

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

/* Sign-extends the argument from its size, sets the sign to print, returns the magnitude. */
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

/* Truncates the argument to its size, sets the prefix for the # flag, returns the value. */
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

/* Leading zeros: up to the precision (default 1), at least one for #o, up to the width for 0. */
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

void printf_integer(struct printf_output *output, const struct printf_spec *spec, uint64_t argument)
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

void printf_pointer(struct printf_output *output, const struct printf_spec *spec, unsigned digits,
                    uint64_t argument)
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
