/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's registers, and the two ways to reach them. For lapic*.c and the tests of the
 * APIC.
 *
 * Source: Intel SDM vol. 3A, "Local APIC Register Address Map", "x2APIC Register Address Space".
 */
#ifndef ARCH_X86_64_LAPIC_REGISTERS_H
#define ARCH_X86_64_LAPIC_REGISTERS_H

#include <stdint.h>

#include "arch/x86_64/regs.h"

/* Registers by their offset in the xAPIC page; the x2APIC's MSR is 0x800 + offset / 16. */
enum lapic_register {
    LAPIC_ID = LAPIC_ID_OFFSET,
    LAPIC_VERSION = 0x030,
    LAPIC_TPR = 0x080, /* task priority: CR8 is its bits 7:4 */
    LAPIC_PPR = 0x0a0, /* processor priority: bits 7:4 are the highest class held back */
    LAPIC_EOI = 0x0b0,
    LAPIC_LDR = 0x0d0,      /* logical destination: in x2APIC mode read-only, derived from the id */
    LAPIC_SPURIOUS = 0x0f0, /* spurious vector; bit 8 enables the APIC */
    LAPIC_ISR = 0x100,      /* in service, 8 registers of 32 vectors */
    LAPIC_IRR = 0x200,      /* requested, likewise */
    LAPIC_ESR = 0x280,      /* errors; write, then read */
    LAPIC_LVT_CMCI = 0x2f0,
    LAPIC_ICR_LOW = 0x300,
    LAPIC_ICR_HIGH = 0x310,
    LAPIC_LVT_TIMER = 0x320,
    LAPIC_LVT_THERMAL = 0x330,
    LAPIC_LVT_PERFORMANCE = 0x340,
    LAPIC_LVT_LINT0 = 0x350,
    LAPIC_LVT_LINT1 = 0x360,
    LAPIC_LVT_ERROR = 0x370,
    LAPIC_TIMER_INITIAL = 0x380,
    LAPIC_TIMER_CURRENT = 0x390,
    LAPIC_TIMER_DIVIDE = 0x3e0,
    LAPIC_SELF_IPI = 0x3f0, /* x2APIC mode only: a vector, sent to this processor */
};

/* A mode: how to read and write registers, and how to send a message. */
struct lapic_operations {
    const char *name;
    uint32_t (*read)(enum lapic_register reg);
    void (*write)(enum lapic_register reg, uint32_t value);
    void (*send)(uint32_t destination, uint32_t message);
    unsigned id_shift; /* the position of the id in its register */
};

/* The mode of every processor; NULL until lapic_start_boot(). */
extern const struct lapic_operations *lapic;

/* Brings this processor into the common mode. Returns 0, or -1 if there is no legal step to it. */
int lapic_join_mode(void);

#endif
