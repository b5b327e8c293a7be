/* SPDX-License-Identifier: MIT */
/*
 * The clauses of the contract, asserted while a schedule runs.
 *
 * The programs announce each call, and each routine identifies its call by its own address and its
 * argument, which no two calls in progress share. The places of the checks:
 *
 *   a routine begins     K1 K2 K4 K5 K7 K13 C2 C4 X   (sim_on_worker)
 *   it ends              K5 K8
 *   the call is over     K4 K5 K8 K10 B3 X            (outcomes.c)
 *   the caller goes on   K5 K6 K8 X                   (calls.c, requests.c)
 *   none can go on       C1                           (check_end)
 *   a doorbell           C5: not inside another one's handler (check_interrupt)
 *   any access           K8: no race                  (race.c)
 */
#include "tests/sim/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"

struct call check_calls[CHECK_CALLS];

/* The call that each processor is making: the slot + 1, or 0. */
static uint8_t making[EXPLORE_PROCESSORS];

const char *failed_clause;
char failure_text[256];

void check_fail(const char *clause, const char *format, ...)
{
    if (failed_clause != NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure_text, sizeof failure_text, format, arguments);
    va_end(arguments);
    failed_clause = clause;
}

void check_reset(void)
{
    memset(check_calls, 0, sizeof check_calls);
    memset(making, 0, sizeof making);
    outcomes_reset();
}

void check_register_state(void)
{
    state_add(check_calls, sizeof check_calls, true);
    state_add(making, sizeof making, true);
    outcomes_register_state();
}

uint16_t check_online(void)
{
    return (uint16_t)processors_online.words[0];
}

/* A word of a processor as the processor itself sees it. */
#define OWN_VIEW(processor, field) \
    memory_value((processor), &processors[processor]->field, sizeof processors[processor]->field)

/* ---- calls begin and end ---- */

static void begin(unsigned slot, unsigned caller, const struct call *call)
{
    check_calls[slot] = *call;
    check_calls[slot].state = CALL_MADE;
    check_calls[slot].caller = (uint8_t)caller;
    check_calls[slot].irql = sim_cpus[caller].irql;
    check_calls[slot].interrupts = sim_cpus[caller].interrupts;
    check_calls[slot].began_ticks = explore_world.now_ticks;
    making[caller] = (uint8_t)(slot + 1);
}

void check_call_begin(unsigned processor, arch_worker *worker, uintptr_t context)
{
    const struct call call = { .routines = { [RENDEZVOUS_ACTION] = worker },
                               .context = context,
                               .everybody = true };
    begin(processor, processor, &call);
}

void check_request_begin(unsigned slot, const struct rendezvous_request *request, uint16_t members)
{
    struct call call = { .context = request->argument,
                         .members = members,
                         .timeout_ticks = request->timeout_ms * arch_ticks_per_ms(),
                         .moment_ticks = request->release_after_ns,
                         .everybody = request->targets == NULL };
    memcpy(call.routines, request->routines, sizeof call.routines);
    begin(slot, sim_self->index, &call);
}

void check_restored(const struct call *call)
{
    const struct sim_cpu *cpu = &sim_cpus[call->caller];

    making[call->caller] = 0;
    if (cpu->irql != call->irql || cpu->interrupts != call->interrupts) {
        check_fail("K10", "processor %u had IRQL %u and IF=%u before the call, %u and %u after it",
                   call->caller, call->irql, call->interrupts, cpu->irql, cpu->interrupts);
    }
    if (explore_cpus[call->caller].unserialized) {
        check_fail("K8", "the call of processor %u returns without a serialising instruction",
                   call->caller);
    }
}

void check_request_posted(unsigned slot)
{
    check_restored(&check_calls[slot]);
    check_calls[slot].state = CALL_POSTED;
}

bool call_is_untouched(const struct call *call)
{
    return (call->started[0] | call->started[1] | call->started[2]) == 0;
}

/* A processor's stack is finite: a doorbell's handler admits no other on its way out. */
void check_interrupt(unsigned class)
{
    if (class == SIM_CLASS_IPI && sim_self->depth != 0) {
        check_fail("C5", "processor %u takes a doorbell inside the handler of another",
                   sim_self->index);
    }
}

/* ---- the turn's queue (C2) ---- */

