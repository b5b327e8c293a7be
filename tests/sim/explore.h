/* SPDX-License-Identifier: MIT */
/*
 * The schedule explorer: the declarations that its parts share. explore.c describes how it works
 * as a whole.
 *
 *   scenarios.c, ladder_scenarios.c     the tables of programs
 *   setup.c      how a scenario begins and ends
 *   calls.c      the programs that use KeIpiGenericCall()
 *   scripts.c    scripted programs       requests.c their calls of rendezvous_call()
 *   steps.c      where a processor stops, and the hooks that stop it there
 *   memory.c     store buffers          weak.c     loads that C11 allows beyond x86
 *   race.c       happens-before         numbers.c  numbers for the words that are touched
 *   checks.c     the clauses of the contract, while a call runs
 *   outcomes.c   the clauses, judged by the result of a call
 *   ladder.c     the reaction to silence            survive.c  bug checks
 *   choices.c    what may happen next   state.c    copies of the system, and their hash
 *   search.c     all schedules          random.c   random schedules
 *   workers.c    several explorations at once       report.c   the output for a person
 *   schedule.c   schedules as text      trace.c    schedules in words
 */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include <stdatomic.h>

#include "tests/sim/sim.h"

#define EXPLORE_PROCESSORS 16u
#define BUFFER_DEPTH       6u
#define WATCH_LIMIT        12u

/* ---- steps.c: where each processor stands ---- */

enum next_kind {
    NEXT_ACCESS, /* an atomic access that others may notice */
    NEXT_DRAIN,  /* its store buffer is about to be emptied */
    NEXT_SEND,   /* an interrupt to others */
    NEXT_UNMASK, /* an interrupt has become deliverable */
    NEXT_MASK,   /* a deliverable interrupt is about to be held back */
    NEXT_RELAX,  /* waits until something that it has read changes */
    NEXT_HALT,   /* waits for a wake or the alarm */
    NEXT_IDLE,   /* nothing to do but interrupts */
    NEXT_STOPPED /* ended by a bug check */
};

/* A store that the processor has made and that no other processor can see yet. */
struct buffered_store {
    void *address;
    uint64_t value;
    const void *pc;
    uint64_t size;
};

/* What a wait loop has read in this pass, and the values it found. */
struct watched_load {
    const void *pc;
    const void *address;
    uint64_t value;
    uint64_t size;
};

/* The explorer's state for a processor. All of it is hashed; unused slots hold zeros. */
struct explore_cpu {
    struct sim_access next_access; /* the clock as last read before it began to relax */
    uint64_t relaxed_ticks;        /* the clock as last read in this loop, or 0 */
    uint64_t clock_ticks;          /* the last time it read in this loop, or 0 */
    uint64_t halt_until_ticks;
    uint64_t alarm_ticks; /* when its alarm goes off in a routine, or 0 */
    uint8_t next;         /* enum next_kind */
    uint8_t interrupt;    /* the class to deliver when it is resumed, 0 for none */
    uint8_t stores;       /* in the buffer */
    uint8_t watches;
    bool impure;       /* this pass of a loop did more than read */
    bool unserialized; /* ran a worker, without a serialising instruction since */
    bool interrupted;  /* took an interrupt while it relaxed or halted */
    uint8_t send_class;
    uint8_t idle_passes;   /* relaxed passes that were not steps */
    uint64_t send_targets; /* for NEXT_SEND */
    struct buffered_store buffer[BUFFER_DEPTH];
    struct watched_load watch[WATCH_LIMIT];
};

extern struct explore_cpu explore_cpus[EXPLORE_PROCESSORS];

/* The delay of a release at a moment, counted from the arrivals; also in nanoseconds. */
#define EXPLORE_MOMENT_TICKS 5000u

