/* SPDX-License-Identifier: MIT */
/*
 * THE CORE: the phases of a call on a set of processors, simultaneously, at IPI_LEVEL.
 *
 * The problem. A caller must stop every processor of the set, wherever it is, hold all of them at
 * one point, let them go together, perhaps hold them again between two phases, and return when none
 * of them will touch the request again - while others want the same.
 *
 * The words. All state is in memory; the interrupt is a doorbell that says "look".
 *
 *   round.state        generation, leader, which phases there are, and where the call stands: the
 *                      one word that everybody follows
 *   round.members ...  the request: written by the holder of the turn, before state says PENDING
 *   seat.reached       per processor: generation and phase that it last left behind it; the first
 *                      is PENDING: it has arrived
 *   seat.done          per processor: the generation of which it has let go
 *
 * The protocol. l is the leader: the processor that calls, be it a member or not. t is each other
 * member.
 *
 *   1 l   takes the turn (turn.c), at CLOCK_LEVEL, taking part in the calls of others meanwhile
 *   2 l   raises to IPI_LEVEL, writes the request, sets state = (g, PENDING), rings the doorbells
 *   3 t   at IPI_LEVEL sees (g, PENDING) and itself among the members: reached = (g, PENDING)
 *   4 l   collects reached == (g, PENDING) from all members
 *   5 l   state = (g, p), the first phase that there is: one compare-and-swap       or, in B3,
 *     l   state = (g, WITHDRAWN): the same compare-and-swap, nobody runs anything, ever
 *   6 lt  run the routine of p; another phase follows: t: reached = (g, p), and back to 4 with it
 *   7 t   done = g, the last touch of anything that belongs to the call
 *   8 l   collects done == g, hands on the turn, restores its IRQL
 *
 *                 l: 2               l: 5            l: 5                    l: 2 of the next call
 *   (g-1, ended) ------> (g, PENDING) ===> (g, SETUP) ===> ... (g, TEARDOWN) ------> (g+1, PENDING)
 *                                     ===> (g, WITHDRAWN) -------------------------->
 *   t:  OUT --3--> ARRIVED --6--> RUNNING --6--> ARRIVED ... --> FINISHED --7--> OUT
 *                          --WITHDRAWN----------------------------------7--> OUT
 *
 * KeIpiGenericCall has one phase, ACTION: PENDING, ACTION, and the next call.
 *
 * Without waiting (X). The caller does 1 and 2 with state = (g, POSTED), and goes on. Who arrives
 * first leads: it swaps (g, POSTED) for (g, PENDING) with its own index, and does l's part from 4
 * on, the turn included; who loses the swap follows. Who asks after the deadline swaps (g, POSTED)
 * for (g, WITHDRAWN): so there is a leader, or nobody ever runs anything. Here the swap has rivals;
 * a state that has a leader is moved by that one only. (call.c, posted.c)
 *
 *   (g, POSTED) ==first to arrive==> (g, PENDING)     (g, POSTED) ==caller, too late==> WITHDRAWN
 *
 * At a moment (X). Where `timed` stands in the state, l names a clock value between 4 and 5: the
 * present and what the request says, in a word of the request. In 6 each waits for it by its own
 * clock (moment.c) before it looks at the state once more: nobody begins a call that was given up
 * meanwhile. Whose clocks agree is measured (clocks.c). Other calls do not read the word.
 *
 * Memory ordering. Each arrow is a release store and the acquire load that reads it:
 *   2 -> 3  state: the set is complete for whoever sees POSTED or PENDING, and what the caller has
 *           put aside for the leader is for who swaps POSTED.
 *   3 -> 4  reached: what t stored before it arrived, or in the phase, is known to l.
 *   5 -> 6  state: what l knows by then, every t knows (K8: all stores before a phase, to all).
 *   7 -> 8  done: what the routines stored on t is known to l on return (K8).
 * The doorbell needs no order of its own: the machine sends it after the stores
 * (arch_ring_doorbell), and the receiver reads state with acquire. A processor returns from a call
 * by a serialising instruction: the end of the interrupt, or arch_serialize() where there was none
 * (K8, text patched by a worker).
 *
 * Exactly once (K4, C5). A processor takes part only if state is POSTED or PENDING, and from 3 to 7
 * it stays at IPI_LEVEL, where it takes part in nothing else; when it leaves, that has passed. A
 * doorbell that is late, doubled, merged or spurious finds no such state and does nothing. A
 * processor that the round does not wait for may read the request while the next one is being
 * written: one outside the set, or one that was given up on. It looks at state again and ignores
 * what it read if that has moved.
 *
 * Who takes part (C4). The set is chosen with the turn in hand, and processors come and go with the
 * turn in hand (membership.c): it cannot change under a call.
 *
 * Deadlock. Whoever waits for a turn serves the holder: at CLOCK_LEVEL the doorbell reaches it, and
 * with interrupts disabled it polls, as spin lock waits do. The leader waits for members only, and
 * a member in 3..7 waits for the leader only. Workers wait for each other at their own will (K3):
 * all run at once. There is one protocol: whatever needs all processors is a routine (C6, tlb.c).
 *
 * Waiting. Where processors outnumber cores, who waits in 1, 3, 4, 6 or 8 halts. So each step that
 * changes an awaited word is followed by a look for sleepers: 2 and 5 wake members, 3, 6 and 7 the
 * leader, handing on the turn the next caller. wait.c tells why no wake-up is lost.
 *
 * Lifetime (K5). The request and its argument may die when the call is over. Members read the
 * request between 3 and 7 only; the leader ends the call after 8. `done` does not mean that the
 * target has left its interrupt handler; nothing in the rest of that handler belongs to the call.
 *
 * Failure. Every wait has a deadline (wait.h), and on the way to it those who are silent are rung
 * again and asked (watchdog.c). Who has not arrived by then is missing: the round is withdrawn,
 * those that had arrived are seen to leave, and the turn is handed on. Who has not finished a phase
 * is stuck: nothing can be undone, but the others begin no further phase. The caller is told (X),
 * or stops the system by bug check 0x101 (B3, B4). Should a missing one come late, it finds another
 * state than its own and leaves; what it stores is generation g, which counts for nobody.
 *
 * What was not done. No shared counters (collect.c says why). No reset phase: generations make it
 * unnecessary.
 *
 * Step 2 and the words themselves are in round.c, the way into step 3 in enter.c.
 * tests/model/rendezvous.pml is this protocol as a model, with these numbers; tests/sim explores
 * the schedules of these very files.
 */
