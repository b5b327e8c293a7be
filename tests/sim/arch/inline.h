/* SPDX-License-Identifier: MIT */
/*
 * The host's side of kernel/arch.h: every short function leads to a function of the simulated
 * machine, which may be a fully simulated processor. The portable part compiles against this
 * unchanged.
 */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdbool.h>
#include <stdint.h>

struct processor *sim_processor(void);
unsigned sim_irql(void);
void sim_irql_write(unsigned irql);
uintptr_t sim_interrupts_save(void);
void sim_interrupts_write(bool enabled);
bool sim_interrupts_enabled(void);
void sim_relax(void);
uint64_t sim_ticks(void);
_Noreturn void sim_breakpoint(void);

static inline struct processor *arch_processor(void)
{
    return sim_processor();
}

static inline unsigned arch_irql(void)
{
    return sim_irql();
}

static inline void arch_irql_write(unsigned irql)
{
    sim_irql_write(irql);
}

static inline uintptr_t arch_interrupts_save(void)
{
    return sim_interrupts_save();
}

static inline void arch_interrupts_restore(uintptr_t saved)
{
    sim_interrupts_write(saved != 0);
}

static inline void arch_interrupts_enable(void)
{
    sim_interrupts_write(true);
}

static inline void arch_interrupts_disable(void)
{
    sim_interrupts_write(false);
}

static inline bool arch_interrupts_enabled(void)
{
    return sim_interrupts_enabled();
}

static inline void arch_relax(void)
{
    sim_relax();
}

static inline uint64_t arch_ticks(void)
{
    return sim_ticks();
}

static inline void arch_breakpoint(void)
{
    sim_breakpoint();
}

static inline bool arch_code_address_valid(uintptr_t address)
{
    return address >= 4096;
}

#endif