/* What the scheduler has done to the whole system. */
struct explore_world {
    uint64_t now_ticks;
    uint32_t faults_left;
    uint32_t last;       /* the processor that made the last step */
    uint32_t dropped_to; /* the send in progress skips this processor; sim_count for none */
    uint32_t lost_doorbells;
    uint32_t lost_wakes; /* not yet made good by an alarm */
    uint32_t leaps;
    uint32_t quiet_leaps; /* of these, the ones made because no processor could go on */
    bool stale;           /* the load in progress returns the value before the latest */
    bool stopped;         /* a legitimate bug check has ended the system */
};
extern struct explore_world explore_world;

static inline struct explore_cpu *explore_self(void)
{
    return &explore_cpus[sim_self->index];
}

/* On a fiber: stops before a step of this kind until the driver chooses it. */
void steps_stop(enum next_kind next);

/* Can this processor make a step by itself? */
bool steps_enabled(unsigned processor);

/* ---- memory.c ---- */

/* The value that `processor` sees: its own latest store, else the contents of memory. */
uint64_t memory_value(unsigned processor, const void *address, unsigned size);

/* Writes the oldest store of a processor's buffer to memory. */
void memory_drain_one(unsigned processor);
void memory_drain(unsigned processor);

/* Has a word that a wait loop, stopped in arch_relax(), has read changed? */
bool memory_watch_changed(unsigned processor);

/* Forgets what this processor's loop has read; `impure` if it did more than read. */
void memory_watch_clear(struct explore_cpu *cpu, bool impure);

/* ---- numbers.c: the words that are touched, numbered from 1 ---- */

#define NUMBERS_GRANULE 4u /* bytes of a plain cell */

/* The atomic words, and the plain cells, that this many processors may touch. */
#define NUMBERS_WORDS_OF(processors) (56u + 14u * (processors))
#define NUMBERS_CELLS_OF(processors) (256u + 128u * (processors))

void numbers_reset(void);
bool number_exists(const void *address);
unsigned number_word(const void *address);
unsigned number_cell(const void *address);
/* One more than the number of words numbered so far. */
unsigned numbers_of_words(void);
unsigned numbers_of_cells(void);

/* ---- race.c ---- */

struct race_clock {
    uint16_t at[EXPLORE_PROCESSORS];
};

void race_reset(void);
void race_register_state(void);
void race_plain(void *address, unsigned size, bool writes, const void *pc);
void race_fence(int order);
/* An atomic load of the latest value; one of the value before it, which is returned. */
void race_load(const void *address, int order);
uint64_t race_load_stale(const void *address, int order);
/* A store enters the buffer; it reaches memory; a store or update visible at once. */
void race_buffer(unsigned slot, int order);
void race_drain(unsigned processor, const void *address, uint64_t previous);
void race_store(const void *address, int order, uint64_t previous);
void race_update(const void *address, int order, uint64_t previous);

const struct race_clock *race_known(unsigned processor);
void race_join(struct race_clock *clock, const struct race_clock *other);

/* The hash of all clocks, and what weak.c adds to it. */
struct race_collection;
uint64_t race_hash(uint64_t hash);
void race_collect_clock(struct race_collection *all, const struct race_clock *clock);
/* Returns whether some processor does not know of the epoch yet. */
bool race_collect_epoch(struct race_collection *all, unsigned of, uint16_t epoch);
void race_collect_value(struct race_collection *all, uint64_t value);

/* ---- weak.c: loads of the value before the latest ---- */

/* Does the scenario include such loads? */
bool weak_is_explored(void);
void weak_reset(void);
void weak_register_state(void);
void weak_collect(struct race_collection *all);
void weak_written(unsigned word, unsigned writer, unsigned epoch, uint64_t previous,
                  const struct race_clock *previous_release);
void weak_seen(unsigned word);
/* May this processor's load of the word return the value before the latest? */
bool weak_possible(unsigned processor, const void *address);
uint64_t weak_value(unsigned word);
const struct race_clock *weak_release(unsigned word);
/* A sequentially consistent fence or access. */
void weak_synchronize(unsigned processor);
void weak_send(unsigned sender, unsigned target);
void weak_deliver(unsigned processor);

