/* SPDX-License-Identifier: MIT */
/*
 * A model for spin of kernel/rendezvous/rendezvous.c and its surroundings: every interleaving of a
 * few processors, not a sample.
 *
 * The problem. The explorer (tests/sim) runs the kernel's own C, but only within a bound of
 * preemptions. This model is complete for what it contains: a few processors, a few calls, and
 * their steps in any order at all. It contains the protocol, step by step, with the numbers of the
 * theory statement in rendezvous.c:
 *
 *   1 take the turn    2 publish, or post    3 arrive    4 collect the arrivals at the barrier
 *   5 begin the next phase, or withdraw    6 run    7 done    8 collect the dones, hand on the turn
 *
 * machine.pml has what the processors share, checks.pml what is checked; wait.pml and turn.pml
 * follow the kernel's files of those names; member.pml has steps 3, 6 and 7, leader.pml 4, 5 and 8,
 * call.pml 2.
 *
 * How it represents the machine.
 *   - A processor is two processes: its code, and its interrupt handler, during which the code is
 *     stopped (`provided`). So an interrupt may come between any two steps of the code.
 *   - A doorbell is one pending bit: a second one merges with it, and it may be taken late.
 *   - A shared word is read or written in one step. Reads of a processor's own words, and the
 *     checks' notes, are joined to an adjacent step, since no other processor can tell.
 *   - Spinning is waiting for a condition: a pass of the loop that changes nothing is not a step.
 *   - A deadline may pass whenever a processor is missing: time has no other meaning here.
 *
 * What is checked. The clauses of the contract are assertions; the comment on each begins with the
 * clause's id. A lost wake-up or a deadlock is an invalid end state. That every call returns is the
 * formula `returns`, under weak fairness. Workers wait for each other (K3), so a processor that is
 * left out is a deadlock too.
 *
 * Configurations are macros, together or alone:
 *   PROCESSORS, CALLERS, CALLS   how many; each caller makes CALLS calls
 *   SPURIOUS   a doorbell that nobody rang comes at any time (C5)
 *   MASKED     the last caller is at CLOCK_LEVEL (K9) with interrupts disabled: it polls while it
 *              waits (C1)
 *   LOCKED     the first caller holds a spin lock over its calls; the last processor wants it with
 *              interrupts disabled, and polls (C1)
 *   LATE       the last processor is above IPI_LEVEL for a while
 *   DEADLINE   calls are withdrawn (B3, X); with LATE the last processor may never answer at all
 *   PHASES     the number of phases of each call (X)
 *   STUCK      members are given up on in a routine, and after it (X)
 *   IMPATIENT  all callers except the first give up waiting for the turn (X)
 *   SETS       the first caller's calls leave out the last processor (C4)
 *   OUTSIDE    they leave out the caller: the leader is not a member (X)
 *   POST       the first caller does not wait: the first to arrive leads (X)
 *   POST_AND_CALL  and it makes another call, for which it waits, before it asks for the outcome
 *   HALT       waits sleep at once instead of spinning: the handshake of asleep word and doorbell
 *   LOSSES=n   n doorbells are lost, and the leader rings the missing processors again, at any
 *              time (B3)
 *   TSO        each processor has a store buffer of one entry, as on x86
 *   BREAK=n    one error of those listed below: the model must then fail
 *
 * What was not done. Memory weaker than TSO: the explorer checks the orders that the source
 * declares. The bodies of tests, the log, statistics: they touch none of these words.
 */

#ifndef PROCESSORS
#define PROCESSORS 3
#endif
#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef CALLS
#define CALLS 2
#endif

#ifndef PHASES
#define PHASES 1
#endif
#ifdef DEADLINE
#define ABSENT_HAPPENS true
#else
#define ABSENT_HAPPENS false
#endif
#ifdef STUCK
#define STUCK_HAPPENS true
#else
#define STUCK_HAPPENS false
#endif

