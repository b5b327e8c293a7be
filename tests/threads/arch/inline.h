/* SPDX-License-Identifier: MIT */
/*
 * The short half of kernel/arch.h where a processor is a thread (tests/threads/machine.c describes
 * how that works). The priority and the interrupt flag are words of the thread: a change that
 * admits interrupts checks for one that was held back.
 */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A processor's own data. Others ring its doorbell; the tests read its priority. */
struct machine_cpu {
    struct processor *processor;
    uint64_t ahead_ticks; /* its clock's lead over the host's; modulo 2^64 */
    _Atomic unsigned irql;
    _Atomic bool interrupts_enabled;

    /* Rung and not yet taken; release: what the sender stored before. 32 bits, since some
     * machines have no instruction that exchanges fewer. */
    _Atomic uint32_t doorbell;
};

extern _Thread_local struct machine_cpu *machine_cpu;

/*
 * For tests of a preemptive kernel, NULL in others; one for each thread. It is called where a move
 * to another processor (see machine_exchange()) matters: after the code has asked which processor
 * it is on, and before it changes the priority; below DISPATCH_LEVEL, interrupts enabled.
 */
extern _Thread_local void (*machine_preempt)(void);

/* Takes the doorbell if it was rung and is not held back. */
void machine_take_doorbell(void);

/* The host's clock, in nanoseconds; its zero is arbitrary. */
static inline uint64_t machine_host_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Yields the host's processor to another thread. */
void machine_yield(void);

static inline void machine_may_preempt(void)
{
    if (machine_preempt != NULL && arch_irql() < IRQL_DISPATCH && arch_interrupts_enabled()) {
        machine_preempt();
    }
}

static inline struct processor *arch_processor(void)
{
    struct processor *processor = machine_cpu->processor;
    machine_may_preempt();
    return processor;
}

static inline unsigned arch_irql(void)
{
    return atomic_load_explicit(&machine_cpu->irql, memory_order_relaxed);
}

static inline void arch_irql_write(unsigned irql)
{
    machine_may_preempt();
    atomic_store_explicit(&machine_cpu->irql, irql, memory_order_relaxed);
    machine_take_doorbell();
}

static inline bool arch_interrupts_enabled(void)
{
    return atomic_load_explicit(&machine_cpu->interrupts_enabled, memory_order_relaxed);
}

static inline void arch_interrupts_enable(void)
{
    atomic_store_explicit(&machine_cpu->interrupts_enabled, true, memory_order_relaxed);
    machine_take_doorbell();
}

static inline void arch_interrupts_disable(void)
{
    atomic_store_explicit(&machine_cpu->interrupts_enabled, false, memory_order_relaxed);
}

static inline uintptr_t arch_interrupts_save(void)
{
    uintptr_t saved = arch_interrupts_enabled();
    arch_interrupts_disable();
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
    machine_yield();
}

static inline void arch_breakpoint(void)
{
    __builtin_trap();
}

/* Nanoseconds. */
static inline uint64_t arch_ticks(void)
{
    return machine_host_ns() + machine_cpu->ahead_ticks;
}

static inline bool arch_code_address_valid(uintptr_t address)
{
    return address >= 4096;
}

#endif