/* ---- checks.c: what the other parts need of it; the rest is in checks.h ---- */

/* The first clause that failed in this schedule, or NULL. */
extern const char *failed_clause;
extern char failure_text[256];

/* Records that a clause does not hold. May be called anywhere; the first failure counts. */
void check_fail(const char *clause, const char *format, ...) __attribute__((format(printf, 2, 3)));

void check_reset(void);
void check_register_state(void);
void check_update(unsigned processor, enum sim_operation operation);
/* A processor's own `reached` has become visible. */
void check_reached(unsigned processor);

/* The current processor is about to wait, or has executed a serialising instruction. */
void check_wait(void);
void check_serialized(void);

/* The current processor is about to take an interrupt. */
void check_interrupt(unsigned class);
void check_end(void);
/* Has every program ended? */
bool check_all_done(void);
void check_tlb_flushed(unsigned processor);
/* May this processor read the stack of `owner`, being in a worker of its call? (K5) */
bool check_stack_open(unsigned owner);

/* ---- scenarios.c ---- */

enum scenario_fault {
    FAULT_DROP = 1,     /* a doorbell is lost */
    FAULT_SPURIOUS = 2, /* a doorbell arrives that nobody rang, or arrives twice */
    FAULT_LEAP = 4,     /* everybody is paused for longer than a deadline */
    FAULT_SILENT = 8,   /* not a choice: in the program itself one processor stays silent */
    FAULT_STALE = 16,   /* a load returns the value before the latest (weak.c) */
    FAULT_WAKE = 32,    /* a wake doorbell is lost: the alarm helps, no deadline is missed */
    FAULT_ALARM = 64,   /* not a choice: the last processor's alarm never ends its halt */
};

/*
 * Scenarios in which time passes step by step, so that the kernel climbs its ladder on silence
 * (watchdog.c): here a patience is divided into quarters. Only a processor that is silent by
 * program (FAULT_SILENT) excuses a failure. In other scenarios one leap is a whole patience.
 */
struct ladder {
    unsigned pauses;      /* wait_pauses */
    uint64_t quiet_ticks; /* how far time leaps when no processor can go on */
    uint64_t fault_ticks; /* and how far at any step (FAULT_LEAP) */
    unsigned leaps;       /* how many leaps of the first kind may be needed, */
    unsigned loss_leaps;  /* and how many more for each lost doorbell */
    bool alarms;          /* alarms go off in routines */
    bool stops;           /* each schedule must end in a bug check */
    bool all_wait;        /* if a routine waits for a signal, it does so on all processors */
    unsigned routine;     /* QUARTER_TICKS that the last processor spends in its routine */
};

/* Exactly a quarter of the patience (setup.c): two of these show as one elapsed quarter. */
#define PATIENCE_MS   10u
#define QUARTER_TICKS (PATIENCE_MS * 1000000u / 4)

struct scenario {
    const char *name;
    unsigned processors; /* in the search; 0: random schedules only, with any number */
    unsigned callers;    /* how many processors call: the first ones */
    unsigned calls;      /* calls by each of them */
    void (*body)(unsigned processor);
    unsigned irql; /* of the callers, with interrupts disabled if `masked` */
    bool masked;
    bool halts;           /* WAIT_HALT */
    unsigned fault_kinds; /* enum scenario_fault */
    unsigned faults;      /* the most in one schedule */
    unsigned quick_bound; /* preemptions, for `make test` */
    unsigned full_bound;  /* and for `make explore` */
    const char *says;
    const struct script *script; /* of body_script (programs.h) */
    const struct ladder *ladder;
};

/* The scenario with this number, counted from 0; NULL after the last. */
const struct scenario *scenario_at(unsigned number);
const struct scenario *ladder_scenario_at(unsigned number);
extern const struct scenario *scenario; /* the current one */

/* Does each schedule end in a bug check? */
static inline bool scenario_stops(void)
{
    return scenario->ladder != NULL && scenario->ladder->stops;
}

/* Brings the system to the beginning of a scenario. */
void scenario_set_up(const struct scenario *chosen, unsigned processors);