/* The errors that show that the checks can fail. */
#define BREAK_GENERATION      1  /* an arrival in any earlier call counts in this one */
#define BREAK_EARLY_RELEASE   2  /* released before the last has arrived */
#define BREAK_DONE_BEFORE_RUN 3  /* a member lets go of the request, then runs */
#define BREAK_STATE_FIRST     4  /* the set is written after the state */
#define BREAK_MEMBERS         5  /* the set is trusted without a second read of the state */
#define BREAK_TWO_WRITES      6  /* withdrawal ends PENDING first, and then says how it ended */
#define BREAK_ANY_DECISION    7  /* a late member takes the next call's release for its own */
#define BREAK_NO_POLL         8  /* waits with interrupts disabled, deaf to the others' calls */
#define BREAK_HIGH_QUEUE      9  /* the turn is awaited at IPI_LEVEL */
#define BREAK_IRQL            10 /* the caller's IRQL is not restored */
#define BREAK_ORDER           11 /* the turn is always offered in index order, from 0 on */
#define BREAK_NO_SECOND_LOOK  12 /* a turn is freed without another check for waiters */
#define BREAK_COUNT_FIRST     13 /* a waiter is counted before it has posted itself */
#define BREAK_NO_FENCE        14 /* the check for sleepers overtakes the store */
#define BREAK_NO_RECHECK      15 /* a waiter halts without checking its condition again */
#define BREAK_NO_LAST_POLL    16 /* and without reading the state */
#define BREAK_NO_WAKE         17 /* publishing wakes no processor */
#define BREAK_NO_BARRIER      18 /* a phase begins before the last is over */
#define BREAK_STUCK_GOES_ON   19 /* it begins although a processor was given up on */
#define BREAK_UNCHECKED_REQUEST 20 /* a member runs what it read without reading the state again */
#define BREAK_LEAVE_BLINDLY   21 /* giving up a wait overwrites a turn that was granted */
#define BREAK_CLAIM_STORES    22 /* a posted call is claimed by a load and a store */
#define BREAK_WITHDRAW_STORES 23 /* and withdrawn in that way */
#define BREAK_ASIDE_LATE      24 /* the leader's copy is made after the call is posted */
#define BREAK_STATUS_FIRST    25 /* the completion is set before the turn is handed on */
#define BREAK_NO_SECOND_BELL  26 /* no processor is rung again */
#define BREAK_WRONG_ONES      27 /* the arrived are rung again, the missing are not */
#define BREAK_NOT_WOKEN_AGAIN 28 /* rung again, but not woken */
#define BREAK_BELL_BELIEVED   29 /* a doorbell is trusted, whatever the state says */
#ifndef BREAK
#define BREAK 0
#endif

#include "machine.pml"

#include "checks.pml"
#include "wait.pml"
#include "turn.pml"
#include "leader.pml"
#include "member.pml"
#include "call.pml"

/* ---- the processors ---- */

/* The doorbell, taken when the IRQL and the flag allow it, or later. */
proctype handler(byte me)
{
    byte state, generation, set, leader, request, old_irql;
#ifdef POST
    byte missing, each;
#endif
    bool runs, sleepy, rouses;
#if defined(LOSSES) && defined(POST)
    byte again;
#endif

end:
    do
    :: atomic {
        doorbell[me] && interrupts_on[me] && irql[me] < IPI && DRAINED ->
        doorbell[me] = false;
        interrupted[me] = true;
        old_irql = irql[me];
        irql[me] = IPI
    };
        serve();
        atomic {
            DRAINED -> /* the end of an interrupt serialises */
            irql[me] = old_irql;
            old_irql = 0;
            interrupted[me] = false
        }
    od
}

#ifdef LOCKED
bool locked;

inline acquire_lock()
{
    do
    :: atomic { !locked -> locked = true }; break
    :: DEAF && WANTED_NOW -> poll()
    od
}
#endif

proctype processor(byte me) provided (!interrupted[me])
{
    byte state, generation, set, leader, request, missing, each, old_irql, waits_at, calls;
    bool runs, busy, sleepy, announced, rouses;
#ifdef POST
    byte mine;
#endif
#ifdef LOSSES
    byte again;
#endif

    if
    :: me < CALLERS ->
#ifdef LOCKED
        if
        :: me == 0 -> acquire_lock()
        :: else
        fi;
#endif
        do
#ifdef POST
        :: calls < CALLS && me == POSTER -> post_and_go_on(); calls++
        :: calls < CALLS && me != POSTER -> call(); calls++
#else
        :: calls < CALLS -> call(); calls++
#endif
        :: else -> break
        od;
#ifdef LOCKED
        if
        :: me == 0 -> locked = false
        :: else
        fi;
#endif
        atomic { interrupts_on[me] = true; irql[me] = PASSIVE }
    :: else
    fi;
#ifdef LOCKED
    if
    :: me == LAST ->
        acquire_lock();
        locked = false;
        interrupts_on[me] = true
    :: else
    fi;
#endif
#ifdef LATE
    if
    :: me == LAST -> irql[me] = PASSIVE
#ifdef DEADLINE
    :: me == LAST /* it never does */
#endif
    :: me != LAST
    fi
#endif
}

#ifdef SPURIOUS
proctype noise()
{
    byte whose;

    do
    :: whose < LAST -> whose++
    :: break
    od;
    doorbell[whose] = true
}
#endif

init
{
    byte p;

    atomic {
        word[STATE] = WITHDRAWN;
        word[HOLDER] = NOBODY;
        p = 0;
        do
        :: p < PROCESSORS ->
            irql[p] = LEVEL_OF(p);
            interrupts_on[p] = true;
#ifdef MASKED
            interrupts_on[p] = (p != CALLERS - 1);
#endif
#ifdef LOCKED
            interrupts_on[p] = interrupts_on[p] && p != LAST;
#endif
#ifdef LATE
            irql[p] = (p == LAST -> HIGH : irql[p]);
#endif
            run processor(p);
            run handler(p);
#ifdef TSO
            run memory(p);
#endif
            p++
        :: else -> break
        od;
        p = 0;
#ifdef SPURIOUS
        run noise()
#endif
    }
}

#ifdef LIVENESS
/* C1: every call returns, as long as no processor is stopped for ever. */
#ifdef POST_AND_CALL
#define ALL_CALLS (CALLERS * CALLS + CALLS)
#else
#define ALL_CALLS (CALLERS * CALLS)
#endif

ltl returns { <>(returned == ALL_CALLS) }
#endif
