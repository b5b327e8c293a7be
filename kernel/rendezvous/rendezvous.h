/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous: a call's phases on a set of processors, each at the same time on all of them, at
 * IPI_LEVEL. rendezvous.c tells how it works; include/muster.h is what its users see, and
 * KeIpiGenericCall is one of them.
 */
#ifndef KERNEL_RENDEZVOUS_RENDEZVOUS_H
#define KERNEL_RENDEZVOUS_RENDEZVOUS_H

#include <stdalign.h>
#include <stdatomic.h>

#include "include/muster.h"
#include "kernel/arch.h"

#define CACHE_LINE 64

/* Two lines: the unit in which processors with adjacent-line prefetch really share. */
#define CACHE_PAIR 128

/* Where a processor is in a call. Only the processor itself changes it; anybody may look. */
enum seat_phase {
    SEAT_OUT,      /* in no call */
    SEAT_ARRIVED,  /* at a barrier, waits for the release */
    SEAT_RUNNING,  /* inside a routine */
    SEAT_FINISHED, /* a routine has returned; about to reach the next barrier, or to let go */
};

/* A caller's place in the queue for the turn (turn.c). */
enum seat_turn { TURN_NONE, TURN_WANTED, TURN_GRANTED };

/*
 * One processor's part in calls, on lines of its own. `reached` and `done` tell of the call in
 * which the processor last did so, by generation: they are compared, never reset.
 */
struct rendezvous_seat {
    _Atomic uint64_t reached; /* release: all that this processor stored before it got there */
    _Atomic uint32_t turn;    /* enum seat_turn */
    _Atomic uint16_t phase;   /* enum seat_phase */

    /* Of the latest call; read by its leader after `done` (acquire), for reports and for a sample.
     * All of it on one line, since each line costs. */
    uint16_t irql; /* on entry to the first routine */
    uint64_t ran;  /* the generation whose routines ran here */
    uint64_t arrived_ticks;
    uint64_t released_ticks;
    uint64_t started_ticks;
    uint64_t finished_ticks;
    uintptr_t returned;

    /* On a line of its own: the leader looks at it while the processor still writes the others.
     * Release: this processor will never touch the request again. */
    alignas(CACHE_LINE) _Atomic uint64_t done;
};

_Static_assert(offsetof(struct rendezvous_seat, done) == CACHE_LINE, "the rest fits on one line");

/* What came of a call, valid while its leader still has the turn. */
struct rendezvous_result {
    enum rendezvous_status status;
    const struct processor_set *members;
    struct processor_set *missing; /* who was given up on; set for ABSENT and STUCK */
    bool cut_short;                /* given up with a phase left that nobody began */
    uint64_t generation;
    uint64_t sent_ticks; /* just before the request was published */
    uint64_t end_ticks;  /* when the last processor was known to be done */
    uint64_t due_ticks;  /* the moment of a release at one; 0: there was none */
    bool takes_part;     /* the leader: is it a member? */
    uintptr_t returned;  /* what its own routine returned, then */

    /* For the figures (upcall.h). */
    arch_worker *worker; /* under which the call is measured */
    unsigned processors; /* how many members */
    bool sampled;        /* the seats are looked at */
    struct stats_worker *stats;
};

/* ---- rendezvous.c: the steps of a call ---- */

/*
 * Steps 4 to 8 except for the turn, which the caller has. `expires_ticks`: when an arrival is too
 * late; 0: by patience. Sets what `result` has beside `members`, `missing` and `sent_ticks`.
 * IRQL: IPI_LEVEL.
 */
void rendezvous_lead(struct processor *self, uint64_t state, uint64_t expires_ticks,
                     struct rendezvous_result *result);

/*
 * Steps 3, 6 and 7 of a member: `self` takes part in call `generation`, which `state` was found to
 * want it for. `state` may be of a later call, or WITHDRAWN, if the call did not wait after all.
 * IRQL: IPI_LEVEL.
 */
void rendezvous_follow(struct processor *self, uint64_t generation, uint64_t state);

/* ---- call.c ---- */

/*
 * Runs `worker(argument)` on all online processors at once and returns what it returned on the
 * calling one. Clauses K1..K13, C1, C5, C6.
 *
 * IRQL: < IPI_LEVEL, not from inside a routine (the caller has checked both).
 * Does not return when a processor stays silent: bug check 0x101 names it (B3, B4).
 */
uintptr_t rendezvous_run_everywhere(arch_worker *worker, uintptr_t argument);

/* ---- for everybody ---- */

/*
 * B1: bug check 0x0A when this processor may not call: at IPI_LEVEL or above the other processors
 * could never be waited for; inside a routine they already wait for us. A flag tells that, since a
 * routine may lower its IRQL. `routine` and `caller` (an address) stand in the report. IRQL: any.
 */
void rendezvous_check_caller(uintptr_t routine, uintptr_t caller);

/*
 * Is this processor inside a routine? (A routine may have changed its IRQL, so the IRQL cannot
 * tell.)
 */
bool rendezvous_in_worker(void);

#endif
