/* SPDX-License-Identifier: MIT */
/*
 * Replaces arch/x86_64/cpu.h in a host test that is compiled with this folder first in the include
 * path: the instructions become functions of the test.
 */
#ifndef ARCH_X86_64_CPU_H
#define ARCH_X86_64_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

struct cpuid cpu_id(uint32_t leaf, uint32_t subleaf);
uint64_t cpu_read_msr(uint32_t msr);
void cpu_write_msr(uint32_t msr, uint64_t value);
uint32_t mmio_read32(uintptr_t address);
void mmio_write32(uintptr_t address, uint32_t value);
void cpu_fence_before_message(void);
bool cpu_orders_x2apic_writes(void);

#endif