/* Queued: wants the turn and has counted itself, at CLOCK_LEVEL, until it uncounts itself. */
void check_update(unsigned processor, enum sim_operation operation)
{
    if (sim_cpus[processor].irql != IRQL_CLOCK || making[processor] == 0) {
        return;
    }
    if (operation == SIM_ADD && OWN_VIEW(processor, seat.turn) == TURN_WANTED) {
        check_calls[making[processor] - 1].queued = true;
    } else if (operation == SIM_SUB) {
        check_calls[making[processor] - 1].queued = false;
    }
}

void check_wait(void)
{
    const struct call *call =
        making[sim_self->index] != 0 ? &check_calls[making[sim_self->index] - 1] : NULL;

    if (call != NULL && call->queued && sim_self->depth == 0 && call->timeout_ticks != 0 &&
        explore_world.now_ticks - call->began_ticks > call->timeout_ticks) {
        check_fail("X", "processor %u still waits for its turn after its deadline",
                   sim_self->index);
    }
}

void check_serialized(void)
{
    outcomes_serialized(sim_self->index);
}

static void count_overtaken(unsigned caller)
{
    for (unsigned i = 0; i < sim_count; i++) {
        struct call *call = i != caller && making[i] != 0 ? &check_calls[making[i] - 1] : NULL;
        if (call != NULL && call->queued && call_is_untouched(call) &&
            ++call->overtaken[caller] > 1) {
            check_fail("C2", "processor %u overtakes the waiting processor %u for the second time",
                       caller, i);
        }
    }
}

/* ---- the call of a routine ---- */

static bool is_kernel_routine(const struct call *call)
{
    return call->routines[0] == NULL && call->routines[1] == NULL && call->routines[2] == NULL;
}

/* The phase that this routine is in the call, RENDEZVOUS_PHASES for none. */
static unsigned phase_of(const struct call *call, arch_worker *routine, uintptr_t context)
{
    struct sim_range stack = sim_stack(call->caller);

    if (call->state == CALL_NONE) {
        return RENDEZVOUS_PHASES;
    }
    if (is_kernel_routine(call)) {
        return context - (uintptr_t)stack.base < stack.size ? RENDEZVOUS_ACTION : RENDEZVOUS_PHASES;
    }
    unsigned phase = 0;
    while (phase < RENDEZVOUS_PHASES &&
           (call->routines[phase] != routine || call->context != context)) {
        phase++;
    }
    return phase;
}

/* The processors in a routine of the call. */
static uint16_t running(const struct call *call)
{
    unsigned mask = 0;
    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        mask |= (unsigned)(call->started[i] & ~call->finished[i]);
    }
    return (uint16_t)mask;
}

bool check_stack_open(unsigned owner)
{
    for (unsigned i = 0; i < CHECK_CALLS; i++) {
        if (check_calls[i].caller == owner && (running(&check_calls[i]) >> sim_self->index & 1)) {
            return true;
        }
    }
    return false;
}

/* Every running kernel routine is a flush: that of its call's caller. */
void check_tlb_flushed(unsigned processor)
{
    outcomes_flushed(processor);
    for (unsigned i = 0; i < sim_count; i++) {
        struct call *call = &check_calls[i];
        if (call->state == CALL_MADE && is_kernel_routine(call) &&
            (running(call) >> processor & 1)) {
            call->flushed |= (uint16_t)(1u << processor);
        }
    }
}

/* ---- a routine begins, or ends ---- */

/* The call in which a processor was last at a barrier: `reached` without the phase. */
static uint64_t generation_at(unsigned processor)
{
    return OWN_VIEW(processor, seat.reached) >> 3;
}

static void check_all_arrived(const struct call *call)
{
    uint64_t generation = generation_at(sim_self->index);

    for (unsigned i = 0; i < sim_count; i++) {
        if ((call->members >> i & 1) != 0 &&
            (sim_cpus[i].irql < IRQL_IPI || generation_at(i) != generation)) {
            check_fail("K2",
                       "processor %u starts the routine, and processor %u (IRQL %u) has not "
                       "arrived",
                       sim_self->index, i, sim_cpus[i].irql);
        }
    }
}

/* The previous phase of the call, RENDEZVOUS_PHASES for none. */
static unsigned phase_before(const struct call *call, unsigned phase)
{
    while (phase-- != 0) {
        if (call->routines[phase] != NULL) {
            return phase;
        }
    }
    return RENDEZVOUS_PHASES;
}

/*
 * X: begun before the deadline, or never. Where time passes only when no processor can go on, and
 * by more than a patience each time, none is late by more than one such leap.
 */
