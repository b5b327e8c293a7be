/* SPDX-License-Identifier: MIT */
/*
 * Processor registers and privileged instructions: control, debug and model-specific registers,
 * descriptor tables, flags, CPUID, time stamp counter, GS-relative memory, TLB and caches.
 *
 * Writes are compiler barriers: no memory access moves across them.
 *
 * Source: Microsoft C/C++ reference, "Compiler intrinsics", pages of the names used here.
 */
#ifndef MUSTER_INTRIN_REGISTERS_H
#define MUSTER_INTRIN_REGISTERS_H

#include "../msvc_dialect.h"

/* Control registers. CR8 is the IRQL. */
static __forceinline unsigned __int64 __readcr0(void)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%cr0, %0" : "=r"(value) : : "memory");
    return value;
}

static __forceinline void __writecr0(unsigned __int64 value)
{
    __asm__ __volatile__("movq %0, %%cr0" : : "r"(value) : "memory");
}

static __forceinline unsigned __int64 __readcr2(void)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%cr2, %0" : "=r"(value) : : "memory");
    return value;
}

static __forceinline void __writecr2(unsigned __int64 value)
{
    __asm__ __volatile__("movq %0, %%cr2" : : "r"(value) : "memory");
}

static __forceinline unsigned __int64 __readcr3(void)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%cr3, %0" : "=r"(value) : : "memory");
    return value;
}

static __forceinline void __writecr3(unsigned __int64 value)
{
    __asm__ __volatile__("movq %0, %%cr3" : : "r"(value) : "memory");
}

static __forceinline unsigned __int64 __readcr4(void)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%cr4, %0" : "=r"(value) : : "memory");
    return value;
}

static __forceinline void __writecr4(unsigned __int64 value)
{
    __asm__ __volatile__("movq %0, %%cr4" : : "r"(value) : "memory");
}

static __forceinline unsigned __int64 __readcr8(void)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%cr8, %0" : "=r"(value) : : "memory");
    return value;
}

static __forceinline void __writecr8(unsigned __int64 value)
{
    __asm__ __volatile__("movq %0, %%cr8" : : "r"(value) : "memory");
}

/* Debug registers 0-3, 6 and 7. The number must be a constant; any other number reads as 0. */
static __forceinline unsigned __int64 __readdr(unsigned int number)
{
    unsigned __int64 value = 0;
    switch (number) {
    case 0:
        __asm__ __volatile__("movq %%db0, %0" : "=r"(value));
        break;
    case 1:
        __asm__ __volatile__("movq %%db1, %0" : "=r"(value));
        break;
    case 2:
        __asm__ __volatile__("movq %%db2, %0" : "=r"(value));
        break;
    case 3:
        __asm__ __volatile__("movq %%db3, %0" : "=r"(value));
        break;
    case 6:
        __asm__ __volatile__("movq %%db6, %0" : "=r"(value));
        break;
    case 7:
        __asm__ __volatile__("movq %%db7, %0" : "=r"(value));
        break;
    default:
        break;
    }
    return value;
}

static __forceinline void __writedr(unsigned int number, unsigned __int64 value)
{
    switch (number) {
    case 0:
        __asm__ __volatile__("movq %0, %%db0" : : "r"(value) : "memory");
        break;
    case 1:
        __asm__ __volatile__("movq %0, %%db1" : : "r"(value) : "memory");
        break;
    case 2:
        __asm__ __volatile__("movq %0, %%db2" : : "r"(value) : "memory");
        break;
    case 3:
        __asm__ __volatile__("movq %0, %%db3" : : "r"(value) : "memory");
        break;
    case 6:
        __asm__ __volatile__("movq %0, %%db6" : : "r"(value) : "memory");
        break;
    case 7:
        __asm__ __volatile__("movq %0, %%db7" : : "r"(value) : "memory");
        break;
    default:
        break;
    }
}

/* Model-specific registers, extended control registers, performance counters. */
static __forceinline unsigned __int64 __readmsr(unsigned int msr)
{
    unsigned int low, high;
    __asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return ((unsigned __int64)high << 32) | low;
}

static __forceinline void __writemsr(unsigned int msr, unsigned __int64 value)
{
    unsigned int low = (unsigned int)value, high = (unsigned int)(value >> 32);
    __asm__ __volatile__("wrmsr" : : "c"(msr), "a"(low), "d"(high) : "memory");
}

static __forceinline unsigned __int64 _xgetbv(unsigned int xcr)
{
    unsigned int low, high;
    __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(xcr));
    return ((unsigned __int64)high << 32) | low;
}

static __forceinline void _xsetbv(unsigned int xcr, unsigned __int64 value)
{
    unsigned int low = (unsigned int)value, high = (unsigned int)(value >> 32);
    __asm__ __volatile__("xsetbv" : : "c"(xcr), "a"(low), "d"(high) : "memory");
}

static __forceinline unsigned __int64 __readpmc(unsigned int counter)
{
    unsigned int low, high;
    __asm__ __volatile__("rdpmc" : "=a"(low), "=d"(high) : "c"(counter));
    return ((unsigned __int64)high << 32) | low;
}

