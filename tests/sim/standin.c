/* SPDX-License-Identifier: MIT */
/*
 * Stand-ins for the neighbours of the simulated sources, shared by the explorer and the cost model:
 * they pass what they are given on to the driver.
 */
#include "kernel/upcall.h"
#include "tests/sim/sim.h"

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    (void)p2, (void)p3, (void)p4;
    sim_on_bugcheck(code, p1, sim_self->index);
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    sim_on_bugcheck(BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, 0, processor);
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    (void)machine_frame;
    bugcheck_timeout(processor);
}

void evidence_ask(const struct processor_set *suspects)
{
    sim_on_ask(suspects);
}

void evidence_forget(unsigned processor)
{
    sim_on_forget(processor);
}

void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks)
{
    (void)missing, (void)generation, (void)sent_ticks;
}

void verdict_print_all(void)
{
}
