/* SPDX-License-Identifier: MIT */
/*
 * THE CORE: the phases of a call on a set of processors, all at the same time, at IPI_LEVEL.
 *
 * The problem. A caller must stop every processor of the set, wherever it is, hold all of them at
 * one point, release them together, perhaps hold them again between two phases, and return when
 * none of them will touch the request again. Meanwhile others want to do the same.
 *
 * The words. All state is in memory; the interrupt is a doorbell that says "look".
 *
 *   round.state        generation, leader, the phases of the call, and how far it is: the one word
 *                      that everybody follows
 *   round.members ...  the request: written by the holder of the turn, before state says PENDING
 *   seat.reached       per processor: generation and phase that it last completed; PENDING is the
 *                      first: it has arrived
 *   seat.done          per processor: the generation that it last let go of
 *
 * The protocol. l is the leader: the processor that calls, whether it is a member or not. t is any
 * other member.
 *
 *   1 l   takes the turn (turn.c), at CLOCK_LEVEL, taking part in the calls of others meanwhile
 *   2 l   raises to IPI_LEVEL, writes the request, sets state = (g, PENDING), rings the doorbells
 *   3 t   at IPI_LEVEL sees (g, PENDING) and itself among the members: reached = (g, PENDING)
 *   4 l   collects reached == (g, PENDING) from all members
 *   5 l   state = (g, p), the first phase of the call: one compare-and-swap         or, in B3,
 *     l   state = (g, WITHDRAWN): the same compare-and-swap; nobody will ever run anything
 *   6 lt  run the routine of p; if a phase follows, t: reached = (g, p), and back to 4 with it
 *   7 t   done = g, the last access to anything that belongs to the call
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
 * Without waiting (X). The caller does 1 and 2 with state = (g, POSTED) and goes on. The first
 * member to arrive leads: it swaps (g, POSTED) for (g, PENDING) with its own index and does l's
 * part from 4 on, including the turn. A member that loses the swap follows. A processor that asks
 * for the result after the deadline swaps (g, POSTED) for (g, WITHDRAWN). So either there is a
 * leader, or nobody ever runs anything. Several processors may compete for this swap; once a state
 * has a leader, only the leader changes it. (call.c, posted.c)
 *
 *   (g, POSTED) ==first to arrive==> (g, PENDING)     (g, POSTED) ==caller, too late==> WITHDRAWN
 *
 * At a moment (X). If the state says `timed`, l names a clock value between 4 and 5, in a word of
 * the request: the present time plus what the request asks for. In 6 each processor waits until its
 * own clock shows that value (moment.c), then looks at the state once more, so that nobody begins a
 * call that was given up meanwhile. Whether the clocks agree is measured (clocks.c). Other calls do
 * not read the word.
 *
 * Memory ordering. Each arrow is a release store and the acquire load that reads it:
 *   2 -> 3  state: the set is complete for a processor that sees POSTED or PENDING, and so is what
 *           the caller has put aside for the leader, for the processor that swaps POSTED.
 *   3 -> 4  reached: what t stored before it arrived, or in the phase, is known to l.
 *   5 -> 6  state: what l knows by then, every t knows (K8: all stores before a phase, to all).
 *   7 -> 8  done: what the routines stored on t is known to l on return (K8).
 * The doorbell needs no ordering of its own: the machine sends it after the stores
 * (arch_ring_doorbell), and the receiver reads state with acquire. A processor returns from a call
 * through a serialising instruction: the end of the interrupt, or arch_serialize() if there was no
 * interrupt (K8, text patched by a worker).
 *
 * Exactly once (K4, C5). A processor takes part only if state is POSTED or PENDING. From 3 to 7 it
 * stays at IPI_LEVEL, where it takes part in nothing else, and when it leaves, state has moved on.
 * So a doorbell that is late, doubled, merged or spurious finds no such state and does nothing. A
 * processor that the round does not wait for (one outside the set, or one that was given up on) may
 * read the request while the next one is being written. It looks at state again and ignores what it
 * read if state has changed.
 *
 * The members (C4). The set is chosen with the turn held, and processors come and go with the
 * turn held (membership.c), so the set cannot change during a call.
 *
 * Deadlock. A processor that waits for the turn serves its holder: at CLOCK_LEVEL the doorbell
 * reaches it, and with interrupts disabled it polls, as spin lock waits do. The leader waits for
 * members only, and a member in 3..7 waits for the leader only. Workers may wait for each other
 * (K3), since all of them run at once. There is one protocol: everything else that needs all
 * processors runs as a routine of it (C6, tlb.c).
 *
 * Waiting. Where processors outnumber cores, a wait in 1, 3, 4, 6 or 8 halts. So each step that
 * changes an awaited word is followed by a look for sleepers: 2 and 5 wake members; 3, 6 and 7 wake
 * the leader; handing on the turn wakes the next caller. wait.c explains why no wake-up is lost.
 *
 * Lifetime (K5). The request and its argument may cease to exist when the call is over. Members
 * read the request between 3 and 7 only, and the leader ends the call after 8. `done` does not mean
 * that the target has left its interrupt handler, but nothing in the rest of that handler belongs
 * to the call.
 *
 * Failure. Every wait has a deadline (wait.h). Before it passes, silent processors are rung again
 * and asked what they are doing (watchdog.c). A processor that has not arrived by the deadline is
 * missing: the leader withdraws the round, sees those that had arrived leave, and hands on the
 * turn. A processor that has not finished a phase is stuck: nothing can be undone, but no further
 * phase begins. The caller gets a status (X), or the system stops with bug check 0x101 (B3, B4). A
 * missing processor that comes late finds a state other than its own and leaves; what it stores has
 * generation g, which nobody waits for any more.
 *
 * What was not done. No shared counters (collect.c says why). No reset phase: generations make it
 * unnecessary.
 *
 * Step 2 and the words themselves are in round.c, the way into step 3 is in enter.c.
 * tests/model/rendezvous.pml is a model of this protocol, with the same numbers; tests/sim explores
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

/*
 * K4: this processor has done its part in the call, unless the last state it saw says that the call
 * was given up.
 */
static void check_ran(const struct processor *self, uint64_t generation, uint64_t state)
{
    if (self->seat.ran != generation && round_runs(state, generation)) {
        round_note_irregular(generation);
    }
}

/* This processor has completed `phase` and is at the barrier to the next. */
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

/*
 * In a timed call, before its first phase. A stale value cannot make the wait endless (moment.c).
 */
static void await_moment(const struct processor *self, uint64_t state)
{
    if (round_is_timed(state) && self->seat.ran != round_generation(state)) {
        moment_await(atomic_load_explicit(&current_round.due_ticks, memory_order_relaxed));
    }
}

/*
 * Runs the routine of the phase and notes the time before and after it. False if the call was given
 * up before the routine was read.
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

/* Waits until the leader advances from `state`; returns the new state (acquire). */
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
     * leader sleeps is kept in its processor structure, which stays.) */
    atomic_store_explicit(&self->seat.done, generation, memory_order_release);
    wait_wake(leader);
    trace_event(self, TRACE_DONE, arch_ticks(), generation);
}

/* ---- the leader's part: steps 4, 5 and 8 ---- */

/* Step 5: advances the state, once, and wakes sleepers; returns the new state. */
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
 * No further phase begins. Before anything else, those that are not missing must be seen to leave;
 * one that does not is missing, too. A processor that comes later touches its own seat and reads
 * atomic words, no more.
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

/* Steps 4 to 8, except for the turn. `others`: the members without the leader. */
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
