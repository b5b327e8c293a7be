/* SPDX-License-Identifier: MIT */
/* The hooks of the simulated machine, each with its price. */
#include <err.h>
#include <stdlib.h>

#include "tests/sim/cost/access.h"
#include "tests/sim/sim.h"

static bool is_own_stack(const struct cpu *cpu, uintptr_t address)
{
    struct sim_range stack = sim_stack((unsigned)(cpu - cpus));
    return address - (uintptr_t)stack.base < stack.size;
}

/* Before the first processor runs, the machine is under construction, which costs nothing. */
static bool is_building(void)
{
    return sim_self == NULL;
}

/* No other processor reads a stack: its lines stay where they are. */
void sim_on_plain(void *address, unsigned size, bool writes, const void *pc)
{
    uintptr_t first = (uintptr_t)address;

    if (is_building()) {
        return;
    }
    struct cpu *cpu = cpu_self();
    if (is_own_stack(cpu, first)) {
        cpu_work(cpu, CPU_STEP_NS, NULL, (uintptr_t)pc);
        return;
    }
    for (uintptr_t at = first; at < first + size; at = (at / CACHE_LINE + 1) * CACHE_LINE) {
        (writes ? access_store : access_load)(cpu, at, (uintptr_t)pc);
    }
}

uint64_t sim_on_access(const struct sim_access *access)
{
    uintptr_t address = (uintptr_t)access->address, pc = (uintptr_t)access->pc;

    if (is_building()) {
        return sim_perform(access);
    }
    struct cpu *cpu = cpu_self();
    if (access->operation == SIM_LOAD) {
        access_load(cpu, address, pc);
    } else if (access->operation == SIM_STORE && access->order != __ATOMIC_SEQ_CST) {
        access_store(cpu, address, pc);
    } else {
        access_update(cpu, address, pc); /* a store with full order is an exchange */
    }
    return sim_perform(access);
}

/* The weaker fences only restrain the compiler: x86 orders enough without them. */
void sim_on_fence(int order, const void *pc)
{
    struct cpu *cpu = cpu_self();
    if (order == __ATOMIC_SEQ_CST) {
        access_drain(cpu);
        cpu_work(cpu, CPU_FENCE_NS, "fence", (uintptr_t)pc);
    }
}

void sim_on_function(const void *pc)
{
    (void)pc;
}

void sim_on_relax(void)
{
    access_await_change(cpu_self());
}

uint64_t sim_on_ticks(void)
{
    struct cpu *cpu = cpu_self();
    cpu_work(cpu, CPU_CLOCK_NS, "clock", 0);
    return cpu->now_ns;
}

/* ---- interrupts ---- */

/* One write of the command register; returns when the interrupt arrives. */
static struct gate write_icr(struct cpu *cpu, uint32_t peer)
{
    struct gate sent = { .ns = cpu->now_ns + cpu_machine->icr_ns };
    sent.event = cpu_event(cpu, EVENT_ICR, cpu_here(cpu), sent.ns, 0);
    path_event(sent.event)->peer = peer;
    cpu_wait(cpu, sent);

    struct gate arrival = { .ns = sent.ns + cpu_machine->delivery_ns };
    arrival.event = cpu_event(cpu, EVENT_IPI, sent, arrival.ns, 0);
    path_event(arrival.event)->peer = peer;
    return arrival;
}

/* One write for all others, by the shorthand, and one for each target of a smaller set. */
void sim_on_send(const struct processor_set *targets, unsigned class)
{
    struct cpu *cpu = cpu_self();
    struct processor_set others;

    if (class != SIM_CLASS_IPI) {
        errx(1, "the cost model knows no wait that halts");
    }
    access_drain(cpu);
    processor_set_copy(&others, &processors_online);
    processor_set_remove(&others, sim_self->index);
    bool shorthand = processor_set_equal(targets, &others);
    struct gate arrival = { 0 };
    if (shorthand && sim_count > 1) {
        arrival = write_icr(cpu, PATH_EVERYBODY);
    }
    processor_set_for_each(processor, targets) {
        cpu_ring(&cpus[processor], shorthand ? arrival : write_icr(cpu, processor));
    }
}

/* The change shows which operation it was. */
void sim_on_unmask(void)
{
    struct cpu *cpu = cpu_self();

    if (cpu->irql != sim_self->irql) {
        cpu_work(cpu, CPU_PRIORITY_NS, "priority register", 0);
    } else if (cpu->in_service != sim_self->in_service) {
        cpu_work(cpu, CPU_EOI_NS, "end of interrupt", 0);
    } else {
        cpu_work(cpu, CPU_FLAG_NS, "interrupt flag", 0);
    }
    cpu->irql = sim_self->irql;
    cpu->in_service = sim_self->in_service;
    cpu_catch_up(cpu);
}

void sim_on_return(void)
{
    sim_on_unmask();
}

void sim_on_mask(void)
{
}

/* Taking an interrupt also serialises: that is part of its delivery. */
void sim_on_serialize(void)
{
    struct cpu *cpu = cpu_self();

    access_drain(cpu);
    if (cpu->entering) {
        cpu->entering = false;
        cpu->in_service = sim_self->in_service;
    } else {
        cpu_work(cpu, CPU_SERIALIZE_NS, "serialisation", 0);
    }
}

void sim_on_idle(void)
{
    struct cpu *cpu = cpu_self();
    access_drain(cpu);
    cpu_sleep(cpu, CPU_IDLE);
    cpu_catch_up(cpu);
}

/* No routine lasts long here. */
void sim_on_set_alarm(uint64_t delay_ticks)
{
    (void)delay_ticks;
}

void sim_on_halt(uint64_t limit_ticks)
{
    (void)limit_ticks;
    errx(1, "the cost model knows no wait that halts");
}

/* ---- the routine ---- */

static void mark(struct cpu *cpu, enum path_phase phase)
{
    cpu->last = cpu_event(cpu, EVENT_MARK, cpu_here(cpu), cpu->now_ns, 0);
    path_event(cpu->last)->mark = (uint16_t)phase;
}

void sim_on_worker(arch_worker *worker, uintptr_t argument, bool begins)
{
    struct cpu *cpu = cpu_self();
    (void)worker, (void)argument;

    if (begins) {
        cpu_work(cpu, CPU_WORKER_NS, "worker entry", 0);
        mark(cpu, PHASE_WORKER);
    } else {
        mark(cpu, PHASE_DONE);
        cpu_work(cpu, CPU_WORKER_NS, "worker exit", 0);
    }
}

/* No processor is silent here. */
void sim_on_ask(const struct processor_set *suspects)
{
    (void)suspects;
}

void sim_on_forget(unsigned processor)
{
    (void)processor;
}

void sim_on_flush_tlb(uintptr_t address, size_t pages)
{
    (void)address, (void)pages;
}

_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit)
{
    errx(1, "bug check 0x%x, parameter 0x%lx, processor %u", code, parameter, culprit);
}