#include "kernel/rendezvous/rendezvous.h"

#include "kernel/irql.h"
#include "kernel/rendezvous/collect.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/moment.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/rendezvous/watchdog.h"
#include "kernel/upcall.h"

/* ---- everybody's part: steps 3, 6 and 7 ---- */

static void seat_enter_phase(struct processor *self, enum seat_phase phase)
{
    atomic_store_explicit(&self->seat.phase, phase, memory_order_relaxed);
}

/* K4: this processor has done its part in the call, unless that was given up, by its last state. */
static void check_ran(const struct processor *self, uint64_t generation, uint64_t state)
{
    if (self->seat.ran != generation && round_runs(state, generation)) {
        round_note_irregular(generation);
    }
}

/* This processor has left `phase` behind it, and is at the barrier to the next. */
static void reach(struct processor *self, uint64_t generation, enum round_phase phase)
{
    seat_enter_phase(self, SEAT_ARRIVED);
    atomic_store_explicit(&self->seat.reached, round_mark(generation, phase), memory_order_release);
}

static void arrive(struct processor *self, uint64_t generation)
{
    self->seat.arrived_ticks = arch_ticks();
    reach(self, generation, ROUND_PENDING);
    trace_event(self, TRACE_ARRIVED, self->seat.arrived_ticks, generation);
}

