/* SPDX-License-Identifier: MIT */
/*
 * The machine: shared words, store buffers, interrupts.
 */

/* ---- words that processors share ---- */

#define STATE   0 /* generation, leader, phase: below */
#define MEMBERS 1 /* the request: the set, */
#define REQUEST 2 /* and what to run: here, the generation again */
#define HOLDER  3 /* the processor that has the turn */
#define WAITING 4 /* the length of its queue */
#ifdef POST
#define ASIDE  5 /* what the leader of a posted call needs: here, the generation again */
#define STATUS 6 /* of the completion */
#define SEATS  7
#else
#define SEATS 5
#endif
#define REACHED(p) (SEATS + (p))                  /* the phase of a call that p last left behind */
#define DONE(p)    (SEATS + PROCESSORS + (p))     /* the generation that it last let go of */
#define PLACE(p)   (SEATS + 2 * PROCESSORS + (p)) /* in the queue of the turn */
#ifdef HALT
#define ASLEEP(p) (SEATS + 3 * PROCESSORS + (p)) /* whom p waits for, halted or about to halt */
#define WORDS     (SEATS + 4 * PROCESSORS)
#else
#define WORDS (SEATS + 3 * PROCESSORS)
#endif

byte word[WORDS];

/* STATE: the phase of a generation; FIRST to FINAL run a routine. */
#define POSTED    0
#define PENDING   1
#define FIRST     2
#define FINAL     (FIRST + PHASES - 1)
#define WITHDRAWN 5

#define STATE_OF(generation, leader, phase) ((generation) << 5 | (leader) << 3 | (phase))
#define GENERATION(state)                   ((state) >> 5)
#define LEADER(state)                       ((state) >> 3 & 3)
#define PHASE(state)                        ((state) & 7)
#define WITH_PHASE(state, phase)            (((state) & ~7) | (phase))

/* REACHED(p) */
#define MARK(generation, phase) ((generation) << 3 | (phase))

/* STATUS */
#define UNDECIDED 0
#define DECIDED   1

/* HOLDER: a processor, or */
#define NOBODY PROCESSORS

/* PLACE(p) */
#define NONE    0
#define WANTED  1
#define GRANTED 2

/* ASLEEP(p) */
#define FOR_NOBODY       0
#define FOR_PROCESSOR(q) (1 + (q))
#define FOR_ANYBODY      (1 + PROCESSORS)

#define BIT(p)   (1 << (p))
#define EVERYONE ((1 << PROCESSORS) - 1)
#define LAST     (PROCESSORS - 1)

/* ---- processors ---- */

#define PASSIVE 0
#define CLOCK   13
#define IPI     14
#define HIGH    15

byte irql[PROCESSORS];
bool interrupts_on[PROCESSORS]; /* RFLAGS.IF */
bool doorbell[PROCESSORS];      /* pending, class 0xE */
bool interrupted[PROCESSORS];   /* the handler runs, the code is stopped */
#ifdef HALT
bool wake[PROCESSORS]; /* pending, class 0xF */
#endif

/* A doorbell is rung; with LOSSES, that many of them, and of those that wake members, are lost. */
#ifdef LOSSES
byte lost;

inline ring(whose)
{
    if
    :: doorbell[whose] = true
    :: lost < LOSSES -> lost++
    fi
}
#else
inline ring(whose)
{
    doorbell[whose] = true
}
#endif

/* ---- memory ---- */

#ifdef TSO
/*
 * A store waits in the buffer of its processor, whose own loads see it there, until memory takes
 * it. An operation that locks the bus, serialises, sends an interrupt or takes one needs an empty
 * buffer.
 */
typedef store_buffer {
    bool used;
    byte address;
    byte value
}
store_buffer buffer[PROCESSORS];

#define DRAINED (!buffer[me].used)
#define LOAD(where) \
    (buffer[me].used && buffer[me].address == (where) -> buffer[me].value : word[where])
#define STORE(where, what)          \
    DRAINED ->                      \
    buffer[me].used = true;         \
    buffer[me].address = (where);   \
    buffer[me].value = (what)

proctype memory(byte me)
{
end:
    do
    :: atomic {
        buffer[me].used ->
        word[buffer[me].address] = buffer[me].value;
        buffer[me].used = false;
        buffer[me].address = 0;
        buffer[me].value = 0
    }
    od
}
#else
#define DRAINED            true
#define LOAD(where)        word[where]
#define STORE(where, what) word[where] = (what)
#endif

/* Sequentially consistent: nothing that follows in the program overtakes it. */
#define STORE_IN_ORDER(where, what) DRAINED -> word[where] = (what)

/* ---- what wait loops read ---- */

/*
 * Does a state ask for members? A member that has arrived stays at IPI_LEVEL and reads no further
 * state.
 */
#define ASKS(state) (PHASE(state) <= PENDING)
#define WANTED_NOW  ASKS(LOAD(STATE))

/* With interrupts disabled a wait loop does the handler's work. */
#define DEAF (!interrupts_on[me] && irql[me] < IPI && BREAK != BREAK_NO_POLL)

/* ---- the other members, in index order ---- */

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
