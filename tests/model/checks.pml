/* SPDX-License-Identifier: MIT */
/* What the checks remember; no step of the protocol reads it. */

byte current;                  /* the generation that was published last: */
byte members;                  /* its set, */
byte leads;                    /* its leader, once it has one, */
byte decided;                  /* the phase of its state, */
byte withdrawn_from;           /* and the one that it had before it was withdrawn, */
byte at_barrier[PHASES];       /* the processors at the barrier ahead of each phase, */
byte started[PHASES];          /* have started their routine, */
byte let_go;                   /* will not touch the request again */
bool alive;                    /* the caller's argument: dead when the call is over */
byte given_up[PROCESSORS];     /* the call in which a processor was, after it had begun */
byte queued;                   /* the processors that wait for the turn, */
byte overtaken_by[PROCESSORS]; /* and by which ones each was overtaken since it was counted */
byte returned;                 /* calls that have returned */
#ifdef POST
bool completion_alive; /* until its owner has read the status */
#endif

#define IS_GIVEN_UP(generation) (given_up[me] == (generation))

/* A new call: a posted one has no leader yet. */
inline note_call(generation, set, leader, phase)
{
    assert(!alive); /* K5: one call at a time */
    current = generation;
    members = set;
    leads = leader;
    decided = phase;
    withdrawn_from = 0;
    each = 0;
    do
    :: each < PHASES ->
        at_barrier[each] = 0;
        started[each] = 0;
        each++
    :: else -> break
    od;
    let_go = 0;
    alive = true;
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

/* This processor is at the barrier ahead of phase FIRST + `barrier`. */
inline note_barrier(generation, barrier)
{
    assert(irql[me] == IPI); /* K2 */
    if
    :: generation == current ->
        assert(members & BIT(me)); /* C4 */
        at_barrier[barrier] = at_barrier[barrier] | BIT(me)
    :: else /* too late: it was withdrawn */
    fi
}

/* It enters the routine of the phase of `state`, with the request that it has read. */
inline note_start(state, request)
{
    assert(request == GENERATION(state)); /* K7 */
    assert(irql[me] == IPI);              /* K1 */
    if
    :: IS_GIVEN_UP(GENERATION(state)) /* X: UNFINISHED, it may still run */
    :: else ->
        assert(current == GENERATION(state) && alive);            /* K5 */
        assert(members & BIT(me));                                /* C4 */
        assert(decided == PHASE(state));                          /* B3 */
        assert(at_barrier[PHASE(state) - FIRST] == members);      /* K2 */
        assert(!(started[PHASE(state) - FIRST] & BIT(me)));       /* K4 */
        started[PHASE(state) - FIRST] = started[PHASE(state) - FIRST] | BIT(me)
    fi
}

/*
 * K3: it waits for its siblings. But where a wake may be lost, the leader must leave the routine to
 * make up for it: a member has no alarm here.
 */
#if defined(LOSSES) && defined(HALT)
#define SIBLINGS_RUN(state) true
#else
#define SIBLINGS_RUN(state) \
    (IS_GIVEN_UP(GENERATION(state)) || started[PHASE(state) - FIRST] == members)
#endif

/* It leaves the routine, and has used its argument to the end. */
inline note_end(state)
{
    assert(IS_GIVEN_UP(GENERATION(state)) || (current == GENERATION(state) && alive)) /* K5 */
}

inline note_let_go(generation)
{
    if
    :: IS_GIVEN_UP(generation) -> given_up[me] = 0
    :: generation == current && !IS_GIVEN_UP(generation) -> let_go = let_go | BIT(me)
    :: else
    fi
}

inline note_decision(phase)
{
    assert(leads == me); /* X: no other processor decides */
    if
    :: phase == WITHDRAWN -> withdrawn_from = decided
    :: else
    fi;
    decided = phase
}

/* The call is over: all members that are not missing have let go. */
inline note_over(missing)
{
    assert(((let_go | missing | BIT(me)) & members) == members);             /* K5 */
    assert(missing != 0 || started[PHASES - 1] == members);                  /* K4 */
    assert(withdrawn_from != PENDING || started[0] == 0);                    /* B3 */
    assert(!withdrawn_from || withdrawn_from == FINAL || !started[PHASES - 1]); /* X: cut short */
    alive = false;
    withdrawn_from = 0
}