/* All programs have ended: did they do what they should have done? */
void scenario_check_end(void);

/* ---- choices.c ---- */

enum choice_kind {
    CHOICE_RUN,
    CHOICE_RUN_DROPPING, /* the doorbell to `operand` is lost */
    CHOICE_RUN_STALE,    /* its load returns the value before the latest */
    CHOICE_DELIVER,      /* the interrupt of class `operand` is taken */
    CHOICE_DRAIN,        /* the `operand` oldest buffered stores reach memory */
    CHOICE_SPURIOUS,     /* a doorbell that nobody rang */
    CHOICE_LEAP,         /* time passes a deadline */
    CHOICE_ALARM,        /* time passes to the next alarm of a halted processor */
    CHOICE_TICK          /* time passes to the moment at which a release is due */
};

struct choice {
    uint8_t kind;
    uint8_t processor;
    uint8_t operand;
    uint8_t cost; /* preemptions */
};

#define CHOICE_LIMIT 128u

/* Lists what may happen now, the cheapest continuation first. 0 when nothing can happen. */
unsigned choices_list(struct choice *choices);
void choices_do(const struct choice *choice);

/* ---- state.c ---- */

struct state_copy {
    char *bytes;
    size_t size;
};
void state_add(void *base, size_t size, bool hashed);
void state_ranges_clear(void);
void state_save(struct state_copy *copy);
void state_restore(const struct state_copy *copy);
uint64_t state_hash(void);
/* One step of the hash. */
uint64_t state_mix(uint64_t hash, uint64_t first, uint64_t second);
void state_clear_dead_stack(unsigned processor);

/* ---- schedule.c: schedules as text ---- */

#define SCHEDULE_STEPS  20000u /* a longer schedule is a livelock */
#define DEPARTURE_LIMIT 512u

/* At the `node`th state with several choices, a choice other than the first was made. */
struct departure {
    uint32_t node;
    uint32_t choice;
};

struct schedule {
    unsigned departures;
    struct departure departure[DEPARTURE_LIMIT];
};

struct seed {
    const struct scenario *scenario;
    unsigned processors;
    bool random;
    uint64_t number; /* of a random schedule */
    struct schedule schedule;
};

/* The result of exploring a scenario. */
struct exploration {
    uint64_t schedules, states, pruned, steps;
    uint64_t ended;     /* schedules in which all programs ended */
    unsigned longest;   /* steps of the longest schedule */
    bool complete;      /* nothing is left to explore */
    const char *clause; /* the clause that failed, else NULL */
    unsigned failed_steps;
    char seed[4096];
};

void schedule_add(struct schedule *schedule, unsigned node, unsigned choice);
void schedule_print(const struct schedule *schedule, char *text, size_t size);
bool schedule_parse(const char *text, struct seed *seed);
/* Replays one schedule with a trace; false when the seed does not fit this program. */
bool schedule_replay(const struct seed *seed, struct exploration *result);
/* The scenario of that name, or NULL. */
const struct scenario *scenario_find(const char *name, size_t length);

/* ---- search.c, random.c ---- */

/* All schedules with at most `bound` preemptions, or up to this many known states. */
void search_explore(const struct scenario *chosen, unsigned bound, uint64_t state_limit,
                    struct exploration *result);

/* `count` random schedules; the first has this number. */
void random_explore(const struct scenario *chosen, unsigned width, uint64_t number, uint64_t count,
                    struct exploration *result);
/* One random schedule, from the system's present state; returns its steps. */
unsigned random_run(uint64_t number);

/* workers.c: shows progress, in states of a search or in random schedules. */
void progress_show(uint64_t done);

/* ---- trace.c: a schedule in words ---- */

extern bool trace_on;
void trace_begin(void);
void trace_end(void);
void trace_step(const struct choice *choice);
/* The place in the source, and the name of a word; valid until the next call. */
const char *trace_code(const void *pc);
const char *trace_word(const void *address);
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
