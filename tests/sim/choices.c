/* SPDX-License-Identifier: MIT */
/*
 * What may happen next, and carrying it out.
 *
 * A processor that can go on may go on; one that can take an interrupt may take it now or later; a
 * buffered store may reach memory. Going on with another processor than the last one, although that
 * one could go on, is a preemption and costs 1. Everything else is free, so the bound limits only
 * how often a processor is stopped in the middle.
 *
 * A drain is offered only while some processor is about to access a word in that buffer, or waits
 * for such a word. Before that, no processor could tell whether it has happened, so the order of
 * the drain and of the steps in between does not matter.
 */
#include "tests/sim/explore.h"

#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/wait.h"

#define LEAPS 40u /* more than any deadline lasts; after that, time does not help */

enum leap { LEAP_FAULT, LEAP_QUIET };

struct list {
    struct choice *choices;
    unsigned count;
};

static void add(struct list *list, enum choice_kind kind, unsigned processor, unsigned operand,
                unsigned cost)
{
    if (list->count == CHOICE_LIMIT) {
        check_fail("explorer", "more choices than there is room for (choices.c)");
        return;
    }
    list->choices[list->count++] =
        (struct choice){ (uint8_t)kind, (uint8_t)processor, (uint8_t)operand, (uint8_t)cost };
}

static bool fault_allowed(enum scenario_fault kind)
{
    return explore_world.faults_left != 0 && (scenario->fault_kinds & kind) != 0;
}

/*
 * The interrupt that the processor may take now, 0 for none. A wake doorbell only ends a halt, and
 * a second one merges with the first, so the only thing that matters is whether it is taken before
 * the processor halts. It is left pending until then, or until interrupts are about to be disabled,
 * or until it is in the way of another interrupt.
 */
static unsigned interrupt_of_interest(unsigned processor)
{
    struct sim_cpu cpu = sim_cpus[processor];
    unsigned class = sim_deliverable(&cpu), next = explore_cpus[processor].next;

    if (class != SIM_CLASS_WAKE || cpu.alarm || next == NEXT_HALT || next == NEXT_MASK) {
        return class;
    }
    cpu.pending &= (uint16_t)~SIM_CLASS_BIT(SIM_CLASS_WAKE);
    return sim_deliverable(&cpu) != 0 ? class : 0;
}

/* The processor makes its next step, or takes an interrupt first. */
static void add_processor(struct list *list, unsigned processor, unsigned cost)
{
    const struct explore_cpu *cpu = &explore_cpus[processor];
    unsigned class = interrupt_of_interest(processor);

    if (steps_enabled(processor)) {
        add(list, CHOICE_RUN, processor, 0, cost);
        if (cpu->next == NEXT_SEND &&
            fault_allowed(cpu->send_class == SIM_CLASS_IPI ? FAULT_DROP : FAULT_WAKE)) {
            for (uint64_t rest = cpu->send_targets; rest != 0; rest &= rest - 1) {
                add(list, CHOICE_RUN_DROPPING, processor, (unsigned)__builtin_ctzll(rest), cost);
            }
        }
    }
    if (steps_enabled(processor) && cpu->next == NEXT_ACCESS &&
        cpu->next_access.operation == SIM_LOAD && fault_allowed(FAULT_STALE) &&
        weak_possible(processor, cpu->next_access.address)) {
        add(list, CHOICE_RUN_STALE, processor, 0, cost);
    }
    if (class != 0) {
        add(list, CHOICE_DELIVER, processor, class, cost);
    }
}

/* Is the processor about to access the word, or waiting for it? */
static bool interested(unsigned processor, const void *address)
{
    const struct explore_cpu *cpu = &explore_cpus[processor];

    if (cpu->next == NEXT_ACCESS) {
        return cpu->next_access.address == address;
    }
    for (unsigned i = 0; cpu->next == NEXT_RELAX && i < cpu->watches; i++) {
        if (cpu->watch[i].address == address) {
            return true;
        }
    }
    return false;
}

/* How many stores must drain before one that would be noticed has; 0 when none would be. */
static unsigned drains_until_noticed(unsigned processor)
{
    const struct explore_cpu *cpu = &explore_cpus[processor];

    for (unsigned i = 0; i < cpu->stores; i++) {
        for (unsigned other = 0; other < sim_count; other++) {
            if (other != processor && interested(other, cpu->buffer[i].address)) {
                return i + 1;
            }
        }
    }
    return 0;
}

/* Passing time goes unnoticed while no processor waits. */
static bool somebody_waits(void)
{
    for (unsigned i = 0; i < sim_count; i++) {
        if (explore_cpus[i].next == NEXT_RELAX || explore_cpus[i].next == NEXT_HALT) {
            return true;
        }
    }
    return false;
}

static void add_faults(struct list *list)
{
    if (fault_allowed(FAULT_SPURIOUS)) {
        for (unsigned i = 0; i < sim_count; i++) {
            if ((sim_cpus[i].pending & SIM_CLASS_BIT(SIM_CLASS_IPI)) == 0) {
                add(list, CHOICE_SPURIOUS, i, 0, 0);
            }
        }
    }
    if (fault_allowed(FAULT_LEAP) && (scenario->ladder == NULL || somebody_waits())) {
        add(list, CHOICE_LEAP, 0, LEAP_FAULT, 0);
    }
}