static void check_punctual(const struct call *call)
{
    uint64_t late_ticks = call->timeout_ticks + patience_get_ms() * arch_ticks_per_ms() + 1;

    if (call->timeout_ticks != 0 && (scenario->fault_kinds & FAULT_LEAP) == 0 &&
        explore_world.now_ticks - call->began_ticks > late_ticks) {
        check_fail("X", "the call of processor %u begins long after its deadline", call->caller);
    }
}

/*
 * X: arrivals come after the call, so no routine begins sooner after the call than after the
 * arrivals.
 */
static void check_moment(const struct call *call)
{
    uint64_t since_ticks = explore_world.now_ticks - call->began_ticks;

    if (since_ticks < call->moment_ticks) {
        check_fail("X", "processor %u begins %llu ns after the call, %llu before the moment",
                   sim_self->index, (unsigned long long)since_ticks,
                   (unsigned long long)(call->moment_ticks - since_ticks));
    }
}

/* The first of all to begin the phase: have all members come that far? */
static void check_phase_open(struct call *call, unsigned phase)
{
    unsigned last = is_kernel_routine(call) ? RENDEZVOUS_PHASES : phase_before(call, phase);

    if (last == RENDEZVOUS_PHASES) {
        check_all_arrived(call);
        check_punctual(call);
        count_overtaken(call->caller);
        memset(call->overtaken, 0, sizeof call->overtaken); /* it no longer waits */
    } else if (call->finished[last] != call->members) {
        check_fail("X", "processor %u begins phase %u, and phase %u is finished by 0x%x of 0x%x",
                   sim_self->index, phase, last, call->finished[last], call->members);
    }
}

/* May this processor take part in the call at all? */
static void check_takes_part(const struct call *call)
{
    unsigned self = sim_self->index;

    if (outcomes_is_gone(self)) {
        check_fail("C4", "processor %u runs a routine, and it has left", self);
    } else if ((call->members >> self & 1) == 0) {
        check_fail("C4", "processor %u runs a routine of a call to the processors 0x%x", self,
                   call->members);
    }
    if (call->everybody && call->members != check_online()) {
        check_fail("C4", "a call is made to the processors 0x%x, and 0x%x are online",
                   call->members, check_online());
    }
    if (call->state >= CALL_NEVER) {
        check_fail("X", "processor %u begins a routine of a call that was given up", self);
    }
}

static void routine_begins(struct call *call, unsigned phase)
{
    unsigned self = sim_self->index;

    if (call->everybody && call->members == 0) {
        call->members = check_online();
    }
    check_takes_part(call);
    check_moment(call);
    if (sim_self->irql != IRQL_IPI) {
        check_fail("K1", "processor %u starts the routine at IRQL %u", self, sim_self->irql);
    }
    if (call->started[phase] == 0) {
        check_phase_open(call, phase);
    }
    if ((call->started[phase] >> self & 1) != 0) {
        check_fail("K4", "processor %u starts a routine of processor %u twice", self, call->caller);
    }
    if (self == call->caller && call->state == CALL_MADE &&
        sim_self->interrupts != call->interrupts) {
        check_fail("K13", "the caller %u starts its routine with IF=%u, and called with IF=%u",
                   self, sim_self->interrupts, call->interrupts);
    }
    call->started[phase] |= (uint16_t)(1u << self);
    explore_self()->unserialized = true;
}

static void routine_ends(struct call *call, unsigned phase)
{
    unsigned self = sim_self->index;

    call->finished[phase] |= (uint16_t)(1u << self);
    if (call->state == CALL_STUCK && (call->unfinished >> self & 1) == 0) {
        check_fail("K5", "processor %u was still in a routine when its call was over", self);
    }
}

void sim_on_worker(arch_worker *worker, uintptr_t context, bool begins)
{
    unsigned self = sim_self->index;
    struct call *call = NULL;
    unsigned phase = RENDEZVOUS_PHASES;

    for (unsigned i = 0; i < CHECK_CALLS && phase == RENDEZVOUS_PHASES; i++) {
        call = &check_calls[i];
        phase = phase_of(call, worker, context);
    }
    if (trace_on) {
        trace_line("     P%u   %s phase %u of the call of P%u", self, begins ? "begins" : "ends",
                   phase, call->caller);
    }
    if (phase == RENDEZVOUS_PHASES) {
        check_fail("K7", "processor %u runs %p(0x%llx), which nobody calls (any more)", self,
                   *(void **)&worker, (unsigned long long)context);
        steps_stop(NEXT_STOPPED);
        return;
    }
    if (scenario->ladder != NULL) {
        ladder_routine(begins);
    }
    if (begins) {
        routine_begins(call, phase);
    } else {
        routine_ends(call, phase);
    }
}
