/* SPDX-License-Identifier: MIT */
#include "lib/string.h"

/*
 * The optimiser recognises loops that copy or fill memory and replaces them with calls to memcpy,
 * memmove and memset. Inside those functions that would be infinite recursion. The attribute
 * prevents it for each function, so that the Makefile needs no special flag.
 */
#ifdef __clang__
#define STRING_PLAIN_LOOPS __attribute__((no_builtin))
#else
#define STRING_PLAIN_LOOPS __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

/* Eight bytes of any type at any address; x86-64 and other 64-bit targets load them at once. */
typedef uint64_t __attribute__((may_alias, aligned(1))) string_word;

/*
 * Copies from the lowest address up. This is correct for overlapping ranges too if the destination
 * is lower: a whole word is loaded before any byte of it is overwritten.
 */
STRING_PLAIN_LOOPS
static void string_copy_up(unsigned char *to, const unsigned char *from, size_t size)
{
    while (size >= sizeof(string_word)) {
        *(string_word *)to = *(const string_word *)from;
        to += sizeof(string_word);
        from += sizeof(string_word);
        size -= sizeof(string_word);
    }
    while (size-- > 0) {
        *to++ = *from++;
    }
}

/* Copies from the highest address down, for overlapping ranges with a higher destination. */
STRING_PLAIN_LOOPS
static void string_copy_down(unsigned char *to, const unsigned char *from, size_t size)
{
    while (size >= sizeof(string_word)) {
        size -= sizeof(string_word);
        *(string_word *)(to + size) = *(const string_word *)(from + size);
    }
    while (size-- > 0) {
        to[size] = from[size];
    }
}

STRING_PLAIN_LOOPS
void *memcpy(void *restrict destination, const void *restrict source, size_t size)
{
    string_copy_up(destination, source, size);
    return destination;
}

STRING_PLAIN_LOOPS
void *memmove(void *destination, const void *source, size_t size)
{
    /* One unsigned comparison: true unless source <= destination < source + size. */
    if ((uintptr_t)destination - (uintptr_t)source >= size) {
        string_copy_up(destination, source, size);
    } else {
        string_copy_down(destination, source, size);
    }
    return destination;
}

STRING_PLAIN_LOOPS
void *memset(void *destination, int value, size_t size)
{
    unsigned char *to = destination;
    string_word word = 0x0101010101010101u * (unsigned char)value;

    while (size >= sizeof(word)) {
        *(string_word *)to = word;
        to += sizeof(word);
        size -= sizeof(word);
    }
    while (size-- > 0) {
        *to++ = (unsigned char)value;
    }
    return destination;
}

STRING_PLAIN_LOOPS
int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left;
    const unsigned char *b = right;

    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
    }
    return 0;
}

STRING_PLAIN_LOOPS
size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0') {
        length++;
    }
    return length;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, SIZE_MAX);
}

STRING_PLAIN_LOOPS
int strncmp(const char *left, const char *right, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char a = (unsigned char)left[i];
        unsigned char b = (unsigned char)right[i];

        if (a != b || a == '\0') {
            return a - b;
        }
    }
    return 0;
}

STRING_PLAIN_LOOPS
char *strchr(const char *text, int character)
{
    while (*text != (char)character) {
        if (*text++ == '\0') {
            return NULL;
        }
    }
    return (char *)(uintptr_t)text;
}

/* The value of a digit in any base up to 16; 16 for any other character, the NUL included. */
static unsigned string_digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned)(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return (unsigned)(digit - 'a') + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return (unsigned)(digit - 'A') + 10;
    }
    return 16;
}

int string_to_u64(const char *text, uint64_t *value)
{
    unsigned base = 10;
    uint64_t sum = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (*text == '\0') {
        return -1;
    }
    for (; *text != '\0'; text++) {
        unsigned digit = string_digit_value(*text);

        if (digit >= base || sum > (UINT64_MAX - digit) / base) {
            return -1;
        }
        sum = sum * base + digit;
    }
    *value = sum;
    return 0;
}