/* CPUID: EAX, EBX, ECX and EDX go to info[0] to info[3]. */
static __forceinline void __cpuidex(int info[4], int leaf, int subleaf)
{
    __asm__ __volatile__("cpuid"
                         : "=a"(info[0]), "=b"(info[1]), "=c"(info[2]), "=d"(info[3])
                         : "a"(leaf), "c"(subleaf));
}

static __forceinline void __cpuid(int info[4], int leaf)
{
    __cpuidex(info, leaf, 0);
}

/* Time stamp counter. Not ordered against other instructions. */
static __forceinline unsigned __int64 __rdtsc(void)
{
    unsigned int low, high;
    __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
    return ((unsigned __int64)high << 32) | low;
}

/* The same after all earlier instructions; IA32_TSC_AUX goes to *aux. */
static __forceinline unsigned __int64 __rdtscp(unsigned int *aux)
{
    unsigned int low, high;
    __asm__ __volatile__("rdtscp" : "=a"(low), "=d"(high), "=c"(*aux));
    return ((unsigned __int64)high << 32) | low;
}

/* RFLAGS and the interrupt flag */
static __forceinline unsigned __int64 __readeflags(void)
{
    return __builtin_ia32_readeflags_u64();
}

static __forceinline void __writeeflags(unsigned __int64 value)
{
    __builtin_ia32_writeeflags_u64(value);
}

static __forceinline void _disable(void)
{
    __asm__ __volatile__("cli" : : : "memory");
}

static __forceinline void _enable(void)
{
    __asm__ __volatile__("sti" : : : "memory");
}

/* Descriptor table registers. The operand is 10 bytes: a 16-bit limit, then a 64-bit base. */
static __forceinline void __sidt(void *destination)
{
    __asm__ __volatile__("sidt %0" : "=m"(*(char(*)[10])destination));
}

static __forceinline void _sgdt(void *destination)
{
    __asm__ __volatile__("sgdt %0" : "=m"(*(char(*)[10])destination));
}

static __forceinline void __lidt(void *source)
{
    __asm__ __volatile__("lidt %0" : : "m"(*(const char(*)[10])source) : "memory");
}

static __forceinline void _lgdt(void *source)
{
    __asm__ __volatile__("lgdt %0" : : "m"(*(const char(*)[10])source) : "memory");
}

/* Memory at an offset from the GS base */
static __forceinline unsigned char __readgsbyte(unsigned int offset)
{
    unsigned char value;
    __asm__ __volatile__("movb %%gs:(%1), %0"
                         : "=q"(value)
                         : "r"((unsigned __int64)offset)
                         : "memory");
    return value;
}

static __forceinline void __writegsbyte(unsigned int offset, unsigned char value)
{
    __asm__ __volatile__("movb %1, %%gs:(%0)"
                         :
                         : "r"((unsigned __int64)offset), "q"(value)
                         : "memory");
}

static __forceinline unsigned short __readgsword(unsigned int offset)
{
    unsigned short value;
    __asm__ __volatile__("movw %%gs:(%1), %0"
                         : "=r"(value)
                         : "r"((unsigned __int64)offset)
                         : "memory");
    return value;
}

static __forceinline void __writegsword(unsigned int offset, unsigned short value)
{
    __asm__ __volatile__("movw %1, %%gs:(%0)"
                         :
                         : "r"((unsigned __int64)offset), "r"(value)
                         : "memory");
}

static __forceinline unsigned int __readgsdword(unsigned int offset)
{
    unsigned int value;
    __asm__ __volatile__("movl %%gs:(%1), %0"
                         : "=r"(value)
                         : "r"((unsigned __int64)offset)
                         : "memory");
    return value;
}

static __forceinline void __writegsdword(unsigned int offset, unsigned int value)
{
    __asm__ __volatile__("movl %1, %%gs:(%0)"
                         :
                         : "r"((unsigned __int64)offset), "r"(value)
                         : "memory");
}

static __forceinline unsigned __int64 __readgsqword(unsigned int offset)
{
    unsigned __int64 value;
    __asm__ __volatile__("movq %%gs:(%1), %0"
                         : "=r"(value)
                         : "r"((unsigned __int64)offset)
                         : "memory");
    return value;
}

static __forceinline void __writegsqword(unsigned int offset, unsigned __int64 value)
{
    __asm__ __volatile__("movq %1, %%gs:(%0)"
                         :
                         : "r"((unsigned __int64)offset), "r"(value)
                         : "memory");
}

/* TLB and caches */
static __forceinline void __invlpg(void *address)
{
    __asm__ __volatile__("invlpg (%0)" : : "r"(address) : "memory");
}

static __forceinline void __wbinvd(void)
{
    __asm__ __volatile__("wbinvd" : : : "memory");
}

static __forceinline void _mm_clflush(const void *address)
{
    __asm__ __volatile__("clflush (%0)" : : "r"(address) : "memory");
}

#endif /* MUSTER_INTRIN_REGISTERS_H */
