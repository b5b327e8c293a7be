/* SPDX-License-Identifier: MIT */
/*
 * The request of a round: how the holder of the turn writes it (step 2 of rendezvous.c), and how it
 * is claimed, or withdrawn, while it has no leader. The members' side is in enter.c and
 * rendezvous.c.
 *
 * Memory ordering. The words of the request are relaxed; the state makes them one unit. A reader
 * loads state (acquire), then the words, then, after an acquire fence, state again. The writer
 * stores the words after a release fence, then state (release). So a reader that sees a new word
 * also sees that the state it began with has changed, and ignores the word. And a reader that finds
 * the state of this round has the words of this round.
 */
#include "kernel/rendezvous/round.h"

#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/moment.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/rendezvous/wait.h"

struct round current_round = { .state = ROUND_WITHDRAWN };

/* Everything except the last store; returns the state (g, POSTED). */
static uint64_t prepare(const struct rendezvous_request *request,
                        const struct processor_set *members)
{
    /* Only the holder of the turn begins a generation: relaxed. The last request is fully visible
     * to us. */
    uint64_t last = atomic_load_explicit(&current_round.state, memory_order_relaxed);
    uint64_t state = round_first(round_generation(last) + 1);

    atomic_thread_fence(memory_order_release);
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        atomic_store_explicit(&current_round.members[i], members->words[i], memory_order_relaxed);
    }
    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        if (request->routines[i] != NULL) {
            atomic_store_explicit(&current_round.routines[i], request->routines[i],
                                  memory_order_relaxed);
            state = round_add_phase(state, ROUND_SETUP + i);
        }
    }
    atomic_store_explicit(&current_round.argument, request->argument, memory_order_relaxed);
    if (request->release_after_ns != 0) {
        atomic_store_explicit(&current_round.due_ticks,
                              moment_span_ticks(request->release_after_ns), memory_order_relaxed);
        state = round_add_moment(state);
    }
    return state;
}

/*
 * The last store. The doorbell reaches processors that can be interrupted, the wake doorbell those
 * that sleep.
 */
static void publish(uint64_t state, const struct processor_set *others, uint64_t sent_ticks)
{
    atomic_store_explicit(&current_round.state, state, memory_order_release);
    hooks_ring(others);
    wait_wake_all(others);
    trace_event(arch_processor(), TRACE_SENT, sent_ticks, round_generation(state));
}

uint64_t round_begin(struct processor *self, const struct rendezvous_request *request,
                     const struct processor_set *members, uint64_t sent_ticks)
{
    struct processor_set others;
    uint64_t state = round_led_by(prepare(request, members), self->index);

    processor_set_copy(&others, members);
    processor_set_remove(&others, self->index);
    publish(state, &others, sent_ticks);
    return state;
}

void round_post(const struct rendezvous_request *request, const struct processor_set *members,
                uint64_t sent_ticks, uint64_t *generation)
{
    uint64_t state = round_leave_unwaited(prepare(request, members));

    /* The generation first: once the request is published, the call may end, and the owner of
     * `generation` may be gone. */
    *generation = round_generation(state);
    publish(state, members, sent_ticks); /* our own doorbell is rung, too */
}

uint64_t round_name_moment(uint64_t now_ticks)
{
    uint64_t span_ticks = atomic_load_explicit(&current_round.due_ticks, memory_order_relaxed);

    /* Relaxed: the state advances after it (release), and a member reads that first (acquire). */
    atomic_store_explicit(&current_round.due_ticks, now_ticks + span_ticks, memory_order_relaxed);
    return now_ticks + span_ticks;
}

bool round_withdraw_posted(uint64_t generation)
{
    uint64_t state = atomic_load_explicit(&current_round.state, memory_order_relaxed);

    return round_generation(state) == generation && round_phase(state) == ROUND_POSTED &&
           atomic_compare_exchange_strong_explicit(&current_round.state, &state,
                                                   round_with_phase(state, ROUND_WITHDRAWN),
                                                   memory_order_acq_rel, memory_order_relaxed);
}

bool round_claim(uint64_t *state, unsigned leader)
{
    uint64_t led = round_led_by(*state, leader);

    if (!atomic_compare_exchange_strong_explicit(&current_round.state, state, led,
                                                 memory_order_acq_rel, memory_order_acquire)) {
        return false;
    }
    *state = led;
    return true;
}

uint64_t round_progress(void)
{
    return atomic_load_explicit(&current_round.state, memory_order_relaxed);
}

void round_read_members(struct processor_set *members)
{
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        members->words[i] = atomic_load_explicit(&current_round.members[i], memory_order_relaxed);
    }
}

void round_note_irregular(uint64_t generation)
{
    atomic_store_explicit(&current_round.irregular, generation, memory_order_relaxed);
}

bool round_is_irregular(uint64_t generation)
{
    return atomic_load_explicit(&current_round.irregular, memory_order_relaxed) == generation;
}
