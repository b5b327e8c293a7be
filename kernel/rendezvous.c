/*
 * THE CORE: one routine on all processors, simultaneously, at IPI_LEVEL.
 *
 * The problem. A caller must stop every processor, wherever it is, hold all of them at one point,
 * let them go together, and return when none of them will touch the request again - while others
 * want the same.
 *
 * The words. All state is in memory; the interrupt is a doorbell that says "look".
 *
 *   round.state        generation << 2 | phase: the one word that everybody follows
 *   round.members ...  the request: written by the holder of the turn, before state says PENDING
 *   seat.arrived       per processor: the generation in which it last reached the barrier
 *   seat.done          per processor: the generation of which it has let go
 *
 * The protocol (c: caller, t: each other member).
 *
 *   1 c   takes the turn (turn.c), at CLOCK_LEVEL, taking part in the calls of others meanwhile
 *   2 c   raises to IPI_LEVEL, writes the request, sets state = (g, PENDING), rings the doorbells
 *   3 t   at IPI_LEVEL sees (g, PENDING) and itself among the members: arrived = g
 *   4 c   collects arrived == g from all members
 *   5 c   state = (g, RELEASED): one compare-and-swap, all run the routine          or, in B3,
 *     c   state = (g, WITHDRAWN): the same compare-and-swap, nobody runs it, ever
 *   6 ct  run the routine (only if RELEASED)
 *   7 t   done = g, the last touch of anything that belongs to the call
 *   8 c   collects done == g, hands on the turn, restores its IRQL, returns its own value
 *
 *                 c: 2               c: 5                 c: 2 of the next call
 *   (g-1, ended) ------> (g, PENDING) ===> (g, RELEASED)  ------> (g+1, PENDING)
 *                                     ===> (g, WITHDRAWN) ------>
 *   t:  OUT --3--> ARRIVED --6--> RUNNING --> FINISHED --7--> OUT
 *                          --WITHDRAWN------------------7--> OUT
 *
 * Memory ordering. Each arrow is a release store and the acquire load that reads it:
 *   2 -> 3  state: the request is complete for whoever sees PENDING.
 *   3 -> 4  arrived: what t stored before it arrived is known to c.
 *   5 -> 6  state: what c knows by then, every t knows (K8: all stores before the release, to all).
 *   7 -> 8  done: what the routine stored on t is known to c on return (K8).
 * The doorbell needs no order of its own: the machine sends it after the stores
 * (arch_ring_doorbell), and the receiver reads state with acquire. A processor returns from a call
 * by a serialising instruction: the end of the interrupt, or arch_serialize() where there was none
 * (K8, text patched by a worker).
 *
 * Exactly once (K4, C5). A processor takes part only if state is PENDING, and from 3 to 7 it stays
 * at IPI_LEVEL, where it takes part in nothing else; when it leaves, (g, PENDING) is over for ever.
 * A doorbell that is late, doubled, merged or spurious finds no such state and does nothing. A
 * processor that the round does not wait for may read `members` while the next request is being
 * written; it looks at state again and ignores what it read if that has moved.
 *
 * Deadlock. Whoever waits for a turn serves the holder: at CLOCK_LEVEL the doorbell reaches it, and
 * with interrupts disabled it polls, as spin lock waits do. The holder waits for members only, and
 * a member in 3..7 waits for the holder only. Workers wait for each other at their own will (K3):
 * all run at once. There is one protocol: whatever needs all processors is a routine (C6, tlb.c).
 *
 * Waiting. Where processors outnumber cores, who waits in 1, 3, 4 or 8 halts. So each step that
 * changes an awaited word is followed by a look for sleepers: 2 and 5 wake members, 3 and 7 the
 * caller, handing on the turn the next caller. wait.c tells why no wake-up is lost.
 *
 * Lifetime (K5). The request and the caller's argument may die when rendezvous_call() returns. Only
 * members read the request, and only between 3 and 7; c returns after 8. `done` does not mean that
 * the target has left its interrupt handler; nothing in the rest of that handler belongs to the
 * call.
 *
 * Failure. Every wait has a deadline (wait.h). Before 5 the round is withdrawn, and those that
 * arrived are waited for as in 8, so that no worker runs anywhere; the turn is handed on, and bug
 * check 0x101 names the first missing processor (B3). Should that one come late, it finds another
 * state than (g, PENDING) and leaves; what it stores is generation g, which counts for nobody.
 * After 5 nothing can be undone: 0x101 at once (B4).
 *
 * What was not done. No shared counters (barrier.c says why). No reset phase: generations make it
 * unnecessary.
 *
 * tests/model/rendezvous.pml is this protocol as a model, with these numbers; tests/sim explores
 * the schedules of this very file.
 */
