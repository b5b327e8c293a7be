/* SPDX-License-Identifier: MIT */
/* A member's part: steps 3, 6 and 7 of kernel/rendezvous/rendezvous.c, and the way to them. */

/* ---- a phase; `runs`: it was not given up before its request was read ---- */

inline run_phase()
{
    request = LOAD(REQUEST);
    runs = (LOAD(STATE) == state || BREAK == BREAK_UNCHECKED_REQUEST);
    if
    :: runs ->
        atomic { note_start(state, request) };
        SIBLINGS_RUN(state);
        atomic { note_end(state); request = 0 }
    :: !runs -> request = 0
    fi
}

/* ---- following a leader ---- */

inline let_go_of(generation)
{
    atomic { STORE(DONE(me), generation); note_let_go(generation) };
    wake_processor(leader)
}

inline reach(generation, phase)
{
    atomic {
        STORE(REACHED(me), MARK(generation, phase));
        note_barrier(generation, (phase == PENDING -> 0 : phase - FIRST + 1))
    };
    wake_processor(leader)
}

#if BREAK == BREAK_ANY_DECISION
#define RUNS(state) (PHASE(state) >= FIRST && PHASE(state) <= FINAL)
#else
#define RUNS(state) \
    (GENERATION(state) == generation && PHASE(state) >= FIRST && PHASE(state) <= FINAL)
#endif

/* Until the leader has moved on from `state`. */
inline await_step()
{
    do
    :: atomic { LOAD(STATE) != state -> state = LOAD(STATE) }; break
#ifdef HALT
    :: LOAD(STATE) == state -> sleep_turn(sleepy, FOR_PROCESSOR(leader), IPI)
#endif
    od;
    end_wait(sleepy)
}

inline follow()
{
    leader = LEADER(state);
    reach(generation, PENDING); /* 3 */
    if
    :: state == STATE_OF(generation, leader, PENDING) -> await_step()
    :: else
    fi;
#if BREAK == BREAK_DONE_BEFORE_RUN
    let_go_of(generation);
#endif
    do
    :: RUNS(state) ->
        run_phase(); /* 6 */
        if
        :: runs && PHASE(state) < FINAL -> reach(generation, PHASE(state)); await_step()
        :: else -> break
        fi
    :: else -> break
    od;
    let_go_of(generation); /* 7 */
    atomic { leader = 0; runs = false }
}

/* ---- the way in ---- */

/* The same call, still waiting: it may have found its leader between the two reads. */
#define STILL(now) (GENERATION(now) == GENERATION(state) && ASKS(now))

/*
 * The set is read without a lock: an outsider may find the set of the next request, and the second
 * read of the state reveals that.
 */
inline look()
{
    state = LOAD(STATE);
    if
    :: ASKS(state) ->
        set = LOAD(MEMBERS);
        atomic {
            if
            :: BREAK == BREAK_MEMBERS && (set & BIT(me))
            :: BREAK != BREAK_MEMBERS && (set & BIT(me)) && STILL(LOAD(STATE)) ->
                state = LOAD(STATE)
            :: else -> state = WITHDRAWN
            fi;
            set = 0
        }
    :: else -> state = (BREAK == BREAK_BELL_BELIEVED -> state : WITHDRAWN)
    fi
}

#if BREAK == BREAK_BELL_BELIEVED
#define TAKES_PART (PHASE(state) != WITHDRAWN)
#else
#define TAKES_PART ASKS(state)
#endif

inline serve()
{
    look();
    if
    :: TAKES_PART ->
        generation = GENERATION(state);
#ifdef POST
        claim();
        if
        :: runs -> runs = false; lead_posted()
        :: !runs -> follow()
        fi
#else
        follow()
#endif
    :: else
    fi;
    atomic { state = 0; generation = 0 }
}

/* What a wait loop does that its handler cannot do for it. */
inline poll()
{
    irql[me] = IPI;
    serve();
    atomic { DRAINED -> irql[me] = waits_at }
}
