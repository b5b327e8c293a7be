/*
 * IRQL: the priority of a processor, 0..15. It is the machine's own priority register (arch.h),
 * never a shadow of it (contract P1). A level masks the interrupts of its own class and of those
 * below.
 *
 *   0 PASSIVE  1 APC  2 DISPATCH  3..11 devices  12 SYNCH  13 CLOCK  14 IPI  15 HIGH
 */
#ifndef KERNEL_IRQL_H
#define KERNEL_IRQL_H

#include "kernel/arch.h"

enum irql {
    IRQL_PASSIVE = 0,
    IRQL_APC = 1,
    IRQL_DISPATCH = 2,
    IRQL_DEVICE_FIRST = 3,
    IRQL_SYNCH = 12,
    IRQL_CLOCK = 13,
    IRQL_IPI = 14,
    IRQL_HIGH = 15,
};

/*
 * Sets the IRQL of the current processor, up or down, without a check, and returns the old one.
 * The exported routines check (irql_raise_checked below).
 */
static inline unsigned irql_set(unsigned irql)
{
    unsigned old_irql = arch_irql();
    arch_irql_write(irql);
    return old_irql;
}

/* Raises to `irql` unless the processor is there or above already; returns the old IRQL. */
static inline unsigned irql_raise(unsigned irql)
{
    unsigned old_irql = arch_irql();
    if (old_irql < irql) {
        arch_irql_write(irql);
    }
    return old_irql;
}

/* Goes back to what irql_raise() returned; interrupts held back until now arrive at once. */
static inline void irql_lower(unsigned old_irql)
{
    arch_irql_write(old_irql);
}

/*
 * What the exported routines do (clause B7): a raise to a lower level and a lowering to a higher
 * one are bug checks, with `caller` as the address that did it.
 */
unsigned irql_raise_checked(unsigned irql, uintptr_t caller);
void irql_lower_checked(unsigned irql, uintptr_t caller);

/* Who called the exported routine in which this stands. */
#define IRQL_CALLER ((uintptr_t)__builtin_return_address(0))

#endif
