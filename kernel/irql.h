/*
 * IRQL: the priority of a processor, 0..15. It is the machine's own priority register (arch.h), never a
 * shadow of it (contract P1). A level masks the interrupts of its own class and of those below.
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
 * The checked, exported forms are KfRaiseIrql and KeLowerIrql (irql.c).
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

#endif
