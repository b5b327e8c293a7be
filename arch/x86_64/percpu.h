/* SPDX-License-Identifier: MIT */
/*
 * What a processor needs from the machine: descriptors and stacks.
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
    unsigned index; /* the processor's; PROCESSOR_UNNUMBERED until it has one */
};

_Static_assert(offsetof(struct percpu, self) == PERCPU_SELF, "assembly relies on it");
_Static_assert(offsetof(struct percpu, processor) == PERCPU_PROCESSOR, "assembly relies on it");
_Static_assert(offsetof(struct percpu, worker_stack_top) == PERCPU_WORKER_STACK_TOP,
               "assembly relies on it");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK_TOP, "assembly relies on it");

/* The boot processor's, there from the first line of C. */
extern struct percpu boot_percpu;

/* That of the processor that runs this. */
static inline struct percpu *percpu_current(void)
{
    struct percpu *percpu;
    __asm__("movq %%gs:%c1, %0" : "=r"(percpu) : "i"(PERCPU_SELF));
    return percpu;
}

/*
 * Memory, stacks (each with a guard page beneath) and descriptors for one more processor; NULL when
 * memory is short. The boot processor's other stacks are made by percpu_complete().
 */
struct percpu *percpu_create(void);
int percpu_complete(struct percpu *percpu);

/* Before memory: enough for traps and the log on the boot processor. */
void descriptors_start_boot(void);

/* Makes `percpu` the current processor's: GDT, IDT, TSS, GS. Run by that processor. */
void descriptors_load(struct percpu *percpu);

/*
 * From now on debug exceptions have a stack of their own on this processor, and none on all others:
 * for the one that reports a bug check, to step through code whose own stack may be full.
 */
void descriptors_separate_debug(void);

#endif
