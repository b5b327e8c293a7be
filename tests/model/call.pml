/* SPDX-License-Identifier: MIT */
/*
 * The caller's part, as in kernel/rendezvous/call.c: step 2, with the turn held, and calls whose
 * caller does not wait.
 */

/* ---- step 2 ---- */

#ifdef SETS
#define LEFT_OUT BIT(LAST)
#elif defined(OUTSIDE)
#define LEFT_OUT BIT(0)
#else
#define LEFT_OUT 0
#endif
#define SET_OF_CALL (me == 0 -> EVERYONE & ~LEFT_OUT : EVERYONE)

inline publish(leader, phase)
{
    atomic { generation = GENERATION(LOAD(STATE)) + 1; set = SET_OF_CALL };
#if BREAK != BREAK_STATE_FIRST
    atomic { STORE(MEMBERS, set) };
#endif
    atomic { STORE(REQUEST, generation) };
    atomic {
        state = STATE_OF(generation, leader, phase);
        STORE(STATE, state);
        note_call(generation, set, (phase == POSTED -> NOBODY : me), phase)
    };
#if BREAK == BREAK_STATE_FIRST
    atomic { STORE(MEMBERS, set) };
#endif
    ring_doorbells(phase == POSTED);
#if BREAK != BREAK_NO_WAKE
    wake_others()
#endif
}

/*
 * Doorbells are rung at once and taken at any time: a late doorbell is modelled as a late handler.
 */
inline ring_doorbells(ours_too)
{
    atomic {
        DRAINED ->
        do
        :: each < PROCESSORS ->
            if
            :: (each != me || ours_too) && (set & BIT(each)) -> ring(each)
            :: else
            fi;
            each++
        :: else -> break
        od;
        each = 0
    }
}

/* ---- how every caller enters and leaves ---- */

/* The IRQL of the calling code. */
#ifdef MASKED
#define LEVEL_OF(p) ((p) == CALLERS - 1 -> CLOCK : PASSIVE)
#else
#define LEVEL_OF(p) PASSIVE
#endif

inline enter()
{
    atomic {
        old_irql = irql[me];
        waits_at = (BREAK == BREAK_HIGH_QUEUE -> IPI : CLOCK);
        irql[me] = waits_at
    }
}

inline leave()
{
    atomic {
        DRAINED -> /* arch_serialize() */
        irql[me] = (BREAK == BREAK_IRQL -> irql[me] : old_irql);
        assert(irql[me] == LEVEL_OF(me)); /* K10 */
        old_irql = 0;
        waits_at = 0
    }
}

inline call()
{
    enter();
    take_turn(); /* 1 */
    if
    :: !busy ->
        irql[me] = IPI;
        publish(me, PENDING); /* 2 */
        lead(announced);      /* 4 to 8 */
        give_turn(me) /* 8 */
    :: busy -> busy = false
    fi;
    leave();
    returned++
}

#ifdef POST

/* ---- a call without waiting: its first caller, and its leader ---- */

/* Only processor 0 posts, and one call at a time. */
#define POSTER 0

inline begin()
{
    enter();
    take_turn(); /* 1 */
    if
    :: !busy ->
        irql[me] = IPI;
        atomic { STORE(STATUS, UNDECIDED); completion_alive = true };
#if BREAK != BREAK_ASIDE_LATE
        mine = GENERATION(LOAD(STATE)) + 1;
        atomic { STORE(ASIDE, mine) };
#endif
        publish(0, POSTED); /* 2 */
#if BREAK == BREAK_ASIDE_LATE
        mine = generation;
        atomic { STORE(ASIDE, mine) };
#endif
        atomic { state = 0; set = 0; generation = 0 }
    :: busy -> busy = false
    fi;
    leave()
}

/* All is reported: the turn goes on, and the completion dies when its owner has seen it. */
inline complete()
{
#if BREAK == BREAK_STATUS_FIRST
    atomic { STORE(STATUS, DECIDED) };
#endif
    assert(completion_alive); /* X: the turn's owner, and its reports */
    give_turn(POSTER);
#if BREAK != BREAK_STATUS_FIRST
    atomic { STORE(STATUS, DECIDED) }
#endif
}

/* The first to arrive swaps POSTED for PENDING; `runs` says whether it leads. */
inline claim()
{
#if BREAK == BREAK_CLAIM_STORES
    runs = (LOAD(STATE) == state && PHASE(state) == POSTED);
#endif
    atomic {
        DRAINED ->
        if
        :: PHASE(state) == POSTED && (word[STATE] == state || BREAK == BREAK_CLAIM_STORES && runs) ->
            state = STATE_OF(generation, me, PENDING);
            word[STATE] = state;
            assert(leads == NOBODY && decided == POSTED); /* X: there is one leader, or none ever */
            leads = me;
            decided = PENDING;
            runs = true
        :: else ->
            state = (PHASE(state) == POSTED -> word[STATE] : state);
            runs = false
        fi
    }
}

inline lead_posted()
{
    assert(LOAD(ASIDE) == generation); /* X: what the caller has put aside is there */
    atomic { STORE(HOLDER, me) };
    set = LOAD(MEMBERS);
    lead(sleepy);
    complete()
}

/* Too late, and no processor leads it: none ever will. */
inline withdraw_posted()
{
    atomic { waits_at = irql[me]; irql[me] = CLOCK };
#if BREAK == BREAK_WITHDRAW_STORES
    if
    :: LOAD(STATE) == STATE_OF(mine, 0, POSTED) -> runs = true
    :: else
    fi;
#endif
    atomic {
        DRAINED ->
        if
        :: word[STATE] == STATE_OF(mine, 0, POSTED) || runs ->
            word[STATE] = STATE_OF(mine, 0, WITHDRAWN);
            assert(leads == NOBODY && decided == POSTED); /* X: there is one leader, or none ever */
            leads = me;
            note_decision(WITHDRAWN);
            note_over(members);
            runs = true
        :: else
        fi
    };
    if
    :: runs -> runs = false; complete()
    :: else
    fi;
    atomic { DRAINED -> irql[me] = waits_at; waits_at = 0 }
}

#define IS_DECIDED (LOAD(STATUS) == DECIDED)

inline await_completion()
{
    waits_at = irql[me];
    do
    :: atomic { IS_DECIDED -> completion_alive = false }; break
    :: DEAF && WANTED_NOW -> poll()
#ifdef DEADLINE
    :: !IS_DECIDED && LOAD(STATE) == STATE_OF(mine, 0, POSTED) -> withdraw_posted(); waits_at = irql[me]
#endif
    od;
    atomic { mine = 0; waits_at = 0; returned++ }
}

/* It goes on, perhaps to another call, which may have to wait for the end of this one. */
inline post_and_go_on()
{
    begin();
    if
    :: mine != 0 ->
#ifdef POST_AND_CALL
        call();
#endif
        await_completion()
    :: else -> returned++
    fi
}

#endif
