/* SPDX-License-Identifier: MIT */
/*
 * The way into a call, by the doorbell or by polling: step 3 of rendezvous.c, up to the point where
 * a processor follows the leader or, in a call without a leader, becomes it.
 */
#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/posted.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/trace.h"

/* The state of a call that waits for this processor; 0 if none does. */
static uint64_t wanted_state(struct processor *self)
{
    uint64_t state = atomic_load_explicit(&current_round.state, memory_order_acquire);

    if (!round_is_open(state)) {
        return 0;
    }
    uint64_t word =
        atomic_load_explicit(&current_round.members[self->index / 64], memory_order_relaxed);
    /* The words may be those of the next request (round.c), unless this call still waits. (It may
     * have got its leader meanwhile.) */
    atomic_thread_fence(memory_order_acquire);
    uint64_t now = atomic_load_explicit(&current_round.state, memory_order_relaxed);
    bool waits = round_generation(now) == round_generation(state) && round_is_open(now);
    return waits && (word >> self->index % 64) & 1 ? now : 0;
}

/* IRQL: IPI_LEVEL, reached from below, so no other call can be under way on this processor. */
static void serve(struct processor *self)
{
    uint64_t state = wanted_state(self);

    if (state == 0) {
        return;
    }
    hooks_reach(HOOK_ARRIVAL);
    uint64_t generation = round_generation(state);
    if (round_phase(state) == ROUND_POSTED && round_claim(&state, self->index)) {
        posted_lead(self, state);
    } else {
        rendezvous_follow(self, generation, state);
    }
}

void rendezvous_interrupt(void)
{
    unsigned old_irql = irql_set(IRQL_IPI);
    trace_event(arch_processor(), TRACE_INTERRUPT, arch_ticks(), old_irql);
    hooks_reach(HOOK_ENTRY);
    /* The priority register holds the class back by now, so the acknowledgement can be sent
     * early: that takes it off the critical path. */
    arch_end_of_interrupt();
    arch_interrupts_enable();
    serve(arch_processor());
    /* From here to the return interrupts stay disabled, or doorbells would nest without bound. */
    arch_interrupts_disable();
    irql_lower(old_irql);
}

void rendezvous_poll(void)
{
    if (arch_irql() >= IRQL_IPI || wanted_state(arch_processor()) == 0) {
        return;
    }
    unsigned old_irql = irql_raise(IRQL_IPI);
    serve(arch_processor()); /* perhaps not the one of the line above; it looks again itself */
    irql_lower(old_irql);
    arch_serialize();
}

/*
 * Code in a routine cannot be moved to another processor. In a kernel that preempts, other code can
 * be, between the two steps of the first look. That look may then be about a processor that it has
 * left, so it looks again where it cannot be moved.
 */
bool rendezvous_in_worker(void)
{
    if (!processor_in_routine(arch_processor())) {
        return false;
    }
    unsigned old_irql = irql_raise(IRQL_DISPATCH);
    bool inside = processor_in_routine(arch_processor());
    irql_lower(old_irql);
    return inside;
}
