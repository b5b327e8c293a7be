/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous: the phases of a call on a set of processors, each phase at the same time on all
 * of them, at IPI_LEVEL. rendezvous.c explains how it works; include/muster.h is the interface to
 * its users, one of which is KeIpiGenericCall.
 */
#ifndef KERNEL_RENDEZVOUS_RENDEZVOUS_H
#define KERNEL_RENDEZVOUS_RENDEZVOUS_H

#include <stdalign.h>
#include <stdatomic.h>

#include "include/muster.h"
#include "kernel/arch.h"

#define CACHE_LINE 64

/* Two lines: what processors with adjacent-line prefetch really share. */
#define CACHE_PAIR 128

/*
 * Where a processor is in a call. Only the processor itself changes it; any processor may read it.
 */
enum seat_phase {
    SEAT_OUT,      /* in no call */
    SEAT_ARRIVED,  /* at a barrier, waiting for the release */
    SEAT_RUNNING,  /* inside a routine */
    SEAT_FINISHED, /* a routine has returned; about to reach the next barrier, or to let go */
};

/* A caller's place in the queue for the turn (turn.c). */
enum seat_turn { TURN_NONE, TURN_WANTED, TURN_GRANTED };

/*
 * One processor's part in calls, on cache lines of its own. `reached` and `done` contain the
 * generation of the last call in which the processor got that far: they are compared, never reset.
 */
struct rendezvous_seat {
    _Atomic uint64_t reached; /* release: all that this processor stored before it got there */
    _Atomic uint32_t turn;    /* enum seat_turn */
    _Atomic uint16_t phase;   /* enum seat_phase */

    /* About the latest call; read by its leader after `done` (acquire), for reports and for a
     * sample. All of it is on one line, since each line costs. */
    uint16_t irql; /* on entry to the first routine */
    uint64_t ran;  /* the generation whose routines ran here */
    uint64_t arrived_ticks;
    uint64_t released_ticks;
    uint64_t started_ticks;
    uint64_t finished_ticks;
    uintptr_t returned;

    /* On a line of its own: the leader reads it while the processor still writes the others.
     * Release: this processor will never touch the request again. */
    alignas(CACHE_LINE) _Atomic uint64_t done;
};

_Static_assert(offsetof(struct rendezvous_seat, done) == CACHE_LINE, "the rest fits on one line");

/* The result of a call, valid while its leader still has the turn. */
struct rendezvous_result {
    enum rendezvous_status status;
    const struct processor_set *members;
    struct processor_set *missing; /* those given up on; set for ABSENT and STUCK */
    bool cut_short;                /* given up before its last phase began */
    uint64_t generation;
    uint64_t sent_ticks; /* just before the request was published */
    uint64_t end_ticks;  /* when the last processor was known to be done */
    uint64_t due_ticks;  /* of a timed call: when it began; else 0 */
    bool takes_part;     /* is the leader a member? */
    uintptr_t returned;  /* if so: what its own routine returned */

    /* For the figures (upcall.h). */
    arch_worker *worker; /* the one under which the call is counted */
    unsigned processors; /* how many members */
    bool sampled;        /* the seats will be read */
    struct stats_worker *stats;
};

/* ---- rendezvous.c: the steps of a call ---- */

/*
 * Steps 4 to 8, except for the turn, which the caller has. An arrival after `expires_ticks` is too
 * late; 0: the patience decides. Sets everything in `result` except `members`, `missing` and
 * `sent_ticks`. IRQL: IPI_LEVEL.
 */
void rendezvous_lead(struct processor *self, uint64_t state, uint64_t expires_ticks,
                     struct rendezvous_result *result);

/*
 * Steps 3, 6 and 7 of a member: `self` takes part in call `generation`, in whose state it was found
 * to be wanted. `state` may by now be that of a later call, or WITHDRAWN, if the call did not wait
 * for it after all. IRQL: IPI_LEVEL.
 */
void rendezvous_follow(struct processor *self, uint64_t generation, uint64_t state);

/* ---- call.c ---- */

/*
 * Runs `worker(argument)` on all online processors at once and returns what it returned on the
 * calling processor. Clauses K1..K13, C1, C5, C6.
 *
 * IRQL: < IPI_LEVEL, not from inside a routine (the caller has checked both).
 * Does not return when a processor stays silent: bug check 0x101 names it (B3, B4).
 */
uintptr_t rendezvous_run_everywhere(arch_worker *worker, uintptr_t argument);

/* ---- for everybody ---- */

/*
 * B1: bug check 0x0A if this processor may not call. At IPI_LEVEL or above, a wait for the other
 * processors might never end; inside a routine, they already wait for this one. A flag says whether
 * it is inside one, since a routine may lower its IRQL. `routine` and `caller` (an address) appear
 * in the report. IRQL: any.
 */
void rendezvous_check_caller(uintptr_t routine, uintptr_t caller);

/*
 * Is this processor inside a routine? (The IRQL does not show it, since a routine may have changed
 * it.)
 */
bool rendezvous_in_worker(void);

#endif
