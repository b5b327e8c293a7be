/* SPDX-License-Identifier: MIT */
/*
 * Waiting with a halt, and waking: the handshake of kernel/rendezvous/wait.c, whose steps these
 * are.
 *
 *   1 the waiter announces whom it waits for    2 checks its condition again    3 halts
 *   4 another processor changes the word        5 looks for sleepers, rings the wake doorbell
 *
 * A wait with HALT never spins: a processor that spins for a while is one that takes its steps
 * late.
 */

#ifdef HALT

/*
 * Where a wake may be lost, the alarm ends the halt of a leader, which must watch the missing
 * processors, and of a waiter for the turn, which nobody watches. A member has no alarm: it depends
 * on its leader.
 */
#ifdef LOSSES
#define ALARM(irql_of_wait) (LOAD(HOLDER) == me || (irql_of_wait) != IPI)
#else
#define ALARM(irql_of_wait) false
#endif

inline halt(irql_of_wait)
{
    irql[me] = IPI;
    (wake[me] || ALARM(irql_of_wait)) -> wake[me] = false;
    irql[me] = irql_of_wait
}

/*
 * A pass of a wait that has found its condition false. The first announces the sleep (1), so that
 * the loop checks once more (2), and the next halts (3): at IPI_LEVEL, where only the wake doorbell
 * gets through; a pending one ends the halt. If the announcement is gone by then, because a
 * processor woke us or the handler took part in a call with a wait of its own, it is made again.
 */
inline sleep_turn(announced, whom, irql_of_wait)
{
    atomic {
        if
        :: announced && LOAD(ASLEEP(me)) != FOR_NOBODY -> halt(irql_of_wait)
        :: else ->
            STORE_IN_ORDER(ASLEEP(me), whom);
            announced = true
        fi
    }
#if BREAK == BREAK_NO_RECHECK
    if
    :: atomic { LOAD(ASLEEP(me)) != FOR_NOBODY -> halt(irql_of_wait) }
    :: LOAD(ASLEEP(me)) == FOR_NOBODY
    fi
#endif
}

/* The awaited condition holds. */
inline end_wait(announced)
{
    if
    :: atomic { announced && DRAINED -> STORE(ASLEEP(me), FOR_NOBODY); announced = false }
    :: !announced
    fi
}

/* 5. Clearing the word and ringing are two steps: the sleeper may go on in between. */
#define FENCE (DRAINED || BREAK == BREAK_NO_FENCE)
#define SLEEPS_ON_ME(sleeper) \
    (LOAD(ASLEEP(sleeper)) == FOR_ANYBODY || LOAD(ASLEEP(sleeper)) == FOR_PROCESSOR(me))

inline wake_processor(sleeper)
{
    rouse(sleeper, false)
}

/* The wake of a member may be lost, in configurations with losses. */
inline rouse(sleeper, loses)
{
    if
    :: FENCE && SLEEPS_ON_ME(sleeper) ->
        atomic {
            DRAINED ->
            rouses = word[ASLEEP(sleeper)] != FOR_NOBODY;
            word[ASLEEP(sleeper)] = FOR_NOBODY
        };
        atomic {
            if
            :: wake[sleeper] = wake[sleeper] || rouses
#ifdef LOSSES
            :: loses && rouses && lost < LOSSES -> lost++
#endif
            fi;
            rouses = false
        }
    :: FENCE && !SLEEPS_ON_ME(sleeper)
    fi
}

inline wake_others()
{
    FIRST_OTHER;
    do
    :: each < PROCESSORS -> rouse(each, true); NEXT_OTHER
    :: each == PROCESSORS -> each = 0; break
    od
}

#else
#define end_wait(announced)     skip
#define wake_processor(sleeper) skip
#define wake_others()           skip
#endif
