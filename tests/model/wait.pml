/*
 * Waiting with a halt, and waking: the handshake of kernel/wait.c, whose steps these are.
 *
 *   1 the waiter announces whom it waits for    2 looks at its condition again    3 halts
 *   4 another processor changes the word        5 looks for sleepers, rings the wake doorbell
 *
 * A wait of HALT never spins: a processor that spins for a while is one that takes its steps late.
 */

#ifdef HALT

/* 3: at IPI_LEVEL, where only the wake doorbell comes through; one that is pending ends it. */
inline halt(irql_of_wait)
{
    atomic {
        irql[me] = IPI;
        if
        :: LOAD(ASLEEP(me)) != FOR_NOBODY -> wake[me] -> wake[me] = false
        :: else
        fi;
        irql[me] = irql_of_wait
    }
}

/*
 * 1, and the turns after it. A call in which the handler took part meanwhile may have left
 * `asleep` at FOR_NOBODY: the announcement begins again.
 */
#define MAY_ANNOUNCE (LOAD(ASLEEP(me)) == FOR_NOBODY)

inline announce(announced, whom)
{
    atomic {
        DRAINED ->
        if
        :: word[ASLEEP(me)] == FOR_NOBODY ->
            word[ASLEEP(me)] = whom;
            announced = true
        :: else
        fi
    }
#if BREAK == BREAK_NO_RECHECK
    halt(irql[me])
#endif
}

/* What was waited for is there. */
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
    if
    :: FENCE && SLEEPS_ON_ME(sleeper) ->
        atomic {
            DRAINED ->
            rouses = word[ASLEEP(sleeper)] != FOR_NOBODY;
            word[ASLEEP(sleeper)] = FOR_NOBODY
        };
        atomic {
            wake[sleeper] = wake[sleeper] || rouses;
            rouses = false
        }
    :: FENCE && !SLEEPS_ON_ME(sleeper)
    fi
}

inline wake_others()
{
    FIRST_OTHER;
    do
    :: each < PROCESSORS -> wake_processor(each); NEXT_OTHER
    :: each == PROCESSORS -> each = 0; break
    od
}

#else
#define end_wait(announced)     skip
#define wake_processor(sleeper) skip
#define wake_others()           skip
#endif
