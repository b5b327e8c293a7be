/* SPDX-License-Identifier: MIT */
/*
 * The intrinsics of Microsoft's compiler that drivers use, for gcc and clang on x86-64.
 *
 * Names and parameters are Microsoft's; MSVC_LONG is Windows' `long`. No intrinsic uses a vector
 * register, so all are safe where only general registers may be used. This header replaces the
 * compiler's own <x86intrin.h> and <cpuid.h>: do not include both.
 *
 * Source: Microsoft C/C++ reference, "Compiler intrinsics", pages of the names used here.
 */
#ifndef MUSTER_INTRIN_H
#define MUSTER_INTRIN_H

#include "intrin/bits.h"
#include "intrin/interlocked.h"
#include "intrin/port.h"
#include "intrin/registers.h"
#include "msvc_dialect.h"

/* The return address, and the address of the stack slot that holds it */
#define _ReturnAddress()          __builtin_return_address(0)
#define _AddressOfReturnAddress() ((void *)((void **)__builtin_frame_address(0) + 1))

/* Barriers for the compiler only: no instruction is emitted. */
static __forceinline void _ReadWriteBarrier(void)
{
    __asm__ __volatile__("" : : : "memory");
}

static __forceinline void _ReadBarrier(void)
{
    _ReadWriteBarrier();
}

static __forceinline void _WriteBarrier(void)
{
    _ReadWriteBarrier();
}

/* Barriers for the processor: loads, stores, both; and the fastest that orders everything. */
static __forceinline void _mm_lfence(void)
{
    __asm__ __volatile__("lfence" : : : "memory");
}

static __forceinline void _mm_sfence(void)
{
    __asm__ __volatile__("sfence" : : : "memory");
}

static __forceinline void _mm_mfence(void)
{
    __asm__ __volatile__("mfence" : : : "memory");
}

static __forceinline void __faststorefence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Waiting, stopping, breaking */
static __forceinline void _mm_pause(void)
{
    __asm__ __volatile__("pause" : : : "memory");
}

static __forceinline void __nop(void)
{
    __asm__ __volatile__("nop");
}

static __forceinline void __halt(void)
{
    __asm__ __volatile__("hlt" : : : "memory");
}

static __forceinline void __debugbreak(void)
{
    __asm__ __volatile__("int3" : : : "memory");
}

/* Software interrupt 0x2C: a failed assertion, on Windows. */
static __forceinline void __int2c(void)
{
    __asm__ __volatile__("int $0x2c" : : : "memory");
}

/* String moves and stores; `count` is in elements of the size that the name ends in. */
static __forceinline void __movsb(unsigned char *destination, const unsigned char *source,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep movsb" : "+D"(destination), "+S"(source), "+c"(count) : : "memory");
}

static __forceinline void __movsw(unsigned short *destination, const unsigned short *source,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep movsw" : "+D"(destination), "+S"(source), "+c"(count) : : "memory");
}

static __forceinline void __movsd(unsigned MSVC_LONG *destination, const unsigned MSVC_LONG *source,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep movsl" : "+D"(destination), "+S"(source), "+c"(count) : : "memory");
}

static __forceinline void __movsq(unsigned __int64 *destination, const unsigned __int64 *source,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep movsq" : "+D"(destination), "+S"(source), "+c"(count) : : "memory");
}

static __forceinline void __stosb(unsigned char *destination, unsigned char value,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep stosb" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
}

static __forceinline void __stosw(unsigned short *destination, unsigned short value,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep stosw" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
}

static __forceinline void __stosd(unsigned MSVC_LONG *destination, unsigned MSVC_LONG value,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep stosl" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
}

static __forceinline void __stosq(unsigned __int64 *destination, unsigned __int64 value,
                                  unsigned __int64 count)
{
    __asm__ __volatile__("rep stosq" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
}

#endif /* MUSTER_INTRIN_H */
