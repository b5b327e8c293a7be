/* SPDX-License-Identifier: MIT */
/*
 * Changes of the IRQL. It is the machine's own priority register (arch.h), never a shadow of it
 * (contract P1).
 */
#ifndef KERNEL_IRQL_H
#define KERNEL_IRQL_H

#include "kernel/arch.h"

/*
 * Sets the IRQL of the current processor, up or down, unchecked, and returns the old one. The
 * exported routines check (windows/irql_routines.h).
 */
static inline unsigned irql_set(unsigned irql)
{
    unsigned old_irql = arch_irql();
    arch_irql_write(irql);
    return old_irql;
}

/* Raises to `irql`, unless the processor is at it or above already; returns the old IRQL. */
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
