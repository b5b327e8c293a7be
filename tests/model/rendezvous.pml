/*
 * A model of kernel/rendezvous.c, for spin: every interleaving of a few processors, not a sample.
 *
 * The problem. The explorer (tests/sim) runs the kernel's own C, but only within a bound of
 * preemptions. This model is complete for what it contains: a few processors, a few calls, and any
 * order of their steps whatever. What it contains is the protocol, step by step, with the numbers
 * that the theory statement in rendezvous.c gives them:
 *
 *   1 take the turn    2 publish    3 arrive    4 collect the arrivals
 *   5 release, or withdraw    6 run    7 done    8 collect the dones, hand on the turn
 *
 * How it stands for the machine.
 *   - A processor is two processes: its code, and its interrupt handler, during which the code
 *     stands still (`provided`). So an interrupt may come between any two steps of the code.
 *   - A doorbell is one pending bit: a second one merges with it, and it may be taken late.
 *   - A shared word is read or written in one step. Reads of a processor's own words, and what the
 *     checks note down, join the step beside them, since no other processor can tell.
 *   - Spinning is waiting for a condition: a turn of the loop that changes nothing is no step.
 *   - A deadline passes whenever somebody is missing: time has no other meaning here.
 *
 * What is checked. The clauses of the contract are assertions, each beginning with its id in the
 * comment beside it; a lost wake-up or a deadlock is an invalid end state; that every call returns
 * is the formula `returns`, under weak fairness. Workers wait for each other (K3), so a processor
 * that is left out is a deadlock too.
 *
 * Configurations are macros, together or alone:
 *   PROCESSORS, CALLERS, CALLS   how many; each caller makes CALLS calls
 *   SPURIOUS   a doorbell that nobody rang comes at any time (C5)
 *   MASKED     the last caller is at CLOCK_LEVEL (K9) with interrupts disabled: it polls while it
 *              waits (C1)
 *   LOCKED     the first caller holds a spin lock over its calls; the last processor wants it with
 *              interrupts disabled, and polls (C1)
 *   LATE       the last processor is above IPI_LEVEL for a while
 *   DEADLINE   calls are withdrawn (B3); with LATE the last processor may never answer at all
 *   SETS       the first caller's calls leave out the last processor (C4)
 *   HALT       waits sleep at once instead of spinning: the handshake of asleep word and doorbell
 *   TSO        each processor has a store buffer of one entry, as on x86
 *   BREAK=n    one error of those listed below: the model must not hold then
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

/* The errors that show that the checks can fail. */
#define BREAK_GENERATION      1  /* an arrival in any earlier call counts as one in this */
#define BREAK_EARLY_RELEASE   2  /* released before the last has arrived */
#define BREAK_DONE_BEFORE_RUN 3  /* a member lets go of the request, then runs */
#define BREAK_STATE_FIRST     4  /* the set is written after the state */
#define BREAK_MEMBERS         5  /* the set is believed without a second look at the state */
#define BREAK_TWO_WRITES      6  /* withdrawal ends PENDING first, and then says how it ended */
#define BREAK_ANY_DECISION    7  /* a late member takes the next call's release for its own */
#define BREAK_NO_POLL         8  /* waiting with interrupts disabled, deaf to the others' calls */
#define BREAK_HIGH_QUEUE      9  /* the turn is awaited at IPI_LEVEL */
#define BREAK_IRQL            10 /* the caller's IRQL is not restored */
#define BREAK_ORDER           11 /* the turn is offered in index order, always from 0 on */
#define BREAK_NO_SECOND_LOOK  12 /* a turn is set free without another look at who waits */
#define BREAK_COUNT_FIRST     13 /* a waiter is counted before it has posted itself */
#define BREAK_NO_FENCE        14 /* the look for sleepers overtakes the store */
#define BREAK_NO_RECHECK      15 /* a waiter halts without a second look at its condition */
#define BREAK_NO_LAST_POLL    16 /* and without a look at the state */
#define BREAK_NO_WAKE         17 /* publishing wakes nobody */
#ifndef BREAK
#define BREAK 0
#endif

#include "machine.pml"

/* ---- what the checks remember; no step of the protocol looks at it ---- */

byte current;                  /* the generation that was published last: */
byte members;                  /* its set, */
byte at_barrier;               /* and who of it has arrived, */
byte started;                  /* has started the routine, */
byte let_go;                   /* will not touch the request again */
bool alive;                    /* the caller's argument: on its stack, dead when it returns */
bool withdrawn;                /* how it was decided */
byte queued;                   /* who waits for the turn, */
byte overtaken_by[PROCESSORS]; /* and by whom it was overtaken since it was counted */
byte returned;                 /* calls that have returned */

/* ---- the members but oneself, in index order ---- */

#define OTHER_MEMBER (each != me && (set & BIT(each)))

inline skip_to_other()
{
    do
    :: each < PROCESSORS && !OTHER_MEMBER -> each++
    :: else -> break
    od
}

#define FIRST_OTHER atomic { each = 0; skip_to_other() }
#define NEXT_OTHER  atomic { each++; skip_to_other() }

#include "wait.pml"