static void note_release(struct processor *self, uint64_t generation)
{
    self->seat.released_ticks = arch_ticks();
    trace_event(self, TRACE_RELEASED, self->seat.released_ticks, generation);
}

/* B2: a routine leaves the IRQL as it was. */
static void check_irql(arch_worker *worker, uintptr_t argument)
{
    unsigned irql = arch_irql();

    if (irql != IRQL_IPI) {
        bugcheck_stop(BUGCHECK_IRQL_UNEXPECTED_VALUE, (uintptr_t)irql << 16 | IRQL_IPI << 8 | 2,
                      (uintptr_t)worker, argument, 0);
    }
}

/* Of a timed call, before its first phase. A word of a call that is over makes no wait endless. */
static void await_moment(const struct processor *self, uint64_t state)
{
    if (round_is_timed(state) && self->seat.ran != round_generation(state)) {
        moment_await(atomic_load_explicit(&current_round.due_ticks, memory_order_relaxed));
    }
}

/*
 * Runs the routine of the phase, between two looks at the clock; false if the call was given up
 * before it was read.
 */
static bool run_phase(struct processor *self, uint64_t state)
{
    enum round_phase phase = round_phase(state);
    struct rendezvous_seat *seat = &self->seat;

    await_moment(self, state);
    arch_worker *worker =
        atomic_load_explicit(&current_round.routines[phase - ROUND_SETUP], memory_order_relaxed);
    uintptr_t argument = atomic_load_explicit(&current_round.argument, memory_order_relaxed);

    atomic_thread_fence(memory_order_acquire); /* as wanted_state(), enter.c */
    if (atomic_load_explicit(&current_round.state, memory_order_relaxed) != state) {
        return false;
    }
    seat_enter_phase(self, SEAT_RUNNING);
    uint64_t started_ticks = arch_ticks();
    if (seat->ran != round_generation(state)) {
        seat->ran = round_generation(state);
        seat->irql = (uint16_t)arch_irql();
        seat->started_ticks = started_ticks;
        if (seat->irql != IRQL_IPI) {
            round_note_irregular(round_generation(state));
        }
    }
    trace_event(self, TRACE_STARTED, started_ticks, (uintptr_t)worker);
    watchdog_guard_routine(self, started_ticks);
    hooks_reach(HOOK_WORKER);
    uintptr_t returned = arch_call_worker(worker, argument);
    seat->finished_ticks = arch_ticks();
    trace_event(self, TRACE_FINISHED, seat->finished_ticks, round_generation(state));
    check_irql(worker, argument);
    if (phase != ROUND_TEARDOWN || !round_has_phase(state, ROUND_ACTION)) {
        seat->returned = returned;
    }
    seat_enter_phase(self, SEAT_FINISHED);
    hooks_reach(HOOK_FINISH);
    return true;
}

/* ---- a member's part ---- */

/* Waits until the leader goes on from `state`; returns where to (acquire). */
static uint64_t await_step(uint64_t state)
{
    struct wait wait =
        wait_begin_sleepy(WAIT_MEMBER_PATIENCE, WAIT_FOR_PROCESSOR + round_leader(state), 0);
    uint64_t now;

    while ((now = atomic_load_explicit(&current_round.state, memory_order_acquire)) == state) {
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            turn_expired();
        }
    }
    wait_end(&wait);
    return now;
}

void rendezvous_follow(struct processor *self, uint64_t generation, uint64_t state)
{
    unsigned leader = round_leader(state);

    arrive(self, generation);
    wait_wake(leader);
    if (round_generation(state) == generation && round_phase(state) == ROUND_PENDING) {
        state = await_step(state);
    }
    note_release(self, generation);
    while (round_runs(state, generation) && run_phase(self, state) &&
           round_next_phase(state) != ROUND_NONE) {
        reach(self, generation, round_phase(state));
        wait_wake(leader);
        state = await_step(state);
    }
    seat_enter_phase(self, SEAT_OUT);
    check_ran(self, generation, state);
    /* From here on the call may end: its argument and the request are no longer ours. (Whether the
     * leader sleeps stands in its processor's structure, which stays.) */
    atomic_store_explicit(&self->seat.done, generation, memory_order_release);
    wait_wake(leader);
    trace_event(self, TRACE_DONE, arch_ticks(), generation);
}

