/*
 * The hooks of the simulated machine, each with its price.
 */
#include <err.h>
#include <stdlib.h>

#include "tests/sim/cost/access.h"
#include "tests/sim/sim.h"

static bool is_own_stack(const struct core *core, uintptr_t address)
{
    struct sim_range stack = sim_stack((unsigned)(core - cores));
    return address - (uintptr_t)stack.base < stack.size;
}

/* Before the first processor runs, the machine is being built: that is free. */
static bool is_building(void)
{
    return sim_self == NULL;
}

/* No other processor looks into a stack: its lines stay where they are. */
void sim_on_plain(void *address, unsigned size, bool writes, const void *pc)
{
    uintptr_t first = (uintptr_t)address;

    if (is_building()) {
        return;
    }
    struct core *core = core_self();
    if (is_own_stack(core, first)) {
        core_work(core, CORE_STEP_NS, NULL, (uintptr_t)pc);
        return;
    }
    for (uintptr_t at = first; at < first + size; at = (at / CACHE_LINE + 1) * CACHE_LINE) {
        (writes ? access_store : access_load)(core, at, (uintptr_t)pc);
    }
}

uint64_t sim_on_access(const struct sim_access *access)
{
    uintptr_t address = (uintptr_t)access->address, pc = (uintptr_t)access->pc;

    if (is_building()) {
        return sim_perform(access);
    }
    struct core *core = core_self();
    if (access->operation == SIM_LOAD) {
        access_load(core, address, pc);
    } else if (access->operation == SIM_STORE && access->order != __ATOMIC_SEQ_CST) {
        access_store(core, address, pc);
    } else {
        access_update(core, address, pc); /* a store with full order is an exchange */
    }
    return sim_perform(access);
}

/* The weaker fences only hold the compiler: x86 orders enough without them. */
void sim_on_fence(int order, const void *pc)
{
    struct core *core = core_self();
    if (order == __ATOMIC_SEQ_CST) {
        access_drain(core);
        core_work(core, CORE_FENCE_NS, "fence", (uintptr_t)pc);
    }
}

void sim_on_function(const void *pc)
{
    (void)pc;
}

void sim_on_relax(void)
{
    access_await_change(core_self());
}

uint64_t sim_on_ticks(void)
{
    struct core *core = core_self();
    core_work(core, CORE_CLOCK_NS, "clock", 0);
    return core->now_ns;
}

/* ---- interrupts ---- */

/* One write of the command register; returns when the interrupt arrives. */
static struct gate write_icr(struct core *core, uint32_t peer)
{
    struct gate sent = { .ns = core->now_ns + core_machine->icr_ns };
    sent.event = core_event(core, EVENT_ICR, core_here(core), sent.ns, 0);
    path_event(sent.event)->peer = peer;
    core_wait(core, sent);

    struct gate arrival = { .ns = sent.ns + core_machine->delivery_ns };
    arrival.event = core_event(core, EVENT_IPI, sent, arrival.ns, 0);
    path_event(arrival.event)->peer = peer;
    return arrival;
}

/* One write for all others, by the shorthand, and one for each target of a smaller set. */
void sim_on_send(const struct processor_set *targets, unsigned class)
{
    struct core *core = core_self();
    struct processor_set others;

    if (class != SIM_CLASS_IPI) {
        errx(1, "the cost model knows no wait that halts");
    }
    access_drain(core);
    processor_set_copy(&others, &processors_online);
    processor_set_remove(&others, sim_self->index);
    bool shorthand = processor_set_equal(targets, &others);
    struct gate arrival = { 0 };
    if (shorthand && sim_count > 1) {
        arrival = write_icr(core, PATH_EVERYBODY);
    }
    processor_set_for_each(processor, targets) {
        core_ring(&cores[processor], shorthand ? arrival : write_icr(core, processor));
    }
}

/* What has changed tells which operation it was. */
void sim_on_unmask(void)
{
    struct core *core = core_self();

    if (core->irql != sim_self->irql) {
        core_work(core, CORE_PRIORITY_NS, "priority register", 0);
    } else if (core->in_service != sim_self->in_service) {
        core_work(core, CORE_EOI_NS, "end of interrupt", 0);
    } else {
        core_work(core, CORE_FLAG_NS, "interrupt flag", 0);
    }
    core->irql = sim_self->irql;
    core->in_service = sim_self->in_service;
    core_catch_up(core);
}

/* Taking an interrupt serialises, too: that is part of its delivery. */
void sim_on_serialize(void)
{
    struct core *core = core_self();

    access_drain(core);
    if (core->entering) {
        core->entering = false;
        core->in_service = sim_self->in_service;
    } else {
        core_work(core, CORE_SERIALIZE_NS, "serialisation", 0);
    }
}

void sim_on_idle(void)
{
    struct core *core = core_self();
    access_drain(core);
    core_sleep(core, CORE_IDLE);
    core_catch_up(core);
}

void sim_on_halt(uint64_t limit_ticks)
{
    (void)limit_ticks;
    errx(1, "the cost model knows no wait that halts");
}

/* ---- the routine ---- */

static void mark(struct core *core, enum path_phase phase)
{
    core->last = core_event(core, EVENT_MARK, core_here(core), core->now_ns, 0);
    path_event(core->last)->mark = (uint16_t)phase;
}

void sim_on_worker(arch_worker *worker, uintptr_t argument, bool begins)
{
    struct core *core = core_self();
    (void)worker, (void)argument;

    if (begins) {
        core_work(core, CORE_WORKER_NS, "worker entry", 0);
        mark(core, PHASE_WORKER);
    } else {
        mark(core, PHASE_DONE);
        core_work(core, CORE_WORKER_NS, "worker exit", 0);
    }
}

void sim_on_flush_tlb(uintptr_t address, size_t pages)
{
    (void)address, (void)pages;
}

_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit)
{
    errx(1, "bug check 0x%x, parameter 0x%lx, processor %u", code, parameter, culprit);
}
