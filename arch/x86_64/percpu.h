/* SPDX-License-Identifier: MIT */
/*
 * The machine's part of a processor: descriptors and stacks.
 */
#ifndef ARCH_X86_64_PERCPU_H
#define ARCH_X86_64_PERCPU_H

#include "arch/x86_64/regs.h"
#include "kernel/arch.h"

/* Source: Intel SDM vol. 3A, "TSS in 64-bit Mode". */
struct __attribute__((packed)) task_state {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map_base;
};

struct percpu {
    struct percpu *self;         /* PERCPU_SELF */
    struct processor *processor; /* PERCPU_PROCESSOR: the portable structure */
    uintptr_t stack_top;         /* PERCPU_STACK_TOP */
    uintptr_t worker_stack_top; /* PERCPU_WORKER_STACK_TOP: workers do not nest, so one is enough */
    uint64_t gdt[5];            /* null, code, data, and two slots of the task state segment */
    struct task_state task;
    unsigned index; /* of the processor; PROCESSOR_UNNUMBERED until it has one */
};

_Static_assert(offsetof(struct percpu, self) == PERCPU_SELF, "assembly relies on it");
_Static_assert(offsetof(struct percpu, processor) == PERCPU_PROCESSOR, "assembly relies on it");
_Static_assert(offsetof(struct percpu, worker_stack_top) == PERCPU_WORKER_STACK_TOP,
               "assembly relies on it");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK_TOP, "assembly relies on it");

/* The boot processor's, valid from the first line of C. */
extern struct percpu boot_percpu;

/* The structure of the processor that runs this. */
static inline struct percpu *percpu_current(void)
{
    struct percpu *percpu;
    __asm__("movq %%gs:%c1, %0" : "=r"(percpu) : "i"(PERCPU_SELF));
    return percpu;
}

/*
 * Creates memory, stacks (each above a guard page) and descriptors for one more processor; NULL if
 * memory is short. percpu_complete() creates the boot processor's other stacks.
 */
struct percpu *percpu_create(void);
int percpu_complete(struct percpu *percpu);

/* Before memory_start(): enough for traps and the log on the boot processor. */
void descriptors_start_boot(void);

/* Makes `percpu` the structure of the processor that runs this: loads GDT, IDT, TSS and GS. */
void descriptors_load(struct percpu *percpu);

/*
 * From now on debug exceptions have a stack of their own on this processor, and no valid stack on
 * the others. For the processor that reports a bug check: it steps through code whose own stack may
 * be full.
 */
void descriptors_separate_debug(void);

#endif
