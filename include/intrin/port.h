/* SPDX-License-Identifier: MIT */
/*
 * Port input and output: __inbyte, __outbyte and the like.
 *
 * The plain forms move one value; the string forms move `count` values between a port and memory.
 * Every form is a compiler barrier, so accesses stay in the order in which they are written.
 *
 * Source: Microsoft C/C++ reference, "Compiler intrinsics", pages of the names used here.
 */
#ifndef MUSTER_INTRIN_PORT_H
#define MUSTER_INTRIN_PORT_H

#include "../msvc_dialect.h"

static __forceinline unsigned char __inbyte(unsigned short port)
{
    unsigned char value;
    __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static __forceinline void __outbyte(unsigned short port, unsigned char value)
{
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __forceinline void __inbytestring(unsigned short port, unsigned char *buffer,
                                         unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep insb" : "+D"(buffer), "+c"(left) : "d"(port) : "memory");
}

static __forceinline void __outbytestring(unsigned short port, unsigned char *buffer,
                                          unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep outsb" : "+S"(buffer), "+c"(left) : "d"(port) : "memory");
}

static __forceinline unsigned short __inword(unsigned short port)
{
    unsigned short value;
    __asm__ __volatile__("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static __forceinline void __outword(unsigned short port, unsigned short value)
{
    __asm__ __volatile__("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __forceinline void __inwordstring(unsigned short port, unsigned short *buffer,
                                         unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep insw" : "+D"(buffer), "+c"(left) : "d"(port) : "memory");
}

static __forceinline void __outwordstring(unsigned short port, unsigned short *buffer,
                                          unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep outsw" : "+S"(buffer), "+c"(left) : "d"(port) : "memory");
}

static __forceinline unsigned int __indword(unsigned short port)
{
    unsigned int value;
    __asm__ __volatile__("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static __forceinline void __outdword(unsigned short port, unsigned int value)
{
    __asm__ __volatile__("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __forceinline void __indwordstring(unsigned short port, unsigned MSVC_LONG *buffer,
                                          unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep insl" : "+D"(buffer), "+c"(left) : "d"(port) : "memory");
}

static __forceinline void __outdwordstring(unsigned short port, unsigned MSVC_LONG *buffer,
                                           unsigned int count)
{
    unsigned __int64 left = count;
    __asm__ __volatile__("rep outsl" : "+S"(buffer), "+c"(left) : "d"(port) : "memory");
}

#endif /* MUSTER_INTRIN_PORT_H */
