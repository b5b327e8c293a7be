/* SPDX-License-Identifier: MIT */
/*
 * The processors of the simulated machine: everything that kernel/arch.h asks for, except memory
 * (tsan.c) and the order in which processors go on (the driver).
 *
 * Interrupts follow the local interrupt controller. An interrupt of class c is taken when the flag
 * allows it and c is above both the IRQL and every class in service. Taking it clears the flag; the
 * acknowledgement ends the service of the highest class; the return sets the flag again and
 * serialises. A class has one pending bit: a second interrupt merges with the first.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "tests/sim/fiber.h"

struct sim_cpu *sim_cpus;
unsigned sim_count;
struct sim_cpu *sim_self;
struct sim_range sim_memory;

static char *stacks;
static void *host_stack_pointer;

/* Pages of zeros; without them the simulation cannot go on. */
static void *allocate(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        fprintf(stderr, "sim: no memory for %zu bytes\n", size);
        exit(2);
    }
    return memory;
}

void sim_create(unsigned count)
{
    if (sim_memory.base != NULL) {
        munmap(sim_memory.base, sim_memory.size);
        munmap(stacks, (size_t)sim_count * SIM_STACK_SIZE);
    }
    size_t cpus_size = (count * sizeof(struct sim_cpu) + CACHE_PAIR - 1) / CACHE_PAIR * CACHE_PAIR;

    sim_memory.size = cpus_size + count * sizeof(struct processor);
    sim_memory.base = allocate(sim_memory.size);
    sim_cpus = sim_memory.base;
    sim_count = count;
    stacks = allocate((size_t)count * SIM_STACK_SIZE);
    struct processor *structures = (struct processor *)((char *)sim_memory.base + cpus_size);
    for (unsigned i = 0; i < count; i++) {
        sim_cpus[i].index = (uint16_t)i;
        sim_cpus[i].processor = &structures[i];
        (void)processors_add(&structures[i]);
    }
}

struct sim_range sim_stack(unsigned processor)
{
    return (struct sim_range){ stacks + (size_t)processor * SIM_STACK_SIZE, SIM_STACK_SIZE };
}

static void fiber_entry(void)
{
    sim_self->body(sim_self->index);
    sim_self->running = false;
    for (;;) {
        sim_on_idle();
    }
}

void sim_start(unsigned processor, void (*body)(unsigned processor))
{
    struct sim_cpu *cpu = &sim_cpus[processor];
    struct sim_range stack = sim_stack(processor);

    cpu->body = body;
    cpu->irql = IRQL_PASSIVE;
    cpu->interrupts = true;
    cpu->pending = 0;
    cpu->in_service = 0;
    cpu->alarm = false;
    cpu->depth = 0;
    cpu->running = true;
    cpu->stack_pointer = fiber_prepare(stack.base, stack.size, fiber_entry);
}

void sim_run(unsigned processor)
{
    sim_self = &sim_cpus[processor];
    fiber_switch(&host_stack_pointer, sim_self->stack_pointer);
    sim_self = NULL;
}

void sim_yield(void)
{
    fiber_switch(&sim_self->stack_pointer, host_stack_pointer);
}

/* ---- interrupts ---- */

static unsigned highest(uint16_t classes)
{
    return classes == 0 ? 0 : 31 - (unsigned)__builtin_clz(classes);
}

void sim_post(unsigned processor, unsigned class)
{
    sim_cpus[processor].pending |= SIM_CLASS_BIT(class);
}

void sim_ring_alarm(unsigned processor)
{
    sim_cpus[processor].alarm = true;
    sim_post(processor, SIM_CLASS_WAKE);
}

unsigned sim_deliverable(const struct sim_cpu *cpu)
{
    unsigned class = highest(cpu->pending);
    return cpu->interrupts && class > cpu->irql && class > highest(cpu->in_service) ? class : 0;
}

void sim_deliver(unsigned class)
{
    struct sim_cpu *cpu = sim_self;

    cpu->pending &= (uint16_t)~SIM_CLASS_BIT(class);
    cpu->in_service |= SIM_CLASS_BIT(class);
    cpu->interrupts = false;
    sim_on_serialize(); /* taking an interrupt empties the store buffer */
    if (class == SIM_CLASS_IPI) {
        cpu->depth++;
        rendezvous_interrupt();
        cpu->depth--;
    } else {
        arch_end_of_interrupt();
        if (cpu->alarm) {
            cpu->alarm = false;
            watchdog_alarm(NULL);
        }
    }
    sim_on_serialize();
    cpu->interrupts = true;
    sim_on_return();
}

void arch_end_of_interrupt(void)
{
    sim_self->in_service &= (uint16_t)~SIM_CLASS_BIT(highest(sim_self->in_service));
    sim_on_unmask();
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    sim_on_send(targets, SIM_CLASS_IPI);
}

void arch_wake(const struct processor_set *targets)
{
    sim_on_send(targets, SIM_CLASS_WAKE);
}

void arch_halt(uint64_t limit_ticks)
{
    sim_on_halt(limit_ticks);
}

void arch_set_alarm(uint64_t delay_ticks)
{
    sim_on_set_alarm(delay_ticks);
}

/* ---- the inline half: tests/sim/arch/inline.h ---- */

struct processor *sim_processor(void)
{
    return sim_self->processor;
}

unsigned sim_irql(void)
{
    return sim_self->irql;
}

void sim_irql_write(unsigned irql)
{
    bool lowers = irql < sim_self->irql;

    sim_self->irql = (uint8_t)irql;
    if (lowers) {
        sim_on_unmask();
    }
}

bool sim_interrupts_enabled(void)
{
    return sim_self->interrupts;
}

void sim_interrupts_write(bool enabled)
{
    bool enables = enabled && !sim_self->interrupts;

    if (!enabled && sim_self->interrupts) {
        sim_on_mask();
    }
    sim_self->interrupts = enabled;
    if (enables) {
        sim_on_unmask();
    }
}

uintptr_t sim_interrupts_save(void)
{
    bool enabled = sim_self->interrupts;
    sim_interrupts_write(false);
    return enabled;
}

void sim_relax(void)
{
    sim_on_relax();
}

uint64_t sim_ticks(void)
{
    return sim_on_ticks();
}

/* ---- the remaining functions that the simulated sources call ---- */

uint64_t arch_ticks_per_ms(void)
{
    return 1000000; /* a tick is a nanosecond */
}

uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument)
{
    sim_on_worker(worker, argument, true);
    uintptr_t returned = worker(argument);
    sim_on_worker(worker, argument, false);
    return returned;
}

void arch_serialize(void)
{
    sim_on_serialize();
}

void arch_flush_tlb(uintptr_t address, size_t pages)
{
    sim_on_flush_tlb(address, pages);
}

void arch_online_changed(const struct processor_set *online)
{
    (void)online;
}

/* No fiber can be restarted. */
int arch_restart_processor(unsigned index, uint32_t timeout_ms)
{
    (void)index, (void)timeout_ms;
    return -1;
}

_Noreturn void arch_stop(void)
{
    sim_self->interrupts = false;
    for (;;) {
        sim_on_idle();
    }
}

void arch_idle(void)
{
    sim_self->interrupts = true;
    sim_on_idle();
    sim_self->interrupts = false;
}