/* How often time may have to pass: only where a processor was made silent. */
static unsigned leaps_excused(void)
{
    const struct ladder *ladder = scenario->ladder;

    if (ladder != NULL) {
        return ladder->leaps +
               ladder->loss_leaps * (explore_world.lost_doorbells + explore_world.lost_wakes);
    }
    bool silent = (scenario->fault_kinds & FAULT_SILENT) != 0;
    return explore_world.lost_doorbells != 0 || silent ? LEAPS : 0;
}

static bool silence_excused(void)
{
    return explore_world.quiet_leaps < leaps_excused();
}

/* The moment at which the call in progress begins; 0 when none lies ahead. */
static uint64_t next_moment(void)
{
    uint64_t state = sim_read(&current_round.state, sizeof current_round.state);
    uint64_t due_ticks = sim_read(&current_round.due_ticks, sizeof current_round.due_ticks);

    return round_is_timed(state) && round_runs(state, round_generation(state)) &&
                   due_ticks > explore_world.now_ticks
               ? due_ticks
               : 0;
}

/* The time at which an alarm wakes the first halted processor. */
static uint64_t next_alarm(void)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < sim_count; i++) {
        const struct explore_cpu *cpu = &explore_cpus[i];
        if (cpu->next == NEXT_HALT && cpu->halt_until_ticks < next) {
            next = cpu->halt_until_ticks;
        }
    }
    return next;
}

unsigned choices_list(struct choice *choices)
{
    struct list list = { choices, 0 };
    unsigned last = explore_world.last;
    unsigned cost = steps_enabled(last) ? 1 : 0;

    if (explore_world.stopped) {
        return 0;
    }
    add_processor(&list, last, 0);
    for (unsigned i = 1; i < sim_count; i++) {
        add_processor(&list, (last + i) % sim_count, cost);
    }
    for (unsigned i = 0; i < sim_count; i++) {
        unsigned drains = explore_cpus[i].stores == 0 ? 0 : drains_until_noticed(i);
        if (drains != 0) {
            add(&list, CHOICE_DRAIN, i, drains, 0);
        }
    }
    if (list.count == 0 && !check_all_done() && silence_excused()) {
        add(&list, CHOICE_LEAP, 0, LEAP_QUIET, 0);
    } else if (list.count == 0 && scenario->ladder == NULL && explore_world.lost_wakes != 0 &&
               next_alarm() != UINT64_MAX) {
        add(&list, CHOICE_ALARM, 0, 0, 0);
    } else if (list.count == 0 && next_moment() != 0) {
        add(&list, CHOICE_TICK, 0, 0, 0);
    } else if (list.count != 0) {
        add_faults(&list);
    }
    return list.count;
}

static void spend_fault(void)
{
    explore_world.faults_left -= explore_world.faults_left != 0;
}

static void run(unsigned processor, unsigned interrupt)
{
    explore_world.last = processor;
    explore_cpus[processor].interrupt = (uint8_t)interrupt;
    sim_run(processor);
    state_clear_dead_stack(processor);
}

/* No store stays in a buffer for as long as a quarter of a patience. */
static void drain_all(void)
{
    for (unsigned i = 0; i < sim_count; i++) {
        memory_drain(i);
    }
}

static void ring_alarms(void)
{
    for (unsigned i = 0; i < sim_count; i++) {
        struct explore_cpu *cpu = &explore_cpus[i];
        if (cpu->alarm_ticks != 0 && cpu->alarm_ticks <= explore_world.now_ticks) {
            cpu->alarm_ticks = 0;
            sim_ring_alarm(i);
        }
    }
}

/* Time passes. Without a ladder a deadline that is due is one of the faults, too. */
static void leap(enum leap leap)
{
    const struct ladder *ladder = scenario->ladder;
    uint64_t ticks = patience_get_ms() * arch_ticks_per_ms() + 1;

    if (ladder != NULL) {
        ticks = leap == LEAP_QUIET ? ladder->quiet_ticks : ladder->fault_ticks;
        drain_all();
    }
    if (ladder == NULL || leap == LEAP_FAULT) {
        spend_fault();
    }
    explore_world.leaps++;
    explore_world.quiet_leaps += leap == LEAP_QUIET;
    explore_world.now_ticks += ticks;
    ring_alarms();
}

void choices_do(const struct choice *choice)
{
    switch (choice->kind) {
    case CHOICE_RUN:
        run(choice->processor, 0);
        break;
    case CHOICE_RUN_DROPPING:
        spend_fault();
        explore_world.dropped_to = choice->operand;
        run(choice->processor, 0);
        explore_world.dropped_to = sim_count;
        break;
    case CHOICE_RUN_STALE:
        spend_fault();
        explore_world.stale = true;
        run(choice->processor, 0);
        break;
    case CHOICE_DELIVER:
        run(choice->processor, choice->operand);
        break;
    case CHOICE_DRAIN:
        for (unsigned i = 0; i < choice->operand; i++) {
            memory_drain_one(choice->processor);
        }
        break;
    case CHOICE_SPURIOUS:
        spend_fault();
        sim_post(choice->processor, SIM_CLASS_IPI);
        break;
    case CHOICE_TICK:
        explore_world.now_ticks = next_moment();
        break;
    case CHOICE_ALARM: /* makes up for one lost wake-up of one of them */
        explore_world.lost_wakes--;
        explore_world.now_ticks = next_alarm();
        break;
    default:
        leap(choice->operand);
    }
}
