/* SPDX-License-Identifier: MIT */
/*
 * A call of chosen processors and phases, and what contract X says of it: for the tests of
 * rendezvous_call() and its relatives.
 */
#ifndef TESTS_THREADS_ERRAND_H
#define TESTS_THREADS_ERRAND_H

#include "include/muster.h"
#include "tests/threads/check.h"

/* Sets of processors and of phases, one bit each. */
#define ERRAND_EVERYBODY ((1u << processor_count) - 1)
#define ERRAND_ACTION    (1u << RENDEZVOUS_ACTION)
#define ERRAND_ALL       ((1u << RENDEZVOUS_PHASES) - 1)

/*
 * The argument of a call, on its caller's stack; plain words, except those by which the routines
 * meet.
 */
struct errand {
    unsigned targets;
    unsigned phases;
    _Atomic unsigned inside[RENDEZVOUS_PHASES]; /* relaxed: it orders nothing, the call must */
    unsigned ran[RENDEZVOUS_PHASES][MACHINE_PROCESSORS];
    struct processor_set target_set;
    struct rendezvous_report reports[MACHINE_PROCESSORS + 1]; /* and one for an absent processor */
};

/*
 * Begins an errand: routines that meet all their siblings in each phase and check that the phase
 * before is over everywhere. Returns the request for it.
 */
struct rendezvous_request errand_prepare(struct errand *errand, unsigned targets, unsigned phases,
                                         uint32_t timeout_ms);

/*
 * It is over: checks that all targets have run each phase once and no other processor any, or, with
 * a status other than OK, that none has run anything; then makes it unusable.
 */
void errand_check(struct errand *errand, enum rendezvous_status status);

#endif