/* ---- a member's part: steps 3, 6 and 7 ---- */

inline run_worker(generation)
{
    atomic {
        assert(LOAD(REQUEST) == generation);    /* K7 */
        assert(current == generation && alive); /* K5 */
        assert(!withdrawn);                     /* B3 */
        assert(irql[me] == IPI);                /* K1 */
        assert(at_barrier == members);          /* K2 */
        assert(!(started & BIT(me)));           /* K4 */
        started = started | BIT(me)
    };
    started == members; /* K3: waits for its siblings */
    atomic {
        assert(current == generation && alive) /* K5: uses its argument to the end */
    }
}

inline let_go_of(generation)
{
    atomic {
        STORE(DONE(me), generation);
        if
        :: generation == current -> let_go = let_go | BIT(me)
        :: else
        fi
    };
    wake_processor(caller)
}

inline arrive(generation)
{
    atomic {
        STORE(ARRIVED(me), generation);
        assert(irql[me] == IPI); /* K2 */
        if
        :: generation == current ->
            assert(members & BIT(me)); /* C4 */
            at_barrier = at_barrier | BIT(me)
        :: else /* too late: it was withdrawn */
        fi
    }
}

#define PENDING_STILL (LOAD(STATE) == seen)
#if BREAK == BREAK_ANY_DECISION
#define IS_RELEASE(state) (PHASE(state) == RELEASED)
#else
#define IS_RELEASE(state) ((state) == STATE_OF(GENERATION(seen), RELEASED))
#endif

inline await_decision()
{
    do
    :: atomic { !PENDING_STILL -> released = IS_RELEASE(LOAD(STATE)) }; break
#ifdef HALT
    :: PENDING_STILL -> sleep_turn(sleepy, FOR_PROCESSOR(caller), IPI)
#endif
    od;
    end_wait(sleepy)
}

inline take_part()
{
    caller = LOAD(CALLER);
    arrive(GENERATION(seen)); /* 3 */
    wake_processor(caller);
    await_decision();
    if
    :: released ->
#if BREAK == BREAK_DONE_BEFORE_RUN
        let_go_of(GENERATION(seen));
#endif
        run_worker(GENERATION(seen)) /* 6 */
    :: !released
    fi;
    let_go_of(GENERATION(seen)); /* 7 */
    atomic { caller = 0; released = false }
}

/* Does a state ask for members? Who has arrived stays at IPI_LEVEL, and looks no more. */
#define ASKS(state) (PHASE(state) == PENDING)
#define WANTED_NOW  ASKS(LOAD(STATE))

/*
 * The set is read without a lock: an outsider may find that of the next request, and the second
 * look at the state tells it so.
 */
inline serve()
{
    seen = LOAD(STATE);
    if
    :: ASKS(seen) ->
        set = LOAD(MEMBERS);
        if
        :: (set & BIT(me)) && (LOAD(STATE) == seen || BREAK == BREAK_MEMBERS) -> take_part()
        :: else
        fi
    :: else
    fi;
    atomic { seen = 0; set = 0 }
}

