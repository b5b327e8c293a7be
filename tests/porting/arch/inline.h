/* SPDX-License-Identifier: MIT */
/*
 * The skeleton of a port: <arch/inline.h> in portable C, for one processor whose priority, flag and
 * doorbell are plain words. machine.c, in the folder above, has the rest of the machine, and
 * kernel.c the kernel around it. Both have what docs/porting.md asks for, and no more.
 */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdbool.h>
#include <stdint.h>

/* struct processor is incomplete here, so only a pointer to it can be kept. */
struct skeleton {
    struct processor *processor;
    uint64_t ticks;
    unsigned irql;
    bool interrupts_enabled;
    bool doorbell;
};

extern struct skeleton skeleton;

/* Takes the doorbell if it was rung and nothing holds it back. */
void skeleton_take_doorbell(void);

static inline struct processor *arch_processor(void)
{
    return skeleton.processor;
}

static inline unsigned arch_irql(void)
{
    return skeleton.irql;
}

static inline void arch_irql_write(unsigned irql)
{
    skeleton.irql = irql;
    skeleton_take_doorbell();
}

static inline bool arch_interrupts_enabled(void)
{
    return skeleton.interrupts_enabled;
}

static inline void arch_interrupts_enable(void)
{
    skeleton.interrupts_enabled = true;
    skeleton_take_doorbell();
}

static inline void arch_interrupts_disable(void)
{
    skeleton.interrupts_enabled = false;
}

static inline uintptr_t arch_interrupts_save(void)
{
    uintptr_t saved = skeleton.interrupts_enabled;
    skeleton.interrupts_enabled = false;
    return saved;
}

static inline void arch_interrupts_restore(uintptr_t saved)
{
    if (saved != 0) {
        arch_interrupts_enable();
    }
}

static inline void arch_relax(void)
{
}

static inline void arch_breakpoint(void)
{
    __builtin_trap();
}

/* No clock: each look is a tick later than the one before. */
static inline uint64_t arch_ticks(void)
{
    return ++skeleton.ticks;
}

static inline bool arch_code_address_valid(uintptr_t address)
{
    return address != 0;
}

#endif
