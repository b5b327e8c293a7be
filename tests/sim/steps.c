/* SPDX-License-Identifier: MIT */
/*
 * Where a processor stops, so that the explorer can choose which one goes on.
 *
 * A step is one thing that others may notice, followed by everything up to just before the next
 * one. So the order of two steps is the order of two noticeable things, and nothing is lost by
 * running what lies between them in one go: plain accesses of different processors are ordered by
 * the steps or are a race (race.c), and a store that stays in the buffer is noticed when it drains.
 *
 * Noticeable: an atomic load, a read-modify-write, a sequentially consistent store, emptying a
 * buffer that is not empty, sending an interrupt, an interrupt that may be taken.
 *
 * Waiting. A processor stays in arch_relax() until a word that this pass of its loop has read
 * changes, or it took an interrupt, or time has leapt since it last read the clock. A pass that
 * only read the same values again would do the same again. (The first such pass of a loop is made
 * in any case: a deadline counts from there.)
 *
 * The return from an interrupt is not a stop: the processor stops again where the interrupt came,
 * and nothing lies between the two. What a loop has read is forgotten when an interrupt comes,
 * since its pass begins anew and the handler's reads are not the loop's. It is also forgotten in a
 * halt, which does not end because of it: states that differ only in that continue alike.
 */
#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/stop/bugcheck.h"
#include "tests/sim/explore.h"

struct explore_cpu explore_cpus[EXPLORE_PROCESSORS];
struct explore_world explore_world;

/* Stops an endless recursion (a poll within a poll) here, before it overwrites other memory. */
static void check_stack(void)
{
    struct sim_range stack = sim_stack(sim_self->index);
    uintptr_t left = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)stack.base;

    if (left < SIM_STACK_SIZE / 4) {
        check_fail("K13", "the stack of processor %u is used up", sim_self->index);
    }
}

void steps_stop(enum next_kind next)
{
    struct explore_cpu *cpu = explore_self();

    check_stack();

    for (;;) {
        cpu->next = (uint8_t)next;
        sim_yield();
        unsigned class = cpu->interrupt;
        if (class == 0) {
            break;
        }
        struct sim_access access = cpu->next_access;
        uint8_t send_class = cpu->send_class;
        uint64_t send_targets = cpu->send_targets;
        cpu->interrupt = 0;
        memory_drain(sim_self->index); /* taking an interrupt empties the buffer */
        weak_deliver(sim_self->index);
        memory_watch_clear(cpu, true); /* what a handler reads is not part of a pass of this loop */
        check_interrupt(class);
        sim_deliver(class);
        if (trace_on) {
            trace_line("     P%u   returns from the interrupt", sim_self->index);
        }
        memory_watch_clear(cpu, true);
        cpu->next_access = access;
        cpu->send_class = send_class;
        cpu->send_targets = send_targets;
        cpu->interrupted = next == NEXT_RELAX || next == NEXT_HALT;
    }
    memset(&cpu->next_access, 0, sizeof cpu->next_access);
    cpu->idle_passes = 0;
}

static bool alarm_is_dead(unsigned processor)
{
    return (scenario->fault_kinds & FAULT_ALARM) != 0 && processor == sim_count - 1;
}

bool steps_enabled(unsigned processor)
{
    const struct explore_cpu *cpu = &explore_cpus[processor];
    switch (cpu->next) {
    case NEXT_RELAX:
        return cpu->interrupted || cpu->relaxed_ticks != explore_world.now_ticks ||
               memory_watch_changed(processor);
    case NEXT_HALT:
        return cpu->interrupted ||
               (!alarm_is_dead(processor) && explore_world.now_ticks >= cpu->halt_until_ticks);
    case NEXT_IDLE:
    case NEXT_STOPPED:
        return false;
    default:
        return true;
    }
}

/*
 * A sleepy wait relaxes for a number of passes before it halts. They are made in one go, like bare
 * ones; a loop that has made more never halts, and stays.
 */
static bool may_turn_idly(struct explore_cpu *cpu)
{
    if (cpu->impure || cpu->idle_passes > WAIT_RELAXED_PASSES || wait_get_policy() != WAIT_HALT) {
        return false;
    }
    cpu->idle_passes++;
    return true;
}

