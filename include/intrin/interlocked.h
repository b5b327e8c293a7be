/* SPDX-License-Identifier: MIT */
/*
 * Interlocked intrinsics: _Interlocked* and _interlockedbittestand*.
 *
 * Each is one atomic read-modify-write and a full memory barrier, as on x64 Windows. The number in
 * a name is the width in bits; without one it is 32. Increment, Decrement and Add return the new
 * value, all others the old one.
 *
 * Source: Microsoft C/C++ reference, "Compiler intrinsics", pages of the names used here.
 */
#ifndef MUSTER_INTRIN_INTERLOCKED_H
#define MUSTER_INTRIN_INTERLOCKED_H

#include "../msvc_dialect.h"

/* Add one; the new value. */
static __forceinline short _InterlockedIncrement16(short volatile *target)
{
    return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedIncrement(MSVC_LONG volatile *target)
{
    return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedIncrement64(__int64 volatile *target)
{
    return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}

/* Subtract one; the new value. */
static __forceinline short _InterlockedDecrement16(short volatile *target)
{
    return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedDecrement(MSVC_LONG volatile *target)
{
    return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedDecrement64(__int64 volatile *target)
{
    return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}

/* Add; the new value. */
static __forceinline MSVC_LONG _InterlockedAdd(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_add_fetch(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedAdd64(__int64 volatile *target, __int64 value)
{
    return __atomic_add_fetch(target, value, __ATOMIC_SEQ_CST);
}

/* Add; the old value. */
static __forceinline char _InterlockedExchangeAdd8(char volatile *target, char value)
{
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline short _InterlockedExchangeAdd16(short volatile *target, short value)
{
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedExchangeAdd(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedExchangeAdd64(__int64 volatile *target, __int64 value)
{
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}

/* Store; the old value. */
static __forceinline char _InterlockedExchange8(char volatile *target, char value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline short _InterlockedExchange16(short volatile *target, short value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedExchange(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedExchange64(__int64 volatile *target, __int64 value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

/* Bitwise and; the old value. */
static __forceinline char _InterlockedAnd8(char volatile *target, char value)
{
    return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline short _InterlockedAnd16(short volatile *target, short value)
{
    return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedAnd(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedAnd64(__int64 volatile *target, __int64 value)
{
    return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);
}

/* Bitwise or; the old value. */
static __forceinline char _InterlockedOr8(char volatile *target, char value)
{
    return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline short _InterlockedOr16(short volatile *target, short value)
{
    return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedOr(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedOr64(__int64 volatile *target, __int64 value)
{
    return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);
}

/* Bitwise exclusive or; the old value. */
static __forceinline char _InterlockedXor8(char volatile *target, char value)
{
    return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline short _InterlockedXor16(short volatile *target, short value)
{
    return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline MSVC_LONG _InterlockedXor(MSVC_LONG volatile *target, MSVC_LONG value)
{
    return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline __int64 _InterlockedXor64(__int64 volatile *target, __int64 value)
{
    return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);
}

/* Store `exchange` if the target equals `comparand`; the old value in any case. */
static __forceinline char _InterlockedCompareExchange8(char volatile *target, char exchange,
                                                       char comparand)
{
    __atomic_compare_exchange_n(target, &comparand, exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return comparand;
}

static __forceinline short _InterlockedCompareExchange16(short volatile *target, short exchange,
                                                         short comparand)
{
    __atomic_compare_exchange_n(target, &comparand, exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return comparand;
}

static __forceinline MSVC_LONG _InterlockedCompareExchange(MSVC_LONG volatile *target,
                                                           MSVC_LONG exchange, MSVC_LONG comparand)
{
    __atomic_compare_exchange_n(target, &comparand, exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return comparand;
}

static __forceinline __int64 _InterlockedCompareExchange64(__int64 volatile *target,
                                                           __int64 exchange, __int64 comparand)
{
    __atomic_compare_exchange_n(target, &comparand, exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return comparand;
}

/*
 * Store two 64-bit words if the target equals `comparand`, which receives the old value.
 * The target must be aligned to 16 bytes. Returns 1 if the store was made, else 0.
 */
static __forceinline unsigned char _InterlockedCompareExchange128(__int64 volatile *target,
                                                                  __int64 exchange_high,
                                                                  __int64 exchange_low,
                                                                  __int64 *comparand)
{
    unsigned char stored;
    __asm__ __volatile__("lock cmpxchg16b %0\n\tsete %1"
                         : "+m"(*(__int64 volatile(*)[2])target), "=q"(stored), "+a"(comparand[0]),
                           "+d"(comparand[1])
                         : "b"(exchange_low), "c"(exchange_high)
                         : "cc", "memory");
    return stored;
}

/* The same for pointers. */
static __forceinline void *_InterlockedExchangePointer(void *volatile *target, void *value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __forceinline void *_InterlockedCompareExchangePointer(void *volatile *target,
                                                              void *exchange, void *comparand)
{
    __atomic_compare_exchange_n(target, &comparand, exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return comparand;
}

/*
 * Set or clear bit `bit`; the bit's old value. A bit number beyond the word reaches the words that
 * follow, as with the instruction.
 */
static __forceinline unsigned char _interlockedbittestandset(MSVC_LONG volatile *target,
                                                             MSVC_LONG bit)
{
    unsigned char old;
    __asm__ __volatile__("lock btsl %2, %0\n\tsetc %1"
                         : "+m"(*target), "=q"(old)
                         : "r"(bit)
                         : "cc", "memory");
    return old;
}

static __forceinline unsigned char _interlockedbittestandset64(__int64 volatile *target,
                                                               __int64 bit)
{
    unsigned char old;
    __asm__ __volatile__("lock btsq %2, %0\n\tsetc %1"
                         : "+m"(*target), "=q"(old)
                         : "r"(bit)
                         : "cc", "memory");
    return old;
}

static __forceinline unsigned char _interlockedbittestandreset(MSVC_LONG volatile *target,
                                                               MSVC_LONG bit)
{
    unsigned char old;
    __asm__ __volatile__("lock btrl %2, %0\n\tsetc %1"
                         : "+m"(*target), "=q"(old)
                         : "r"(bit)
                         : "cc", "memory");
    return old;
}

static __forceinline unsigned char _interlockedbittestandreset64(__int64 volatile *target,
                                                                 __int64 bit)
{
    unsigned char old;
    __asm__ __volatile__("lock btrq %2, %0\n\tsetc %1"
                         : "+m"(*target), "=q"(old)
                         : "r"(bit)
                         : "cc", "memory");
    return old;
}

#endif /* MUSTER_INTRIN_INTERLOCKED_H */
