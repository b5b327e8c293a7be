/*
 * The turn: steps 1 and 8, as kernel/turn.c takes them.
 */

/* A compare-and-swap that takes the turn is a step; one that fails changes nothing. */
#define IS_FREE    (DRAINED && word[HOLDER] == NOBODY)
#define IS_TAKEN   (DRAINED && word[HOLDER] != NOBODY)
#define IS_GRANTED (LOAD(PLACE(me)) == GRANTED)

/* Posted first, and then counted: who sees the count finds the place. */
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

/* Serves the calls of others meanwhile: by its handler, or by polling where that cannot come. */
inline queue()
{
    do
    :: IS_GRANTED -> break
    :: atomic { IS_FREE -> word[HOLDER] = me }; break
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
        atomic { STORE(PLACE(me), NONE) };
        atomic { STORE(HOLDER, me) };
        atomic { DRAINED -> word[WAITING]-- }
    fi
}

/* Offers the turn to one place after the other, beginning behind its own; `each` 0: in vain. */
#if BREAK == BREAK_ORDER
#define OFFERED (each - 1)
#else
#define OFFERED ((me + each) % PROCESSORS)
#endif

inline hand_on()
{
    each = 1;
    do
    :: atomic {
        each < PROCESSORS && DRAINED && word[PLACE(OFFERED)] == WANTED ->
        word[PLACE(OFFERED)] = GRANTED
    };
        wake_processor(OFFERED);
        break
    :: atomic { each < PROCESSORS && DRAINED && word[PLACE(OFFERED)] != WANTED -> each++ }
    :: each == PROCESSORS -> each = 0; break
    od
}

/* Free only when nobody was seen waiting after that: a waiter that sleeps is woken by a grant. */
inline give_turn()
{
    do
    :: if
        :: LOAD(WAITING) != 0 -> hand_on()
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
        :: atomic { IS_FREE -> word[HOLDER] = me }
        :: IS_TAKEN -> break
        fi
    od
}
