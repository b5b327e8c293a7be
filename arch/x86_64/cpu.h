/* SPDX-License-Identifier: MIT */
/*
 * Instructions that C cannot express, and the control state of every processor.
 */
#ifndef ARCH_X86_64_CPU_H
#define ARCH_X86_64_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpu_id(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid id;
    __asm__ volatile("cpuid"
                     : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
                     : "a"(leaf), "c"(subleaf));
    return id;
}

static inline uint64_t cpu_read_msr(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline uint8_t cpu_in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %w1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t cpu_in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void cpu_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %w1" : : "a"(value), "Nd"(port));
}

static inline uint64_t cpu_read_cr2(void)
{
    uint64_t value;
    __asm__ volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint64_t cpu_read_cr3(void)
{
    uint64_t value;
    __asm__ volatile("movq %%cr3, %0" : "=r"(value));
    return value;
}

static inline void cpu_write_cr3(uint64_t value)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline void cpu_flush_page(uintptr_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* MFENCE makes earlier stores visible; LFENCE keeps the following WRMSR from passing it. */
static inline void cpu_fence_before_message(void)
{
    __asm__ volatile("mfence\n\tlfence" : : : "memory");
}

/* Device registers. These are the only volatile accesses: each of them must happen. */
static inline uint32_t mmio_read32(uintptr_t address)
{
    return *(const volatile uint32_t *)address;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

/* Features that the user may turn off. cpu_leave_out() is called before cpu_start(). */
enum cpu_feature {
    CPU_SSE = 1,
    CPU_SUPERVISOR_PROTECTION = 2, /* SMEP, SMAP, UMIP */
};
void cpu_leave_out(enum cpu_feature feature);

/* Sets up CR0, CR4 and the floating-point unit, in the same way on every processor. */
void cpu_start(void);

/* May SSE registers be used? Then they are saved around workers (entry.S). */
extern uint32_t cpu_sse_usable;

/* The width of a physical address; higher bits in a page table entry are reserved. */
unsigned cpu_physical_address_bits(void);

/* Are x2APIC register writes ordered after earlier stores? Only if the vendor's manual says so. */
bool cpu_orders_x2apic_writes(void);

/* The hypervisor's signature, 12 characters and a NUL; empty without a hypervisor. */
const char *cpu_hypervisor_signature(void);

#endif
