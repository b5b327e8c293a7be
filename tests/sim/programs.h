/* SPDX-License-Identifier: MIT */
/*
 * The programs that are explored, for the table in scenarios.c. They are instrumented like the
 * kernel, so that the plain data they exchange is watched: an unordered read of another processor's
 * write is caught.
 */
#ifndef SIM_PROGRAMS_H
#define SIM_PROGRAMS_H

#include <stdint.h>

#include "include/muster.h"

#define PROGRAM_POISON 0xdeadull

/* ---- calls.c: KeIpiGenericCall() ---- */

void body_calls(unsigned processor);
void body_siblings(unsigned processor);
void body_values(unsigned processor);
void body_flush(unsigned processor);
void body_crowd(unsigned processor);
void body_lock(unsigned processor);
void body_survive(unsigned processor);
void body_silent(unsigned processor);
void body_deaf(unsigned processor);
void body_trickle(unsigned processor);
void calls_check_end(void);

/* What a processor does before it can arrive anywhere; one call by the current processor. */
void program_note(unsigned processor);
void program_call_once(void);
/* Until this many times QUARTER_TICKS have passed. */
void program_sleep(unsigned quarters);

/* ---- scripts.c: rendezvous_call() and its relatives, step by step ---- */

enum act_kind {
    ACT_END,
    ACT_CALL,    /* rendezvous_call() */
    ACT_BEGIN,   /* rendezvous_begin() */
    ACT_FINISH,  /* rendezvous_test() until the call is over */
    ACT_OVERDUE, /* rendezvous_test() until it says STUCK */
    ACT_GENERIC, /* KeIpiGenericCall() */
    ACT_MASK,    /* interrupts disabled */
    ACT_UNMASK,  /* and enabled */
    ACT_RAISE,   /* to IRQL `targets` */
    ACT_LOWER,   /* to PASSIVE */
    ACT_SIGNAL,  /* one more signal */
    ACT_AWAIT,   /* until there have been `targets` signals */
    ACT_SLEEP,   /* until `targets` quarters of the patience have passed */
    ACT_LEAVE,   /* offline; then waits to be readmitted */
    ACT_LEAVE_FOR_EVER,
    ACT_ENTER /* readmits processor `targets`, once it has left */
};

/* Statuses that are legal, as masks. */
#define MAY(status)  (1u << RENDEZVOUS_##status)
#define MAY_BE_LATE  (MAY(OK) | MAY(BUSY) | MAY(ABSENT))
#define MAY_BE_STUCK (MAY_BE_LATE | MAY(STUCK))

/* Targets: a mask, or one of these. */
#define EVERYBODY    0x80000000u /* NULL in the request */
#define ALL_BUT_LATE 0x40000000u /* except those that the call before, `slot` - 1, missed */

/* Phases: a mask, and whether the first begins at a moment. */
#define SETUP    1u
#define ACTION   2u
#define TEARDOWN 4u
#define MOMENT   8u

struct act {
    uint8_t kind; /* enum act_kind */
    uint8_t slot; /* which call: unique within a scenario, and different from the number of any
                   * processor that has an ACT_GENERIC */
    uint8_t phases;
    uint32_t targets;
    uint16_t timeout_ms;
    uint16_t may; /* statuses */
};

#define SCRIPT_ACTS 8u
#define SCRIPTS     3u

/* One script for each processor; any others have nothing to do. */
struct script {
    struct act acts[SCRIPTS][SCRIPT_ACTS];
    bool lingers; /* a routine stops between its first and its last access */
    bool waits;   /* a routine waits for the first signal */
};

void body_script(unsigned processor);

/* Random requests of the first processors, to random sets, seeded by the processor number. */
void body_requests(unsigned processor);
void scripts_check_end(void);

/* The signals so far; a routine may read them. */
extern _Atomic unsigned program_signals;

/* ---- requests.c: the acts that are calls ---- */

/* What a processor does before it can arrive anywhere. */
void request_note(unsigned processor);
void request_call(const struct act *act);
void request_begin(const struct act *act);
/* Polls until the status is no longer PENDING: `wanted`, or any other if that is PENDING. */
void request_finish(const struct act *act, enum rendezvous_status wanted);
void request_check_end(void);

#endif