/* The doorbell, taken when the IRQL and the flag allow it, or later. */
proctype handler(byte me)
{
    byte seen, set, caller, old_irql;
    bool released, sleepy, rouses;

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

/* Interrupts disabled: a wait loop does the handler's work. */
#define DEAF (!interrupts_on[me] && irql[me] < IPI && BREAK != BREAK_NO_POLL)

inline poll()
{
    irql[me] = IPI;
    serve();
    atomic { DRAINED -> irql[me] = waits_at }
}

#include "turn.pml"

/* ---- the caller's part: steps 2, 4, 5 and 8 ---- */

#ifdef SETS
#define SET_OF_CALL (me == 0 -> EVERYONE & ~BIT(LAST) : EVERYONE)
#else
#define SET_OF_CALL EVERYONE
#endif

inline publish()
{
    atomic { generation = GENERATION(LOAD(STATE)) + 1; set = SET_OF_CALL };
#if BREAK != BREAK_STATE_FIRST
    atomic { STORE(MEMBERS, set) };
#endif
    atomic { STORE(CALLER, me) };
    atomic { STORE(REQUEST, generation) };
    atomic {
        STORE(STATE, STATE_OF(generation, PENDING));
        assert(!alive); /* one call at a time */
        current = generation;
        members = set;
        at_barrier = 0;
        started = 0;
        let_go = 0;
        alive = true;
        withdrawn = false;
        queued = queued & ~BIT(me);
        overtaken_by[me] = 0;
        each = 0;
        do
        :: each < PROCESSORS ->
            if
            :: queued & BIT(each) ->
                assert(!(overtaken_by[each] & BIT(me))); /* C2 */
                overtaken_by[each] = overtaken_by[each] | BIT(me)
            :: else
            fi;
            each++
        :: else -> break
        od;
        each = 0
    }
#if BREAK == BREAK_STATE_FIRST
    atomic { STORE(MEMBERS, set) }
#endif
}

/* Rung at once, taken whenever: what a doorbell does late, its handler does late. */
inline ring_doorbells()
{
    atomic {
        DRAINED ->
        do
        :: each < PROCESSORS ->
            if
            :: each != me && (set & BIT(each)) -> doorbell[each] = true
            :: else
            fi;
            each++
        :: else -> break
        od;
        each = 0
    }
}

#if BREAK == BREAK_GENERATION
#define HAS_ARRIVED (LOAD(ARRIVED(each)) != 0)
#elif BREAK == BREAK_EARLY_RELEASE
#define HAS_ARRIVED (each == LAST || LOAD(ARRIVED(each)) == generation)
#else
#define HAS_ARRIVED (LOAD(ARRIVED(each)) == generation)
#endif

/* The deadline has passed. Perhaps nobody is missing by now: then the call goes on. */
inline find_missing()
{
    FIRST_OTHER;
    do
    :: atomic { each < PROCESSORS && HAS_ARRIVED -> each++; skip_to_other() }
    :: atomic {
        each < PROCESSORS && !HAS_ARRIVED ->
        missing = missing | BIT(each);
        each++;
        skip_to_other()
    }
    :: each == PROCESSORS -> break
    od
}

/* Step 4. */
inline collect_arrivals()
{
    FIRST_OTHER;
    do
    :: atomic { each < PROCESSORS && HAS_ARRIVED && !announced -> each++; skip_to_other() }
    :: each == PROCESSORS -> break
#ifdef DEADLINE
    :: each < PROCESSORS && !HAS_ARRIVED ->
        end_wait(announced);
        find_missing();
        break
#endif
#ifdef HALT
    :: each < PROCESSORS && HAS_ARRIVED && announced -> end_wait(announced)
    :: each < PROCESSORS && !HAS_ARRIVED -> sleep_turn(announced, FOR_PROCESSOR(each), IPI)
#endif
    od;
    each = 0
}

/* Step 5: one compare-and-swap. Only the holder of the turn decides, so it finds PENDING. */
inline decide(phase)
{
    atomic {
        DRAINED ->
        assert(word[STATE] == STATE_OF(generation, PENDING));
        word[STATE] = STATE_OF(generation, phase);
        withdrawn = (phase == WITHDRAWN)
    }
}

inline withdraw()
{
#if BREAK == BREAK_TWO_WRITES
    decide(RELEASED);
    atomic { word[STATE] = STATE_OF(generation, WITHDRAWN); withdrawn = true }
#else
    decide(WITHDRAWN)
#endif
}

/* Step 8, first half. Of a call that was withdrawn, those that had arrived by then. */
#define IS_DONE (LOAD(DONE(each)) == generation)

inline collect_dones()
{
    atomic { set = set & ~missing; each = 0; skip_to_other() };
    do
    :: atomic { each < PROCESSORS && IS_DONE && !announced -> each++; skip_to_other() }
    :: each == PROCESSORS -> break
#ifdef HALT
    :: each < PROCESSORS && IS_DONE && announced -> end_wait(announced)
    :: each < PROCESSORS && !IS_DONE -> sleep_turn(announced, FOR_PROCESSOR(each), IPI)
#endif
    od;
    each = 0
}

/* The IRQL of code that calls. */
#ifdef MASKED
#define LEVEL_OF(p) ((p) == CALLERS - 1 -> CLOCK : PASSIVE)
#else
#define LEVEL_OF(p) PASSIVE
#endif

inline call()
{
    atomic {
        old_irql = irql[me];
        waits_at = (BREAK == BREAK_HIGH_QUEUE -> IPI : CLOCK);
        irql[me] = waits_at
    };
    take_turn(); /* 1 */
    irql[me] = IPI;
    publish(); /* 2 */
    ring_doorbells();
#if BREAK != BREAK_NO_WAKE
    wake_others();
#endif
    arrive(generation);
    collect_arrivals(); /* 4 */
    if
    :: missing == 0 ->
        decide(RELEASED); /* 5 */
        wake_others();
        run_worker(generation) /* 6 */
    :: else ->
        withdraw(); /* 5 */
        wake_others()
    fi;
    atomic { STORE(DONE(me), generation); let_go = let_go | BIT(me) };
    collect_dones(); /* 8 */
    atomic {
        assert(withdrawn -> started == 0 : started == members); /* B3, K4 */
        assert(withdrawn || let_go == members);                 /* K5 */
        alive = false;
        generation = 0;
        set = 0;
        missing = 0
    };
    give_turn();
    atomic {
        DRAINED -> /* arch_serialize() */
        irql[me] = (BREAK == BREAK_IRQL -> irql[me] : old_irql);
        assert(irql[me] == LEVEL_OF(me)); /* K10 */
        returned++;
        old_irql = 0;
        waits_at = 0
    }
}

/* ---- the processors ---- */

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
    byte generation, set, missing, seen, caller, each, old_irql, waits_at, calls;
    bool released, sleepy, announced, rouses;

    if
    :: me < CALLERS ->
#ifdef LOCKED
        if
        :: me == 0 -> acquire_lock()
        :: else
        fi;
#endif
        do
        :: calls < CALLS -> call(); calls++
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
ltl returns { <>(returned == CALLERS * CALLS) }
#endif