/* ---- the leader's part: steps 4, 5 and 8 ---- */

/* Step 5: state goes on, once, and sleepers are told; returns the new state. */
static uint64_t advance(uint64_t state, enum round_phase phase, const struct processor_set *others)
{
    uint64_t expected = state;

    atomic_compare_exchange_strong_explicit(&current_round.state, &expected,
                                            round_with_phase(state, phase), memory_order_acq_rel,
                                            memory_order_relaxed);
    wait_wake_all(others);
    return round_with_phase(state, phase);
}

/*
 * No further phase begins. Those that are not missing are seen to leave before anything else; one
 * that does not is missing, too. One that comes later touches its own seat and looks at atomic
 * words, no more.
 */
static void give_up(uint64_t state, const struct processor_set *others,
                    struct processor_set *missing)
{
    struct processor_set rest, stuck;

    processor_set_copy(&rest, others);
    processor_set_subtract(&rest, missing);
    advance(state, ROUND_WITHDRAWN, others);
    trace_event(arch_processor(), TRACE_WITHDRAWN, arch_ticks(), round_generation(state));
    if (collect(&rest, COLLECT_DONE, round_generation(state), 0, &stuck) != 0) {
        processor_set_for_each(processor, &stuck) {
            processor_set_add(missing, processor);
        }
    }
}

/* Steps 4 to 8 but for the turn. `others`: the members without the leader. */
static void lead_phases(struct processor *self, uint64_t state, uint64_t expires_ticks,
                        const struct processor_set *others, struct rendezvous_result *result)
{
    const uint64_t generation = round_generation(state);
    enum round_phase next = round_next_phase(state);

    do {
        hooks_reach(HOOK_COLLECT);
        bool arrives = round_phase(state) == ROUND_PENDING;
        if (collect(others, COLLECT_REACHED, round_mark(generation, round_phase(state)),
                    arrives ? expires_ticks : 0, result->missing) != 0) {
            result->status = arrives ? RENDEZVOUS_ABSENT : RENDEZVOUS_STUCK;
            result->cut_short = true;
            give_up(state, others, result->missing);
            return;
        }
        if (arrives) {
            note_release(self, generation);
            result->due_ticks =
                round_is_timed(state) ? round_name_moment(self->seat.released_ticks) : 0;
        }
        state = advance(state, next, others);
        if (result->takes_part) {
            (void)run_phase(self, state); /* the call is still ours: it was not given up */
        }
        next = round_next_phase(state);
    } while (next != ROUND_NONE);
    if (collect(others, COLLECT_DONE, generation, 0, result->missing) != 0) {
        result->status = RENDEZVOUS_STUCK;
        give_up(state, others, result->missing);
    }
}

void rendezvous_lead(struct processor *self, uint64_t state, uint64_t expires_ticks,
                     struct rendezvous_result *result)
{
    struct processor_set others;

    processor_set_copy(&others, result->members);
    processor_set_remove(&others, self->index);
    result->generation = round_generation(state);
    result->status = RENDEZVOUS_OK;
    result->takes_part = processor_set_contains(result->members, self->index);
    if (result->takes_part) {
        arrive(self, result->generation);
    }
    lead_phases(self, state, expires_ticks, &others, result);
    if (result->takes_part) {
        check_ran(self, result->generation,
                  atomic_load_explicit(&current_round.state, memory_order_relaxed));
        result->returned = self->seat.returned;
    }
    seat_enter_phase(self, SEAT_OUT);
    result->end_ticks = arch_ticks();
    trace_event(self, TRACE_DONE, result->end_ticks, result->generation);
}