#include "kernel/rendezvous.h"

#include "kernel/barrier.h"
#include "kernel/bugcheck.h"
#include "kernel/irql.h"
#include "kernel/processor.h"
#include "kernel/stats.h"
#include "kernel/turn.h"
#include "kernel/wait.h"

enum round_phase { ROUND_PENDING, ROUND_RELEASED, ROUND_WITHDRAWN };

#define PHASE_BITS               2
#define STATE(generation, phase) ((generation) << PHASE_BITS | (phase))
#define GENERATION(state)        ((state) >> PHASE_BITS)
#define PHASE(state)             ((state) & ((1u << PHASE_BITS) - 1))

/*
 * The request lies on the line of the state, as far as it fits: who sees the one has the other.
 * Atomic is what a processor may read that the round does not wait for: one outside the set, or
 * late for a round that was withdrawn. Worker and argument are read by members after the release.
 */
static struct {
    alignas(CACHE_PAIR) _Atomic uint64_t state;
    arch_worker *worker;
    uintptr_t argument;
    _Atomic uint32_t caller; /* index */
    _Atomic uint64_t members[PROCESSOR_SET_WORDS];
} round = { .state = STATE(0, ROUND_RELEASED) };

/* ---- a member's part: steps 3, 6 and 7 ---- */

static void seat_enter_phase(struct processor *self, enum seat_phase phase)
{
    atomic_store_explicit(&self->seat.phase, phase, memory_order_relaxed);
}

/* Runs the routine here, between two looks at the clock, and checks what it left (B2). */
static void run_worker(struct processor *self, uint64_t generation)
{
    arch_worker *worker = round.worker;
    uintptr_t argument = round.argument;

    seat_enter_phase(self, SEAT_RUNNING);
    self->seat.ran = generation;
    self->seat.irql = arch_irql();
    self->seat.started_ticks = arch_ticks();
    self->seat.returned = arch_call_worker(worker, argument);
    self->seat.finished_ticks = arch_ticks();
    unsigned irql = arch_irql();
    if (irql != IRQL_IPI) {
        bugcheck_stop(BUGCHECK_IRQL_UNEXPECTED_VALUE, (uintptr_t)irql << 16 | IRQL_IPI << 8 | 2,
                      (uintptr_t)worker, argument, 0);
    }
    seat_enter_phase(self, SEAT_FINISHED);
}

/* Waits for the end of PENDING; true if it was the release (acquire). */
static bool await_release(uint64_t generation, unsigned caller)
{
    struct wait wait = wait_begin_sleepy(WAIT_MEMBER_PATIENCE, WAIT_FOR_PROCESSOR + caller);
    uint64_t state;

    while ((state = atomic_load_explicit(&round.state, memory_order_acquire)) ==
           STATE(generation, ROUND_PENDING)) {
        if (wait_turn(&wait) == WAIT_EXPIRED) {
            turn_expired();
        }
    }
    wait_end(&wait);
    return state == STATE(generation, ROUND_RELEASED);
}

