/* SPDX-License-Identifier: MIT */
/*
 * The turn: steps 1 and 8, as kernel/rendezvous/turn.c takes them.
 */

/* A compare-and-swap that takes the turn is a step; a failing one changes nothing. */
#define IS_FREE    (DRAINED && word[HOLDER] == NOBODY)
#define IS_TAKEN   (DRAINED && word[HOLDER] != NOBODY)
#define IS_GRANTED (LOAD(PLACE(me)) == GRANTED)

/* The place is posted before it is counted: a processor that sees the count finds the place. */
inline post()
{
#if BREAK != BREAK_COUNT_FIRST
    atomic { STORE_IN_ORDER(PLACE(me), WANTED) };
#endif
    atomic {
        DRAINED ->
        word[WAITING]++;
        queued = queued | BIT(me)
    }
#if BREAK == BREAK_COUNT_FIRST
    atomic { STORE_IN_ORDER(PLACE(me), WANTED) }
#endif
}

/*
 * The place is uncounted first (take_turn()), since a giver that sees a count searches until it
 * finds a place. The place is taken back by compare-and-swap, since it may have been granted
 * meanwhile; in that case the wait is over.
 */
inline leave_queue()
{
    atomic {
        DRAINED ->
        busy = (word[PLACE(me)] == WANTED || BREAK == BREAK_LEAVE_BLINDLY);
        if
        :: busy -> word[PLACE(me)] = NONE
        :: else
        fi
    }
}

/*
 * Serves the calls of others meanwhile: by the handler, or by polling where the doorbell is masked.
 */
inline queue()
{
    do
    :: IS_GRANTED -> break
    :: atomic { IS_FREE -> word[HOLDER] = me }; break
#ifdef IMPATIENT
    :: me != 0 && !IS_GRANTED && IS_TAKEN -> busy = true; break
#endif
    :: DEAF && WANTED_NOW -> poll()
#ifdef HALT
    :: !IS_GRANTED && IS_TAKEN ->
        /* A doorbell that is pending by now is held back in the halt. */
        if
        :: announced && WANTED_NOW && BREAK != BREAK_NO_LAST_POLL -> poll()
        :: else
        fi;
        sleep_turn(announced, FOR_ANYBODY, waits_at)
#endif
    od;
    end_wait(announced)
}

inline take_turn()
{
    if
    :: atomic { IS_FREE -> word[HOLDER] = me }
    :: IS_TAKEN ->
        post();
        queue();
        atomic {
            DRAINED ->
            word[WAITING]--;
            if
            :: busy -> queued = queued & ~BIT(me); overtaken_by[me] = 0
            :: else
            fi
        };
        if
        :: busy -> leave_queue()
        :: else
        fi;
        if
        :: !busy ->
            atomic { STORE(PLACE(me), NONE) };
            atomic { STORE(HOLDER, me) }
        :: busy
        fi
    fi
}

/*
 * Offers the turn to one place after another, starting after that of the processor that took it;
 * `each` is 0 when no place accepts. That processor may be waiting again by now, if another one
 * leads its call: it comes last.
 */
#if BREAK == BREAK_ORDER
#define OFFERED (each - 1)
#else
#define OFFERED ((from + each) % PROCESSORS)
#endif

inline hand_on(from)
{
    each = 1;
    do
    :: atomic {
        each <= PROCESSORS && DRAINED && word[PLACE(OFFERED)] == WANTED ->
        word[PLACE(OFFERED)] = GRANTED
    };
        wake_processor(OFFERED);
        break
    :: atomic { each <= PROCESSORS && DRAINED && word[PLACE(OFFERED)] != WANTED -> each++ }
    :: each > PROCESSORS -> each = 0; break
    od
}

/* Free only when no waiter was seen after that: a waiter that sleeps is woken by a grant. */
inline give_turn(from)
{
    do
    :: if
        :: LOAD(WAITING) != 0 -> hand_on(from)
        :: LOAD(WAITING) == 0
        fi;
        if
        :: each != 0 -> each = 0; break
        :: each == 0 -> atomic { STORE_IN_ORDER(HOLDER, NOBODY) }
        fi;
        if
        :: LOAD(WAITING) == 0 || BREAK == BREAK_NO_SECOND_LOOK -> break
        :: LOAD(WAITING) != 0 && BREAK != BREAK_NO_SECOND_LOOK
        fi;
        if
        :: atomic { IS_FREE -> word[HOLDER] = from }
        :: IS_TAKEN -> break
        fi
    od
}
