/*
 * The smallest machine that kernel/arch.h can be compiled against: one processor, no interrupts, an
 * IRQL that is a plain variable. For tests of single files of kernel/ that need no more than that;
 * whatever involves several processors is tested on the simulated machine (tests/sim).
 */
#ifndef TESTS_HOST_STUB_ARCH_INLINE_H
#define TESTS_HOST_STUB_ARCH_INLINE_H

extern unsigned stub_irql;

static inline struct processor *arch_processor(void)
{
    return NULL;
}

static inline unsigned arch_irql(void)
{
    return stub_irql;
}

static inline void arch_irql_write(unsigned irql)
{
    stub_irql = irql;
}

static inline bool arch_interrupts_enabled(void)
{
    return true;
}

static inline void arch_interrupts_enable(void)
{
}

static inline void arch_interrupts_disable(void)
{
}

static inline uintptr_t arch_interrupts_save(void)
{
    return 1;
}

static inline void arch_interrupts_restore(uintptr_t saved)
{
    (void)saved;
}

static inline void arch_relax(void)
{
}

static inline uint64_t arch_ticks(void)
{
    return 0;
}

static inline void arch_breakpoint(void)
{
}

static inline bool arch_code_address_valid(uintptr_t address)
{
    return address != 0;
}

#endif