static void take_part(struct processor *self, uint64_t generation)
{
    unsigned caller = atomic_load_explicit(&round.caller, memory_order_relaxed);

    self->seat.arrived_ticks = arch_ticks();
    seat_enter_phase(self, SEAT_ARRIVED);
    atomic_store_explicit(&self->seat.arrived, generation, memory_order_release);
    wait_wake(caller);
    if (await_release(generation, caller)) {
        run_worker(self, generation);
    }
    seat_enter_phase(self, SEAT_OUT);
    /* From here on the caller may return: its argument and the request are no longer ours. (Whether
     * it sleeps stands in its processor's structure, which stays.) */
    atomic_store_explicit(&self->seat.done, generation, memory_order_release);
    wait_wake(caller);
}

/* The generation that waits for this processor, 0 when none does. */
static uint64_t wanted_generation(struct processor *self)
{
    uint64_t state = atomic_load_explicit(&round.state, memory_order_acquire);
    uint64_t generation = GENERATION(state);

    if (PHASE(state) != ROUND_PENDING) {
        return 0;
    }
    uint64_t word = atomic_load_explicit(&round.members[self->index / 64], memory_order_relaxed);
    /* The words of a set may be those of the next request, unless the state is still the same. */
    atomic_thread_fence(memory_order_acquire);
    bool same = atomic_load_explicit(&round.state, memory_order_relaxed) == state;
    return same && (word >> self->index % 64) & 1 ? generation : 0;
}

/* IRQL: IPI_LEVEL, reached from below, so no other call can be under way on this processor. */
static void serve(struct processor *self)
{
    uint64_t generation = wanted_generation(self);
    if (generation != 0) {
        take_part(self, generation);
    }
}

void rendezvous_interrupt(void)
{
    unsigned old_irql = irql_set(IRQL_IPI);
    /* The priority register holds the class back by now, so the controller may forget this one
     * early: that takes the acknowledgement off the critical path. */
    arch_end_of_interrupt();
    arch_interrupts_enable();
    serve(arch_processor());
    /* From here to the return interrupts stay disabled, or doorbells would nest without bound. */
    arch_interrupts_disable();
    irql_lower(old_irql);
}

void rendezvous_poll(void)
{
    struct processor *self = arch_processor();

    if (arch_irql() >= IRQL_IPI || wanted_generation(self) == 0) {
        return;
    }
    unsigned old_irql = irql_raise(IRQL_IPI);
    serve(self);
    irql_lower(old_irql);
    arch_serialize();
}

bool rendezvous_in_worker(void)
{
    return atomic_load_explicit(&arch_processor()->seat.phase, memory_order_relaxed) ==
           SEAT_RUNNING;
}

/* ---- the caller's part: steps 2, 4, 5 and 8 ---- */

/* Step 2 up to the doorbells; returns the generation. `members` includes the caller. */
static uint64_t publish(struct processor *self, arch_worker *worker, uintptr_t argument,
                        const struct processor_set *members)
{
    /* Only the holder of the turn changes state: relaxed. The last request is fully ours. */
    uint64_t generation = GENERATION(atomic_load_explicit(&round.state, memory_order_relaxed)) + 1;

    /* Pairs with the fence in wanted_generation(): who reads a new word finds PENDING of the last
     * generation gone. */
    atomic_thread_fence(memory_order_release);
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        atomic_store_explicit(&round.members[i], members->words[i], memory_order_relaxed);
    }
    atomic_store_explicit(&round.caller, self->index, memory_order_relaxed);
    round.worker = worker;
    round.argument = argument;
    atomic_store_explicit(&round.state, STATE(generation, ROUND_PENDING), memory_order_release);
    return generation;
}

/* Step 2: the doorbell reaches who can be interrupted, the wake doorbell who sleeps (wait.c). */
static uint64_t summon(struct processor *self, arch_worker *worker, uintptr_t argument,
                       const struct processor_set *members, const struct processor_set *others)
{
    uint64_t generation = publish(self, worker, argument, members);
    arch_ring_doorbell(others);
    wait_wake_all(others);
    return generation;
}

/* Step 5: ends PENDING, once: a second decision finds it ended and changes nothing. */
static void decide(uint64_t generation, enum round_phase decision,
                   const struct processor_set *others)
{
    uint64_t pending = STATE(generation, ROUND_PENDING);
    atomic_compare_exchange_strong_explicit(&round.state, &pending, STATE(generation, decision),
                                            memory_order_acq_rel, memory_order_relaxed);
    wait_wake_all(others);
}

