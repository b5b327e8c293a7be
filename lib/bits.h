/* Bits of a word, without instructions that not every machine has. */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include <stdint.h>

/* How many bits of `word` are set: sums of pairs, of fours, of eights, then of all bytes at once. */
static inline unsigned bits_count(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555;
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned)(word * 0x0101010101010101 >> 56);
}

#endif
