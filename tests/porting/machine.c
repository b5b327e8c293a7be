/* SPDX-License-Identifier: MIT */
/*
 * The machine of the skeleton (arch/inline.h): one processor, in portable C. A port replaces each
 * body; what a body owes is in docs/porting.md.
 */
#include "kernel/arch.h"
#include "kernel/entry.h"

struct skeleton skeleton;

void skeleton_take_doorbell(void)
{
    while (skeleton.interrupts_enabled && skeleton.irql < IRQL_IPI && skeleton.doorbell) {
        skeleton.doorbell = false; /* before anybody looks at the words */
        skeleton.interrupts_enabled = false;
        rendezvous_interrupt();
        skeleton.interrupts_enabled = true;
    }
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    skeleton.doorbell |= processor_set_contains(targets, 0);
    skeleton_take_doorbell();
}

void arch_end_of_interrupt(void)
{
}

void arch_wake(const struct processor_set *targets)
{
    (void)targets;
}

void arch_halt(uint64_t limit_ticks)
{
    (void)limit_ticks;
}

void arch_set_alarm(uint64_t delay_ticks)
{
    (void)delay_ticks;
}

uint64_t arch_ticks_per_ms(void)
{
    return 1000;
}

uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument)
{
    return worker(argument);
}

void arch_serialize(void)
{
}

void arch_flush_tlb(uintptr_t address, size_t pages)
{
    (void)address, (void)pages;
}

void arch_online_changed(const struct processor_set *online)
{
    (void)online;
}