/* The first of them is the culprit. */
static _Noreturn void stop_for(const struct processor_set *missing)
{
    bugcheck_timeout(processor_set_next(missing, 0));
}

/*
 * B3: nobody runs the routine; those that had arrived at the last look are seen to leave before
 * anything else. One that arrives after it touches its own seat and looks at atomic words, no more.
 */
static void withdraw(uint64_t generation, const struct processor_set *others,
                     const struct processor_set *missing)
{
    struct processor_set arrived, stuck;

    processor_set_copy(&arrived, others);
    processor_set_for_each(processor, missing) {
        processor_set_remove(&arrived, processor);
    }
    decide(generation, ROUND_WITHDRAWN, others);
    if (barrier_collect(&arrived, BARRIER_DONE, generation, &stuck) != 0) {
        stop_for(&stuck);
    }
}

static void summarise(struct rendezvous_result *result, uint64_t generation,
                      const struct processor_set *members)
{
    uint64_t first = UINT64_MAX, last = 0;

    result->irql_lowest = IRQL_HIGH;
    processor_set_for_each(processor, members) {
        const struct rendezvous_seat *seat = &processors[processor]->seat;
        first = seat->started_ticks < first ? seat->started_ticks : first;
        last = seat->started_ticks > last ? seat->started_ticks : last;
        result->irql_lowest = seat->irql < result->irql_lowest ? seat->irql : result->irql_lowest;
        result->processors++;
        result->ran += seat->ran == generation;
    }
    result->skew_ticks = last - first;
}

/*
 * Steps 2 to 8 but for the turn. IRQL: IPI_LEVEL.
 * Returns whether the routine ran; if not, the call was withdrawn and `missing` did not arrive.
 */
static bool run_round(struct processor *self, arch_worker *worker, uintptr_t argument,
                      struct processor_set *missing)
{
    struct rendezvous_result result = { .worker = worker };
    struct processor_set members, others;

    processor_set_copy(&members, &processors_online);
    processor_set_copy(&others, &members);
    processor_set_remove(&others, self->index);
    result.sent_ticks = arch_ticks();
    uint64_t generation = summon(self, worker, argument, &members, &others);
    self->seat.arrived_ticks = arch_ticks();
    seat_enter_phase(self, SEAT_ARRIVED);
    atomic_store_explicit(&self->seat.arrived, generation, memory_order_relaxed);
    if (barrier_collect(&others, BARRIER_ARRIVED, generation, missing) != 0) {
        withdraw(generation, &others, missing);
        seat_enter_phase(self, SEAT_OUT);
        return false;
    }
    decide(generation, ROUND_RELEASED, &others);
    run_worker(self, generation);
    atomic_store_explicit(&self->seat.done, generation, memory_order_relaxed);
    if (barrier_collect(&others, BARRIER_DONE, generation, missing) != 0) {
        stop_for(missing);
    }
    seat_enter_phase(self, SEAT_OUT);
    result.end_ticks = arch_ticks();
    summarise(&result, generation, &members);
    stats_record(&result);
    return true;
}

uintptr_t rendezvous_call(arch_worker *worker, uintptr_t argument)
{
    struct processor *self = arch_processor();
    struct processor_set missing;
    unsigned old_irql = irql_raise(IRQL_CLOCK);

    turn_take(self);
    arch_irql_write(IRQL_IPI);
    bool ran = run_round(self, worker, argument, &missing);
    uintptr_t returned = self->seat.returned;
    turn_give(self);
    if (!ran) {
        stop_for(&missing);
    }
    irql_lower(old_irql);
    arch_serialize();
    return returned;
}

void rendezvous_check_caller(uintptr_t routine, uintptr_t caller)
{
    unsigned irql = arch_irql();

    if (irql >= IRQL_IPI || rendezvous_in_worker()) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, routine, irql, 0, caller);
    }
}
