/* SPDX-License-Identifier: MIT */
/*
 * A discrete event simulation: the processor whose clock is furthest behind runs up to its next
 * access; of two equal ones, the one with the lower number. So when a processor touches memory,
 * everything earlier in virtual time has happened, and every run is the same.
 *
 * A waiting processor is not simulated pass by pass. It sleeps (arch_relax) until a line that it
 * has read changes, or an interrupt arrives, and goes on at that moment; the rest of the pass costs
 * nothing, up to the read that finds the change.
 */
#include "tests/sim/cost/cpu.h"

#include <err.h>
#include <stdlib.h>

#include "tests/sim/cost/symbols.h"
#include "tests/sim/sim.h"

struct cpu *cpus;
const struct machine *cpu_machine;

/* ---- the queue: a heap of the READY processors, the earliest first ---- */

static unsigned *queue;
static unsigned queue_length;

static bool is_before(unsigned first, unsigned second)
{
    const struct cpu *a = &cpus[first], *b = &cpus[second];
    return a->wake.ns < b->wake.ns || (a->wake.ns == b->wake.ns && first < second);
}

static void queue_put(unsigned place, unsigned processor)
{
    queue[place] = processor;
    cpus[processor].place = place;
}

static void queue_rise(unsigned processor)
{
    unsigned place = cpus[processor].place;
    while (place > 0 && is_before(processor, queue[(place - 1) / 2])) {
        queue_put(place, queue[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    queue_put(place, processor);
}

static void queue_add(unsigned processor)
{
    cpus[processor].place = queue_length++;
    cpus[processor].queued = true;
    queue_rise(processor);
}

static unsigned queue_take_first(void)
{
    unsigned first = queue[0], moved = queue[--queue_length], place = 0;

    for (;;) {
        unsigned child = 2 * place + 1;
        if (child >= queue_length) {
            break;
        }
        child += child + 1 < queue_length && is_before(queue[child + 1], queue[child]);
        if (!is_before(queue[child], moved)) {
            break;
        }
        queue_put(place, queue[child]);
        place = child;
    }
    queue_put(place, moved);
    cpus[first].queued = false;
    return first;
}

/* ---- start and run ---- */

void cpu_start(const struct machine *machine)
{
    cpu_machine = machine;
    cpus = realloc(cpus, machine->processors * sizeof(*cpus));
    queue = realloc(queue, machine->processors * sizeof(*queue));
    if (cpus == NULL || queue == NULL) {
        err(1, "no memory for %u processors", machine->processors);
    }
    for (unsigned i = 0; i < machine->processors; i++) {
        cpus[i] = (struct cpu){ .sleep = CPU_AWAKE };
    }
    queue_length = 0;
    cache_start(machine);
    path_start();
}

void cpu_begin(unsigned processor, void (*body)(unsigned processor))
{
    sim_start(processor, body);
    queue_add(processor);
}

unsigned cpu_run(void)
{
    unsigned waiting = 0;

    while (queue_length != 0) {
        sim_run(queue_take_first());
    }
    for (unsigned i = 0; i < cpu_machine->processors; i++) {
        waiting += cpus[i].sleep == CPU_WAITING;
    }
    return waiting;
}

struct cpu *cpu_self(void)
{
    return &cpus[sim_self->index];
}

uint64_t cpu_now(unsigned processor)
{
    return cpus[processor].now_ns;
}

void cpu_forget(void)
{
    path_start();
    for (unsigned i = 0; i < cpu_machine->processors; i++) {
        cpus[i].last = EVENT_NONE;
    }
}

/* ---- time ---- */

struct gate cpu_here(const struct cpu *cpu)
{
    return (struct gate){ .ns = cpu->now_ns, .event = cpu->last };
}

struct gate cpu_later(struct gate first, struct gate second)
{
    return second.ns > first.ns ? second : first;
}

void cpu_wait(struct cpu *cpu, struct gate gate)
{
    struct gate later = cpu_later(cpu_here(cpu), gate);
    cpu->now_ns = later.ns;
    cpu->last = later.event;
}

uint32_t cpu_event(const struct cpu *cpu, enum event_kind kind, struct gate start, uint64_t end_ns,
                   uintptr_t pc)
{
    return path_add(&(struct event){
        .start_ns = start.ns,
        .end_ns = end_ns,
        .previous = start.event,
        .processor = (uint32_t)(cpu - cpus),
        .kind = (uint16_t)kind,
        .function = symbols_start(pc),
    });
}

/* Successive instructions of one function are one event. */
static bool lengthen_last(const struct cpu *cpu, uint64_t end_ns, uintptr_t pc)
{
    struct event *last = path_event(cpu->last);

    if (last == NULL || last->kind != EVENT_RUN || last->end_ns != cpu->now_ns ||
        &cpus[last->processor] != cpu || last->function != symbols_start(pc)) {
        return false;
    }
    last->end_ns = end_ns;
    return true;
}

void cpu_work(struct cpu *cpu, unsigned ns, const char *what, uintptr_t pc)
{
    uint64_t end_ns = cpu->now_ns + ns;

    if (cpu->polling || (what == NULL && lengthen_last(cpu, end_ns, pc))) {
        cpu->now_ns = cpu->polling ? cpu->now_ns : end_ns;
        return;
    }
    enum event_kind kind = what != NULL ? EVENT_MACHINE : EVENT_RUN;
    cpu->last = cpu_event(cpu, kind, cpu_here(cpu), end_ns, pc);
    path_event(cpu->last)->name = what;
    cpu->now_ns = end_ns;
}

void cpu_yield(struct cpu *cpu)
{
    unsigned self = (unsigned)(cpu - cpus);

    cpu->wake = cpu_here(cpu);
    if (queue_length != 0 && is_before(queue[0], self)) {
        queue_add(self);
        sim_yield();
    }
}

/* A doorbell that has arrived by now is posted, and taken unless it is masked. */
static void take_interrupts(struct cpu *cpu)
{
    unsigned class;

    if (cpu->doorbell.ns != 0 && cpu->doorbell.ns <= cpu->now_ns) {
        cpu->doorbell.ns = 0;
        sim_post((unsigned)(cpu - cpus), SIM_CLASS_IPI);
    }
    while ((class = sim_deliverable(sim_self)) != 0) {
        cpu->polling = false;
        cpu->entering = true;
        sim_deliver(class);
    }
}

void cpu_catch_up(struct cpu *cpu)
{
    cpu_yield(cpu);
    take_interrupts(cpu);
}

void cpu_rest(uint64_t ns)
{
    struct cpu *cpu = cpu_self();

    cpu_work(cpu, (unsigned)ns, "rest", 0);
    cpu_catch_up(cpu);
}

/* ---- sleep ---- */

void cpu_sleep(struct cpu *cpu, enum cpu_sleep why)
{
    cpu->wake = (struct gate){ .ns = UINT64_MAX };
    cpu->sleep = why;
    if (cpu->doorbell.ns != 0) {
        cpu_wake(cpu, cpu->doorbell);
    }
    sim_yield();
    cpu->sleep = CPU_AWAKE;
    cpu_wait(cpu, cpu->wake);
}

void cpu_wake(struct cpu *cpu, struct gate gate)
{
    struct gate wake = cpu_later(cpu_here(cpu), gate);

    if (cpu->sleep == CPU_AWAKE || wake.ns >= cpu->wake.ns) {
        return;
    }
    cpu->wake = wake;
    if (cpu->queued) {
        queue_rise((unsigned)(cpu - cpus));
    } else {
        queue_add((unsigned)(cpu - cpus));
    }
}

void cpu_ring(struct cpu *cpu, struct gate gate)
{
    if (cpu->doorbell.ns == 0 || gate.ns < cpu->doorbell.ns) {
        cpu->doorbell = gate;
        cpu_wake(cpu, gate);
    }
}
