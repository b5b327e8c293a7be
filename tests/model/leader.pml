/* SPDX-License-Identifier: MIT */
/*
 * The leader's part: steps 4, 5 and 8, except the turn. Its caller has set `generation`, `state`
 * and `set`, the members; `missing` is empty if all went well.
 *
 * `waiting` names the flag of its waits: a processor that leads while it waits for something else
 * has two.
 */

/* ---- step 4 and the first half of 8: one word per processor ---- */

#if BREAK == BREAK_GENERATION
#define HAS_REACHED (PHASE(LOAD(REACHED(each))) == PHASE(state))
#elif BREAK == BREAK_EARLY_RELEASE
#define HAS_REACHED (each == LAST || LOAD(REACHED(each)) == MARK(generation, PHASE(state)))
#elif BREAK == BREAK_NO_BARRIER
#define HAS_REACHED (PHASE(state) == FIRST || LOAD(REACHED(each)) == MARK(generation, PENDING))
#else
#define HAS_REACHED (LOAD(REACHED(each)) == MARK(generation, PHASE(state)))
#endif
#define HAS_LET_GO       (LOAD(DONE(each)) == generation)
#define IS_THERE(leaves) ((!(leaves) && HAS_REACHED) || ((leaves) && HAS_LET_GO))

/* A processor that had begun and is given up on may go on for as long as it likes. */
inline miss()
{
    missing = missing | BIT(each);
    if
    :: PHASE(state) != PENDING -> given_up[each] = generation
    :: else
    fi
}

/* The deadline has passed. Perhaps none is missing by now: then the call goes on. */
inline find_missing(leaves)
{
    FIRST_OTHER;
    do
    :: atomic { each < PROCESSORS && IS_THERE(leaves) -> each++; skip_to_other() }
    :: atomic { each < PROCESSORS && !IS_THERE(leaves) -> miss(); each++; skip_to_other() }
    :: each == PROCESSORS -> break
    od
}

#ifdef LOSSES
/*
 * A quarter of the patience has passed: the missing processors are rung again, if the wait is for
 * the barrier to open, and woken (watchdog.c). Then all are checked once more.
 */
#ifdef HALT
#ifdef LIVENESS
#define QUARTERS_PASS /* after each halt: fairness is about processes, not about their choices */
#endif
#define RINGS_AGAIN(leaves) (BREAK != BREAK_NO_SECOND_BELL)
#else
#define RINGS_AGAIN(leaves) (!(leaves) && PHASE(state) == PENDING && BREAK != BREAK_NO_SECOND_BELL)
#endif

#define IS_RUNG_AGAIN(leaves) (IS_THERE(leaves) == (BREAK == BREAK_WRONG_ONES))

inline ring_again(leaves)
{
    FIRST_OTHER;
    do
    :: atomic { each < PROCESSORS && !IS_RUNG_AGAIN(leaves) -> each++; skip_to_other() }
    :: atomic {
        each < PROCESSORS && IS_RUNG_AGAIN(leaves) ->
        again = again | BIT(each);
        each++;
        skip_to_other()
    }
    :: each == PROCESSORS -> break
    od;
    atomic {
        DRAINED ->
        each = 0;
        do
        :: each < PROCESSORS ->
            if
            :: (again & BIT(each)) && !(leaves) && PHASE(state) == PENDING -> ring(each)
            :: else
            fi;
#ifdef HALT
            wake[each] = wake[each] || ((again & BIT(each)) && BREAK != BREAK_NOT_WOKEN_AGAIN);
#endif
            each++
        :: else -> break
        od;
        again = 0;
        each = 0;
        skip_to_other()
    }
}
#endif

/* `leaves`: is it their last step, or the barrier? */
inline collect(leaves, gives_up, waiting)
{
    FIRST_OTHER;
    do
    :: atomic { each < PROCESSORS && IS_THERE(leaves) && !waiting -> each++; skip_to_other() }
    :: each == PROCESSORS -> break
    :: each < PROCESSORS && gives_up && !IS_THERE(leaves) ->
        end_wait(waiting);
        find_missing(leaves);
        break
#if defined(LOSSES) && !defined(QUARTERS_PASS)
    :: each < PROCESSORS && RINGS_AGAIN(leaves) && !IS_THERE(leaves) -> ring_again(leaves)
#endif
#ifdef HALT
    :: each < PROCESSORS && IS_THERE(leaves) && waiting -> end_wait(waiting)
    :: each < PROCESSORS && !IS_THERE(leaves) ->
        sleep_turn(waiting, FOR_PROCESSOR(each), IPI);
#ifdef QUARTERS_PASS
        if
        :: RINGS_AGAIN(leaves) && !IS_THERE(leaves) -> ring_again(leaves)
        :: else
        fi
#endif
#endif
    od;
    each = 0
}

/* ---- step 5: one compare-and-swap. Only the leader decides, so it finds its own state. ---- */

inline advance(phase)
{
    atomic {
        DRAINED ->
        assert(word[STATE] == state); /* X: no other processor decides */
        state = WITH_PHASE(state, phase);
        word[STATE] = state;
        note_decision(PHASE(state))
    };
    wake_others()
}

/* The processors that are not missing leave; one that does not leave is missing, too. */
inline give_up(waiting)
{
#if BREAK == BREAK_TWO_WRITES
    advance(FIRST);
#endif
    advance(WITHDRAWN);
    set = set & ~missing;
    collect(true, STUCK_HAPPENS, waiting)
}

/* Is the next phase no longer to be waited for? */
#if BREAK == BREAK_STUCK_GOES_ON
#define IS_OVER (missing != 0 && PHASE(state) == PENDING)
#else
#define IS_OVER (missing != 0)
#endif

inline lead(waiting)
{
    if
    :: set & BIT(me) ->
        atomic {
            STORE(REACHED(me), MARK(generation, PENDING));
            note_barrier(generation, 0)
        }
    :: else
    fi;
    do
    :: collect(false, (PHASE(state) == PENDING -> ABSENT_HAPPENS : STUCK_HAPPENS), waiting);
        if
        :: IS_OVER -> give_up(waiting); break
        :: else -> advance((PHASE(state) == PENDING -> FIRST : PHASE(state) + 1))
        fi;
        if
        :: set & BIT(me) ->
            run_phase();
            runs = false;
#if PHASES > 1
            atomic {
                if
                :: PHASE(state) < FINAL -> note_barrier(generation, PHASE(state) - FIRST + 1)
                :: else
                fi
            }
#endif
        :: else
        fi;
        if
        :: PHASE(state) == FINAL ->
            collect(true, STUCK_HAPPENS, waiting);
            if
            :: missing != 0 -> give_up(waiting)
            :: else
            fi;
            break
        :: else
        fi
    od;
    atomic { note_over(missing); state = 0; generation = 0; set = 0; missing = 0 }
}
