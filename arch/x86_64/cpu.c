/* SPDX-License-Identifier: MIT */
/* The control state of a processor, and what CPUID says about it. */
#include "arch/x86_64/cpu.h"

#include "kernel/arch.h"
#include "lib/string.h"

uint32_t cpu_sse_usable;

/*
 * As after reset (WB, WT, UC-, UC, twice), except that entry 6 is WC. The page table entries of
 * device registers use entry 3, those of a framebuffer entry 6.
 */
#define PAT_DEFAULT 0x0001040600070406

#define CPUID1_EDX_PGE        (1u << 13)
#define CPUID1_EDX_PAT        (1u << 16)
#define CPUID1_EDX_FXSR       (1u << 24)
#define CPUID1_EDX_SSE        (1u << 25)
#define CPUID1_ECX_HYPERVISOR (1u << 31)
#define CPUID7_EBX_SMEP       (1u << 7)
#define CPUID7_EBX_SMAP       (1u << 20)
#define CPUID7_ECX_UMIP       (1u << 2)
#define CPUID_ADDRESS_SIZES   0x80000008
#define LEAST_PHYSICAL_BITS   36 /* assumed if the processor does not state its width */

static unsigned left_out;

void cpu_leave_out(enum cpu_feature feature)
{
    left_out |= feature;
}

static bool has_sse(const struct cpuid *basic)
{
    return basic->edx & CPUID1_EDX_FXSR && basic->edx & CPUID1_EDX_SSE && !(left_out & CPU_SSE);
}

static uint64_t wanted_cr4(void)
{
    struct cpuid basic = cpu_id(1, 0);
    uint64_t cr4 = CR4_PAE | CR4_MCE;

    cr4 |= basic.edx & CPUID1_EDX_PGE ? CR4_PGE : 0;
    if (has_sse(&basic)) {
        cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    }
    if (cpu_id(0, 0).eax >= 7 && !(left_out & CPU_SUPERVISOR_PROTECTION)) {
        struct cpuid extended = cpu_id(7, 0);
        cr4 |= extended.ebx & CPUID7_EBX_SMEP ? CR4_SMEP : 0;
        cr4 |= extended.ebx & CPUID7_EBX_SMAP ? CR4_SMAP : 0;
        cr4 |= extended.ecx & CPUID7_ECX_UMIP ? CR4_UMIP : 0;
    }
    return cr4;
}

void cpu_start(void)
{
    uint64_t cr4 = wanted_cr4();
    uint32_t mxcsr = MXCSR_DEFAULT;

    __asm__ volatile("movq %0, %%cr0" : : "r"((uint64_t)CR0_KERNEL) : "memory");
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4) : "memory");
    if (cpu_id(1, 0).edx & CPUID1_EDX_PAT) {
        cpu_write_msr(MSR_PAT, PAT_DEFAULT);
    }
    if (cr4 & CR4_OSFXSR) {
        __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
        cpu_sse_usable = 1;
    }
}

unsigned cpu_physical_address_bits(void)
{
    if (cpu_id(CPUID_EXTENDED_MAX, 0).eax < CPUID_ADDRESS_SIZES) {
        return LEAST_PHYSICAL_BITS;
    }
    return cpu_id(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
}

/* Is this the processor's vendor string? CPUID leaf 0 returns it in three registers. */
static bool vendor_is(const char *vendor)
{
    struct cpuid id = cpu_id(0, 0);
    return memcmp(&id.ebx, vendor, 4) == 0 && memcmp(&id.edx, vendor + 4, 4) == 0 &&
           memcmp(&id.ecx, vendor + 8, 4) == 0;
}

bool cpu_orders_x2apic_writes(void)
{
    return vendor_is("AuthenticAMD") || vendor_is("HygonGenuine");
}

bool arch_hypervisor_present(void)
{
    return (cpu_id(1, 0).ecx & CPUID1_ECX_HYPERVISOR) != 0;
}

const char *cpu_hypervisor_signature(void)
{
    static char signature[13];

    if (arch_hypervisor_present()) {
        struct cpuid id = cpu_id(CPUID_HYPERVISOR, 0);
        memcpy(signature, &id.ebx, 4);
        memcpy(signature + 4, &id.ecx, 4);
        memcpy(signature + 8, &id.edx, 4);
    }
    return signature;
}