void sim_on_relax(void)
{
    struct explore_cpu *cpu = explore_self();

    if (cpu->unserialized && sim_self->irql < IRQL_IPI) {
        check_fail("K8", "processor %u continues after a worker without a serialising instruction",
                   sim_self->index);
    }
    if (may_turn_idly(cpu)) {
        return;
    }
    if (!cpu->impure && (cpu->watches != 0 || cpu->clock_ticks != 0)) {
        cpu->interrupted = false;
        if (cpu->clock_ticks == 0) {
            cpu->clock_ticks = explore_world.now_ticks;
            return;
        }
        cpu->relaxed_ticks = cpu->clock_ticks;
        cpu->clock_ticks = explore_world.now_ticks;
        if (cpu->relaxed_ticks == explore_world.now_ticks) {
            check_wait();
        }
        steps_stop(NEXT_RELAX);
        cpu->interrupted = false;
        cpu->relaxed_ticks = 0;
    }
    memory_watch_clear(cpu, false);
}

/* Interrupts are enabled while it halts; the IRQL admits only class 0xF. */
void sim_on_halt(uint64_t limit_ticks)
{
    struct explore_cpu *cpu = explore_self();

    if (trace_on) {
        trace_line("     P%u   halts", sim_self->index);
    }
    cpu->halt_until_ticks = explore_world.now_ticks + limit_ticks;
    cpu->alarm_ticks = 0; /* it is the same timer */
    cpu->interrupted = false;
    memory_watch_clear(cpu, false); /* a halt does not end because of what was read */
    sim_self->interrupts = true;
    steps_stop(NEXT_HALT);
    sim_self->interrupts = false;
    cpu->interrupted = false;
    cpu->halt_until_ticks = 0;
    memory_watch_clear(cpu, false);
}

/* Where routines are short, an alarm in one is just an interrupt without effect. */
void sim_on_set_alarm(uint64_t delay_ticks)
{
    if (scenario->ladder != NULL && scenario->ladder->alarms) {
        explore_self()->alarm_ticks = explore_world.now_ticks + delay_ticks;
    }
}

void sim_on_flush_tlb(uintptr_t address, size_t pages)
{
    (void)address, (void)pages;
    check_tlb_flushed(sim_self->index);
}

void sim_on_function(const void *pc)
{
    (void)pc;
}

void sim_on_idle(void)
{
    memory_watch_clear(explore_self(), true);
    steps_stop(NEXT_IDLE);
}

/*
 * A doorbell may be on its way at this moment, and an interrupt let in here may be masked again
 * before the next stop.
 */
void sim_on_unmask(void)
{
    if (sim_deliverable(sim_self) != 0 || (sim_self->interrupts && sim_self->irql < IRQL_IPI)) {
        steps_stop(NEXT_UNMASK);
    }
}

/* Resumed where the interrupt came, the processor stops again at once: see steps_stop(). */
void sim_on_return(void)
{
}

/* The last chance for a wake doorbell to come before the processor halts (choices.c). */
void sim_on_mask(void)
{
    if (sim_deliverable(sim_self) == SIM_CLASS_WAKE) {
        steps_stop(NEXT_MASK);
    }
}

uint64_t sim_on_ticks(void)
{
    explore_self()->clock_ticks = explore_world.now_ticks;
    return explore_world.now_ticks;
}

void sim_on_send(const struct processor_set *targets, unsigned class)
{
    struct explore_cpu *cpu = explore_self();

    if (targets->words[0] == 0) {
        return;
    }
    cpu->send_class = (uint8_t) class;
    cpu->send_targets = targets->words[0];
    steps_stop(NEXT_SEND);
    memory_watch_clear(cpu, true);
    if (trace_on) {
        trace_line("     P%u   rings class 0x%X of the processors 0x%llx", sim_self->index, class,
                   (unsigned long long)targets->words[0]);
    }
    memory_drain(sim_self->index);
    processor_set_for_each(processor, targets) {
        if (processor == explore_world.dropped_to) {
            explore_world.lost_doorbells += class == SIM_CLASS_IPI;
            explore_world.lost_wakes += class != SIM_CLASS_IPI;
        } else {
            sim_post(processor, class);
            weak_send(sim_self->index, processor);
        }
    }
    cpu->send_class = 0;
    cpu->send_targets = 0;
}
