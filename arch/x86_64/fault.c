/* SPDX-License-Identifier: MIT */
/*
 * Deliberate faults, one of each kind that a worker may cause (contract B5).
 */
#include "arch/x86_64/percpu.h"
#include "kernel/arch.h"

#define UNMAPPED      0x700000001000 /* canonical, in the half that the kernel does not use */
#define NOT_CANONICAL 0x8000000000000000

#define FRAME_SIZE 1024 /* smaller than the guard page, so that the page is hit */
#define FRAMES     1000 /* more than any stack holds */

static void write_to(uintptr_t address)
{
    *(volatile unsigned char *)address = 1;
}

static void execute_no_instruction(void)
{
    __asm__ volatile("ud2");
}

static void divide_by_zero(void)
{
    __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc");
}

static __attribute__((noinline)) unsigned overflow_stack(unsigned depth)
{
    volatile unsigned char frame[FRAME_SIZE];

    frame[0] = (unsigned char)depth;
    return depth == 0 ? frame[0] : overflow_stack(depth - 1) + frame[0];
}

/* The push faults (#SS). Pushing that fault's frame faults too: #DF, which has its own stack. */
static void lose_stack(void)
{
    __asm__ volatile("movq %0, %%rsp\n\tpushq $0" : : "r"((uint64_t)NOT_CANONICAL) : "memory");
}

static void interrupt_self(void)
{
    struct processor_set self = { 0 };

    processor_set_add(&self, percpu_current()->index);
    arch_send_unmaskable(&self);
}

_Noreturn void arch_raise_fault(enum arch_fault fault)
{
    switch (fault) {
    case ARCH_FAULT_PAGE:
        write_to(UNMAPPED);
        break;
    case ARCH_FAULT_PROTECTION:
        write_to(NOT_CANONICAL);
        break;
    case ARCH_FAULT_OPCODE:
        execute_no_instruction();
        break;
    case ARCH_FAULT_DIVIDE:
        divide_by_zero();
        break;
    case ARCH_FAULT_STACK:
        (void)overflow_stack(FRAMES);
        break;
    case ARCH_FAULT_DOUBLE:
        lose_stack();
        break;
    case ARCH_FAULT_NMI:
        interrupt_self();
        break;
    }
    for (;;) {
        arch_relax(); /* the unmaskable interrupt is on its way */
    }
}
