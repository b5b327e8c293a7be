/* SPDX-License-Identifier: MIT */
/*
 * Bit and byte intrinsics: scans, tests, swaps, rotates, population counts.
 *
 * Source: Microsoft C/C++ reference, "Compiler intrinsics", pages of the names used here.
 */
#ifndef MUSTER_INTRIN_BITS_H
#define MUSTER_INTRIN_BITS_H

#include "../msvc_dialect.h"

/*
 * Store the number of the lowest (Forward) or highest (Reverse) set bit in *index.
 * Return 1; or 0, without a change of *index, if no bit of the mask is set.
 */
static __forceinline unsigned char _BitScanForward(unsigned MSVC_LONG *index, unsigned int mask)
{
    if (mask == 0) {
        return 0;
    }
    *index = (unsigned int)__builtin_ctz(mask);
    return 1;
}

static __forceinline unsigned char _BitScanForward64(unsigned MSVC_LONG *index,
                                                     unsigned __int64 mask)
{
    if (mask == 0) {
        return 0;
    }
    *index = (unsigned int)__builtin_ctzll(mask);
    return 1;
}

static __forceinline unsigned char _BitScanReverse(unsigned MSVC_LONG *index, unsigned int mask)
{
    if (mask == 0) {
        return 0;
    }
    *index = 31 - (unsigned int)__builtin_clz(mask);
    return 1;
}

static __forceinline unsigned char _BitScanReverse64(unsigned MSVC_LONG *index,
                                                     unsigned __int64 mask)
{
    if (mask == 0) {
        return 0;
    }
    *index = 63 - (unsigned int)__builtin_clzll(mask);
    return 1;
}

/*
 * Return a bit of a bit string and, depending on the name, set, clear or flip it. Not atomic. A
 * bit number beyond the word reaches the words that follow.
 */
static __forceinline unsigned char _bittest(const MSVC_LONG *base, MSVC_LONG bit)
{
    return (base[bit >> 5] >> (bit & 31)) & 1;
}

static __forceinline unsigned char _bittest64(const __int64 *base, __int64 bit)
{
    return (base[bit >> 6] >> (bit & 63)) & 1;
}

static __forceinline unsigned char _bittestandset(MSVC_LONG *base, MSVC_LONG bit)
{
    unsigned char old = _bittest(base, bit);
    base[bit >> 5] |= (int)(1U << (bit & 31));
    return old;
}

static __forceinline unsigned char _bittestandset64(__int64 *base, __int64 bit)
{
    unsigned char old = _bittest64(base, bit);
    base[bit >> 6] |= (__int64)(1ULL << (bit & 63));
    return old;
}

static __forceinline unsigned char _bittestandreset(MSVC_LONG *base, MSVC_LONG bit)
{
    unsigned char old = _bittest(base, bit);
    base[bit >> 5] &= (int)~(1U << (bit & 31));
    return old;
}

static __forceinline unsigned char _bittestandreset64(__int64 *base, __int64 bit)
{
    unsigned char old = _bittest64(base, bit);
    base[bit >> 6] &= (__int64)~(1ULL << (bit & 63));
    return old;
}

static __forceinline unsigned char _bittestandcomplement(MSVC_LONG *base, MSVC_LONG bit)
{
    unsigned char old = _bittest(base, bit);
    base[bit >> 5] ^= (int)(1U << (bit & 31));
    return old;
}

static __forceinline unsigned char _bittestandcomplement64(__int64 *base, __int64 bit)
{
    unsigned char old = _bittest64(base, bit);
    base[bit >> 6] ^= (__int64)(1ULL << (bit & 63));
    return old;
}

/* Reverse the order of the bytes. */
static __forceinline unsigned short _byteswap_ushort(unsigned short value)
{
    return __builtin_bswap16(value);
}

static __forceinline unsigned int _byteswap_ulong(unsigned int value)
{
    return __builtin_bswap32(value);
}

static __forceinline unsigned __int64 _byteswap_uint64(unsigned __int64 value)
{
    return __builtin_bswap64(value);
}

/* Rotate left (l) or right (r); only the low bits of the count matter. */
static __forceinline unsigned char _rotl8(unsigned char value, unsigned char count)
{
    return (unsigned char)((value << (count & 7)) | (value >> (-count & 7)));
}

static __forceinline unsigned char _rotr8(unsigned char value, unsigned char count)
{
    return (unsigned char)((value >> (count & 7)) | (value << (-count & 7)));
}

static __forceinline unsigned short _rotl16(unsigned short value, unsigned char count)
{
    return (unsigned short)((value << (count & 15)) | (value >> (-count & 15)));
}

static __forceinline unsigned short _rotr16(unsigned short value, unsigned char count)
{
    return (unsigned short)((value >> (count & 15)) | (value << (-count & 15)));
}

static __forceinline unsigned int _rotl(unsigned int value, int count)
{
    return (value << (count & 31)) | (value >> (-count & 31));
}

static __forceinline unsigned int _rotr(unsigned int value, int count)
{
    return (value >> (count & 31)) | (value << (-count & 31));
}

static __forceinline unsigned __int64 _rotl64(unsigned __int64 value, int count)
{
    return (value << (count & 63)) | (value >> (-count & 63));
}

static __forceinline unsigned __int64 _rotr64(unsigned __int64 value, int count)
{
    return (value >> (count & 63)) | (value << (-count & 63));
}

/* Count the set bits with the POPCNT instruction (CPUID leaf 1, ECX bit 23). */
static __forceinline unsigned int __popcnt(unsigned int value)
{
    unsigned int count;
    __asm__("popcntl %1, %0" : "=r"(count) : "r"(value) : "cc");
    return count;
}

static __forceinline unsigned short __popcnt16(unsigned short value)
{
    return (unsigned short)__popcnt(value);
}

static __forceinline unsigned __int64 __popcnt64(unsigned __int64 value)
{
    unsigned __int64 count;
    __asm__("popcntq %1, %0" : "=r"(count) : "r"(value) : "cc");
    return count;
}

#endif /* MUSTER_INTRIN_BITS_H */
