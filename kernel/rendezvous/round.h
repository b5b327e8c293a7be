/* SPDX-License-Identifier: MIT */
/*
 * The round: the request of a call and its state, the one word that everybody follows
 * (rendezvous.c).
 *
 *   63            20 19         18      17         6 5        3 2       0
 *   +---------------+----------+-------+------------+----------+---------+
 *   |  generation   | unwaited | timed |  leader    |  phases  |  phase  |
 *   +---------------+----------+-------+------------+----------+---------+
 *
 * `leader` is an index, 0 while there is no leader. `phases` has a bit for each phase of the call;
 * `timed`: the first of them begins at a moment; `unwaited`: the caller does not wait. Equal states
 * are the same call at the same point, since generations do not repeat.
 */
#ifndef KERNEL_RENDEZVOUS_ROUND_H
#define KERNEL_RENDEZVOUS_ROUND_H

#include "kernel/rendezvous/rendezvous.h"

/* In the order of a call; round_is_open(), round_runs() and round_next_phase() rely on it. */
enum round_phase {
    ROUND_POSTED,  /* has no leader yet */
    ROUND_PENDING, /* members arrive */
    ROUND_SETUP,   /* this and the next two: as enum rendezvous_phase */
    ROUND_ACTION,
    ROUND_TEARDOWN,
    ROUND_WITHDRAWN, /* nobody begins anything any more */
    ROUND_NONE       /* never in a state: no phase follows */
};

#define ROUND_PHASES_SHIFT     3
#define ROUND_LEADER_SHIFT     6
#define ROUND_TIMED_SHIFT      18
#define ROUND_UNWAITED_SHIFT   19
#define ROUND_GENERATION_SHIFT 20

_Static_assert(PROCESSOR_LIMIT <= 1u << (ROUND_TIMED_SHIFT - ROUND_LEADER_SHIFT), "an index fits");

static inline enum round_phase round_phase(uint64_t state)
{
    return (enum round_phase)(state & 7);
}

static inline unsigned round_leader(uint64_t state)
{
    return (unsigned)(state >> ROUND_LEADER_SHIFT) & 0xfff;
}

static inline uint64_t round_generation(uint64_t state)
{
    return state >> ROUND_GENERATION_SHIFT;
}

static inline bool round_has_phase(uint64_t state, enum round_phase phase)
{
    return (state >> ROUND_PHASES_SHIFT >> (phase - ROUND_SETUP) & 1) != 0;
}

static inline bool round_is_timed(uint64_t state)
{
    return (state >> ROUND_TIMED_SHIFT & 1) != 0;
}

static inline bool round_is_unwaited(uint64_t state)
{
    return (state >> ROUND_UNWAITED_SHIFT & 1) != 0;
}

/* The first state of a call: POSTED, no phases yet. */
static inline uint64_t round_first(uint64_t generation)
{
    return generation << ROUND_GENERATION_SHIFT | ROUND_POSTED;
}

static inline uint64_t round_add_phase(uint64_t state, enum round_phase phase)
{
    return state | 1ull << (phase - ROUND_SETUP) << ROUND_PHASES_SHIFT;
}

static inline uint64_t round_add_moment(uint64_t state)
{
    return state | 1ull << ROUND_TIMED_SHIFT;
}

static inline uint64_t round_leave_unwaited(uint64_t state)
{
    return state | 1ull << ROUND_UNWAITED_SHIFT;
}

/* The state PENDING, led by `leader`. */
static inline uint64_t round_led_by(uint64_t state, unsigned leader)
{
    return (state & ~7ull) | ROUND_PENDING | (uint64_t)leader << ROUND_LEADER_SHIFT;
}

static inline uint64_t round_with_phase(uint64_t state, enum round_phase phase)
{
    return (state & ~7ull) | phase;
}

/* What `reached` of a seat holds when its processor has completed a phase of a call. */
static inline uint64_t round_mark(uint64_t generation, enum round_phase phase)
{
    return generation << 3 | phase;
}

static inline enum round_phase round_mark_phase(uint64_t mark)
{
    return (enum round_phase)(mark & 7);
}

static inline uint64_t round_mark_generation(uint64_t mark)
{
    return mark >> 3;
}

/* May members still arrive? Before its first phase a call is POSTED or PENDING. */
static inline bool round_is_open(uint64_t state)
{
    return round_phase(state) < ROUND_SETUP;
}

/* The phase after that of `state`; ROUND_NONE after the last. */
static inline enum round_phase round_next_phase(uint64_t state)
{
    unsigned next = round_is_open(state) ? ROUND_SETUP : round_phase(state) + 1;
    unsigned rest = (unsigned)(state >> ROUND_PHASES_SHIFT & 7) >> (next - ROUND_SETUP);

    return rest == 0 ? ROUND_NONE : (enum round_phase)(next + (unsigned)__builtin_ctz(rest));
}

/* Is call `generation` in a phase that runs a routine? */
static inline bool round_runs(uint64_t state, uint64_t generation)
{
    return round_generation(state) == generation && round_phase(state) >= ROUND_SETUP &&
           round_phase(state) <= ROUND_TEARDOWN;
}

/*
 * The request is on the cache line of the state, as far as it fits, so a processor that reads one
 * has the other. All of it is atomic, since a processor that the round does not wait for may read
 * it.
 */
struct round {
    alignas(CACHE_PAIR) _Atomic uint64_t state;
    _Atomic(arch_worker *) routines[RENDEZVOUS_PHASES];
    _Atomic uintptr_t argument;
    _Atomic uint64_t members[PROCESSOR_SET_WORDS];

    /* In a timed call: the delay after the last arrival; from the first phase on, the moment
     * itself. */
    _Atomic uint64_t due_ticks;

    /* The latest generation in which a member found that it had not run, or not at IPI_LEVEL. (In a
     * kernel without faults, nobody ever writes it.) */
    _Atomic uint64_t irregular;
};
extern struct round current_round;

/* ---- round.c: for the holder of the turn; `sent_ticks` is the present time ---- */

/* Step 2: writes the request, summons its members; `self` leads. Returns the state. */
uint64_t round_begin(struct processor *self, const struct rendezvous_request *request,
                     const struct processor_set *members, uint64_t sent_ticks);

/*
 * Step 2 of a call that the first member to arrive leads. Sets `generation` before anybody can
 * arrive.
 */
void round_post(const struct rendezvous_request *request, const struct processor_set *members,
                uint64_t sent_ticks, uint64_t *generation);

/*
 * Withdraws a call that has no leader. True: nobody will ever lead it, and the turn is now the
 * caller's.
 */
bool round_withdraw_posted(uint64_t generation);

/* Reads the members of the present call. */
void round_read_members(struct processor_set *members);

/* All have arrived at a timed call: names the moment and returns it. For the leader. */
uint64_t round_name_moment(uint64_t now_ticks);

/* ---- for everybody ---- */

/*
 * Swaps POSTED for PENDING with `leader`'s index (acquire: what the caller put aside for it); false
 * if another processor was first. `state` is the state after that.
 */
bool round_claim(uint64_t *state, unsigned leader);

/*
 * Notes that a member's part in call `generation` was not as it must be (K1, K4). Relaxed: the
 * member stores `done` after it.
 */
void round_note_irregular(uint64_t generation);

/* Has a member noted that? For the leader, when all are done. */
bool round_is_irregular(uint64_t generation);

/* Grows with each call and with each of its phases. IRQL: any. */
uint64_t round_progress(void);

#endif
