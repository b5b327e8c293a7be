/*
 * The doorbells as the kernel rings them: those of the machine (arch.h), unless a test has them go
 * astray.
 */
#ifndef KERNEL_DOORBELL_H
#define KERNEL_DOORBELL_H

#include "kernel/inject.h"

/* arch_ring_doorbell() */
static inline void doorbell_ring(const struct processor_set *targets)
{
    if (inject_hooks != NULL) {
        inject_hooks->ring(targets);
    } else {
        arch_ring_doorbell(targets);
    }
}

/* arch_wake() */
static inline void doorbell_wake(const struct processor_set *targets)
{
    if (inject_hooks != NULL) {
        inject_hooks->wake(targets);
    } else {
        arch_wake(targets);
    }
}

#endif
