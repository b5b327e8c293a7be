/* SPDX-License-Identifier: MIT */
/*
 * The inline part of kernel/arch.h for x86-64. IRQL is CR8 (contract P1).
 */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"

/*
 * GS points to struct percpu, which has a pointer to the portable part.
 */
static inline struct processor *arch_processor(void)
{
    struct processor *processor;
    __asm__("movq %%gs:%c1, %0" : "=r"(processor) : "i"(PERCPU_PROCESSOR));
    return processor;
}

static inline unsigned arch_irql(void)
{
    uint64_t irql;
    __asm__ volatile("movq %%cr8, %0" : "=r"(irql));
    return (unsigned)irql;
}

/* The clobber keeps the compiler from moving memory accesses across a change of priority. */
static inline void arch_irql_write(unsigned irql)
{
    __asm__ volatile("movq %0, %%cr8" : : "r"((uint64_t)irql) : "memory");
}

static inline uintptr_t arch_interrupts_save(void)
{
    uintptr_t rflags;
    __asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(rflags) : : "memory");
    return rflags & RFLAGS_IF;
}

static inline void arch_interrupts_enable(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void arch_interrupts_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void arch_interrupts_restore(uintptr_t saved)
{
    if (saved != 0) {
        arch_interrupts_enable();
    }
}

static inline bool arch_interrupts_enabled(void)
{
    uintptr_t rflags;
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(rflags));
    return (rflags & RFLAGS_IF) != 0;
}

static inline void arch_relax(void)
{
    __asm__ volatile("pause" : : : "memory");
}

static inline void arch_breakpoint(void)
{
    __asm__ volatile("int3");
}

static inline uint64_t arch_ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* A canonical 48-bit address outside the first page. */
static inline bool arch_code_address_valid(uintptr_t address)
{
    int64_t sign = (int64_t)address >> 47;
    return address >= 4096 && (sign == 0 || sign == -1);
}

#endif
