/*
 * The rendezvous: one routine on every processor at the same time, at IPI_LEVEL.
 * KeIpiGenericCall is a thin user of it; rendezvous.c tells how it works.
 */
#ifndef KERNEL_RENDEZVOUS_H
#define KERNEL_RENDEZVOUS_H

#include <stdalign.h>
#include <stdatomic.h>

#include "kernel/arch.h"

#define CACHE_LINE 64

/* Where a processor is in a call. Only the processor itself changes it; anybody may look. */
enum seat_phase {
    SEAT_OUT,      /* in no call */
    SEAT_ARRIVED,  /* at the barrier, waits for the release */
    SEAT_RUNNING,  /* inside the routine */
    SEAT_FINISHED, /* the routine has returned; about to let go of the request */
};

/* A caller's place in the queue for the turn (turn.c). */
enum seat_turn { TURN_NONE, TURN_WANTED, TURN_GRANTED };

/*
 * One processor's part in calls, on lines of its own. `arrived` and `done` hold the generation of
 * the call in which the processor last did so: they are compared, never reset.
 */
struct rendezvous_seat {
    _Atomic uint64_t arrived; /* release: all that this processor stored before it arrived */
    _Atomic uint32_t phase;   /* enum seat_phase */
    _Atomic uint32_t turn;    /* enum seat_turn */

    /* Of the latest call; read by the caller after `done` (acquire). */
    uint64_t ran; /* the generation whose routine ran here */
    uint64_t arrived_ticks;
    uint64_t started_ticks;
    uint64_t finished_ticks;
    uintptr_t returned;
    uint32_t irql; /* on entry to the routine */

    /* On a line of its own: the caller looks at it while the processor still writes the others.
     * Release: this processor will never touch the request again. */
    alignas(CACHE_LINE) _Atomic uint64_t done;
};

/* What one call measured, valid while the caller still has its turn. */
struct rendezvous_result {
    arch_worker *worker;
    uint64_t sent_ticks; /* just before the request was published */
    uint64_t end_ticks;  /* when the last processor was known to be done */
    uint64_t skew_ticks; /* between the first and the last start of the routine */
    unsigned processors; /* in the call */
    unsigned ran;        /* of these, how many ran the routine in this generation */
    unsigned irql_lowest;
};

/*
 * Runs `worker(argument)` on all online processors at once and returns what it returned on the
 * calling one. Clauses K1..K13, C1, C5, C6.
 *
 * IRQL: < IPI_LEVEL, not from inside a routine (the caller has checked both).
 * Does not return when a processor stays silent: bug check 0x101 names it (B3, B4).
 */
uintptr_t rendezvous_call(arch_worker *worker, uintptr_t argument);

/*
 * B1: bug check 0x0A when this processor may not call: at IPI_LEVEL or above the other processors
 * could never be waited for; inside a routine they already wait for us. A flag tells that, since a
 * routine may lower its IRQL. `routine` and `caller` (an address) stand in the report. IRQL: any.
 */
void rendezvous_check_caller(uintptr_t routine, uintptr_t caller);

/*
 * The doorbell: the machine calls it in interrupt context, interrupts disabled, IRQL as
 * interrupted.
 */
void rendezvous_interrupt(void);

/*
 * Takes part in a pending call if this processor is wanted: for wait loops that interrupts cannot
 * reach. The routine then runs with interrupts disabled, as they were: a clear flag is never set on
 * behalf of code that cleared it. IRQL: any; does nothing at IPI_LEVEL or above, where the
 * processor is in a call or unreachable.
 */
void rendezvous_poll(void);

/*
 * Is this processor inside a routine? (A routine may have changed its IRQL, so the IRQL cannot
 * tell.)
 */
bool rendezvous_in_worker(void);

#endif
