/* SPDX-License-Identifier: MIT */
/*
 * The clauses of the contract, asserted while a schedule runs: what the programs report to the
 * checks, and what the checks remember of each call.
 */
#ifndef SIM_CHECKS_H
#define SIM_CHECKS_H

#include "tests/sim/explore.h"

/* Calls known at the same time. A call of KeIpiGenericCall() has the number of its caller. */
#define CHECK_CALLS 8u

enum call_state {
    CALL_NONE,
    CALL_MADE,   /* its caller is in it */
    CALL_POSTED, /* its caller has gone on; the call is not known to be over */
    CALL_NEVER,  /* over, and no routine of it may ever begin */
    CALL_STUCK,  /* the same, but those in `unfinished` may still be in a routine */
};

/* One call. All of it is hashed; unused slots hold zeros. */
struct call {
    arch_worker
        *routines[RENDEZVOUS_PHASES]; /* none: a kernel routine, its argument on the stack */
    uintptr_t context;
    uint64_t began_ticks;
    uint64_t timeout_ticks;
    uint64_t moment_ticks; /* how long after the arrivals it begins, 0: at once */
    uint16_t members;      /* of a call to everybody: known once it starts */
    uint16_t started[RENDEZVOUS_PHASES], finished[RENDEZVOUS_PHASES]; /* processors */
    uint16_t flushed;
    uint16_t unfinished;
    uint8_t state; /* enum call_state */
    uint8_t caller;
    uint8_t irql; /* the caller's, before the call */
    uint8_t interrupts;
    uint8_t everybody;
    uint8_t queued;                        /* it has a place in the queue for the turn */
    uint8_t overtaken[EXPLORE_PROCESSORS]; /* by calls of each processor since then */
};
extern struct call check_calls[CHECK_CALLS];

/* Has no processor begun any routine of it? */
bool call_is_untouched(const struct call *call);

/* The processors online, by the kernel's own set. */
uint16_t check_online(void);

/* K10: after the call the caller's state is the same as before. */
void check_restored(const struct call *call);

/* ---- what programs report ---- */

/* Processor `processor` calls KeIpiGenericCall(); without a worker, a kernel routine. */
void check_call_begin(unsigned processor, arch_worker *worker, uintptr_t context);
/* Returns the processors that ran it. */
uint16_t check_call_end(unsigned processor);

/* The current processor makes call `slot`, with these members (NULL in the request: everybody). */
void check_request_begin(unsigned slot, const struct rendezvous_request *request, uint16_t members);
/* rendezvous_begin() has returned PENDING. */
void check_request_posted(unsigned slot);

/* How far each processor came, by the reports: one mask for each enum rendezvous_part. */
#define CHECK_PARTS (RENDEZVOUS_FINISHED + 1)
struct check_parts {
    uint16_t of[CHECK_PARTS];
};
/* The call is over, with the status that its caller sees. */
void check_request_end(unsigned slot, enum rendezvous_status status,
                       const struct check_parts *parts);

/* Runs `call()`; false when a bug check 0x101 has withdrawn the call in it (B3). */
bool check_survive(void (*call)(void));

/* The current processor leaves or returns: away, it may run nothing; INIT drops interrupts. */
void check_gone(bool gone);

/* ---- what the machine reports ---- */

/* A processor's `reached` has become visible. */
void check_reached(unsigned processor);

/* ---- outcomes.c, for checks.c and setup.c ---- */

void outcomes_reset(void);
void outcomes_register_state(void);
bool outcomes_is_gone(unsigned processor);
void outcomes_flushed(unsigned processor);
void outcomes_serialized(unsigned processor);
/* The patience, and a tick: no processor is given up on sooner. */
uint64_t check_patience_ticks(void);
/* The latest call that each processor led to its end. */
struct check_led {
    uint64_t status;  /* enum rendezvous_status */
    uint64_t missing; /* processors, when the status names any */
    uint64_t waited_ticks;
};
extern struct check_led check_led[EXPLORE_PROCESSORS];
/* Has the processor visibly arrived at that call? Before time passed last? */
bool check_came(unsigned processor, uint64_t generation);
bool check_came_earlier(unsigned processor, uint64_t generation);

/* ---- survive.c and ladder.c, for them ---- */

void survive_reset(void);
void survive_register_state(void);

void ladder_reset(void);
void ladder_register_state(void);
/* A call is over, except for those given up on; `culprit` is to blame for one that never ran. */
void ladder_call_ends(uint64_t members, uint64_t missing);
void ladder_given_up(unsigned culprit);
/* A routine begins or ends here; a bug check that is not survived. */
void ladder_routine(bool begins);
void ladder_stopped(unsigned culprit);

#endif
