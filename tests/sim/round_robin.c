/* SPDX-License-Identifier: MIT */
/*
 * The smallest driver of the simulated machine: the processors take turns, one access each, memory
 * is sequentially consistent, and interrupts are taken as soon as possible. It makes one call from
 * each processor and prints how many steps that took. Read it before the schedule explorer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wdm.h>

#include "tests/sim/sim.h"

#define PROCESSORS 3
#define STEP_LIMIT 100000

static unsigned runs;

static ULONG_PTR NTAPI count_run(ULONG_PTR context)
{
    runs++;
    return context + sim_self->index;
}

static void call_once(unsigned processor)
{
    if (KeIpiGenericCall(count_run, 100) != 100 + processor) {
        printf("processor %u was given another's value\n", processor);
        exit(1);
    }
}

/* A step ends here; an interrupt that can be taken is taken. */
static void step(void)
{
    sim_yield();
    for (unsigned class; (class = sim_deliverable(sim_self)) != 0;) {
        sim_deliver(class);
    }
}

uint64_t sim_on_access(const struct sim_access *access)
{
    step();
    return sim_perform(access);
}

void sim_on_plain(void *address, unsigned size, bool writes, const void *pc)
{
    (void)address, (void)size, (void)writes, (void)pc;
}

void sim_on_fence(int order, const void *pc)
{
    (void)order, (void)pc;
}

void sim_on_function(const void *pc)
{
    (void)pc;
}

void sim_on_relax(void)
{
    step();
}

uint64_t sim_on_ticks(void)
{
    return 1;
}

void sim_on_send(const struct processor_set *targets, unsigned class)
{
    processor_set_for_each(processor, targets) {
        sim_post(processor, class);
    }
}

void sim_on_unmask(void)
{
}

void sim_on_return(void)
{
}

void sim_on_mask(void)
{
}

/* No routine lasts long here. */
void sim_on_set_alarm(uint64_t delay_ticks)
{
    (void)delay_ticks;
}

void sim_on_halt(uint64_t limit_ticks)
{
    (void)limit_ticks;
    while ((sim_self->pending & SIM_CLASS_BIT(SIM_CLASS_WAKE)) == 0) {
        sim_yield();
    }
    sim_self->pending &= (uint16_t)~SIM_CLASS_BIT(SIM_CLASS_WAKE);
}

void sim_on_idle(void)
{
    step();
}

void sim_on_serialize(void)
{
}

void sim_on_worker(arch_worker *worker, uintptr_t argument, bool begins)
{
    (void)worker, (void)argument, (void)begins;
}

void sim_on_result(const struct rendezvous_result *result)
{
    (void)result;
}

void sim_on_trace(enum trace_event event, uint64_t value)
{
    (void)event, (void)value;
}

void sim_on_ask(const struct processor_set *suspects)
{
    (void)suspects;
}

void sim_on_forget(unsigned processor)
{
    (void)processor;
}

void sim_on_log(const char *text)
{
    (void)text;
}

void sim_on_flush_tlb(uintptr_t address, size_t pages)
{
    (void)address, (void)pages;
}

_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit)
{
    printf("bug check 0x%x, parameter 0x%llx, processor %u\n", code, (unsigned long long)parameter,
           culprit);
    exit(1);
}

int main(void)
{
    unsigned steps = 0, running = PROCESSORS;

    sim_create(PROCESSORS);
    for (unsigned i = 0; i < PROCESSORS; i++) {
        sim_start(i, call_once);
    }
    while (running != 0 && steps < STEP_LIMIT) {
        running = 0;
        for (unsigned i = 0; i < PROCESSORS; i++) {
            sim_run(i);
            steps++;
            running += sim_cpus[i].running;
        }
    }
    printf("round_robin processors=%u runs=%u steps=%u status=%s\n", PROCESSORS, runs, steps,
           running == 0 && runs == PROCESSORS * PROCESSORS ? "ok" : "failed");
    return running != 0 || runs != PROCESSORS * PROCESSORS;
}
