/* SPDX-License-Identifier: MIT */
/*
 * test=torture: every processor makes random calls, and every property of each call is checked.
 * torture.c explains how; this header is shared by its parts.
 */
#ifndef TESTS_KERNEL_TORTURE_H
#define TESTS_KERNEL_TORTURE_H

#include <wdm.h>

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "include/muster.h"
#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"

/* A processor's own work, and the interrupt handlers above it, which may also call. */
#define TORTURE_LANES 3

/* A deterministic stream of numbers (splitmix64). */
struct torture_stream {
    uint64_t state;
};
uint64_t torture_random(struct torture_stream *stream);
unsigned torture_below(struct torture_stream *stream, unsigned limit); /* 0..limit - 1 */
bool torture_one_in(struct torture_stream *stream, unsigned limit);

/* ---- counts, printed as the metric lines (torture_metrics.c) ---- */

enum torture_count {
    COUNT_GENERIC, /* these four in the order of enum torture_kind */
    COUNT_TLB,
    COUNT_PHASED,
    COUNT_POSTED,
    COUNT_IRQL_PASSIVE,
    COUNT_IRQL_APC,
    COUNT_IRQL_DISPATCH,
    COUNT_IRQL_DEVICE,
    COUNT_IRQL_SYNCH,
    COUNT_IRQL_CLOCK,
    COUNT_MASKED,
    COUNT_LOCKED,
    COUNT_FROM_HANDLER,
    COUNT_SUBSET,
    COUNT_TARGET_OFFLINE, /* these three in the order of enum rendezvous_status */
    COUNT_BUSY,
    COUNT_ABSENT,
    COUNT_BESIDE_CHANGE,
    COUNT_ROUTINES,
    COUNT_ROUTINES_MASKED,
    COUNT_ROUTINES_VERIFIED,
    COUNT_INTERRUPTS,
    COUNT_TIMERS,
    COUNT_DEAF,
    COUNT_WENT,
    COUNT_CAME,
    COUNT_CHANGE_PENDING,
    COUNT_CHANGE_OCCUPIED,
    COUNT_KINDS
};

/* Durations in ns; each is counted in a bucket of 1/16 of its octave. */
#define TORTURE_BUCKETS (64 * 16)
struct torture_histogram {
    uint64_t largest;
    uint32_t buckets[TORTURE_BUCKETS];
};
void torture_measure(struct torture_histogram *histogram, uint64_t ns);

/* ---- one call ---- */

enum torture_kind {
    TORTURE_GENERIC, /* KeIpiGenericCall */
    TORTURE_TLB,     /* tlb_flush */
    TORTURE_PHASED,  /* rendezvous_call */
    TORTURE_POSTED,  /* rendezvous_begin, and rendezvous_test until it is complete */
    TORTURE_KINDS
};

/* Everything about a call that is chosen at random (torture_random.c). */
struct torture_action {
    enum torture_kind kind;
    unsigned irql;
    bool masked;     /* interrupts disabled */
    bool locked;     /* a spin lock held */
    bool everybody;  /* all online processors; else `targets` */
    bool reported;   /* asks for reports */
    unsigned phases; /* bits by enum rendezvous_phase */
    uint32_t timeout_ms;
    struct processor_set targets;
};

/* The number of phases in bits by enum rendezvous_phase. */
static inline unsigned torture_count_phases(unsigned phases)
{
    return (phases & 1) + (phases >> 1 & 1) + (phases >> 2 & 1);
}

#define TORTURE_PAYLOAD_WORDS 4

/* What one processor does in a call; on cache lines of its own. */
struct torture_part {
    alignas(CACHE_LINE) _Atomic uint32_t progress; /* two steps per phase: begun, finished */
    uint32_t watched; /* the processor whose `stored` it read; itself if none */
    uint64_t seen;    /* the value that it read */
    uint64_t own;     /* its own `stored` at the same time */
    uint64_t replies[RENDEZVOUS_PHASES];
};

/*
 * The record of a call, used by the caller and the workers. The plain fields belong to the caller
 * before and after the call, and are constant during it. During the call each part belongs to its
 * processor. The test checks that the call orders these accesses (K8).
 */
struct torture_record {
    struct torture_action action;
    unsigned caller;
    uint64_t id; /* no other call has it */
    uint64_t payload[TORTURE_PAYLOAD_WORDS];
    const uint64_t *alias; /* an address whose page changes; NULL: none */
    uint64_t alias_value;
    struct processor_set expected; /* must run it, unless their membership changes meanwhile */
    uint32_t *membership;          /* of each processor before the call */
    struct torture_part *parts;
    struct rendezvous_report *reports;
    enum rendezvous_status status;
};

/*
 * The argument of every routine; poisoned when the call is complete (K5). It is on the caller's
 * stack, except for a posted call, which outlives its caller's frame.
 */
#define TORTURE_MAGIC 0x746f727475726521
struct torture_argument {
    uint64_t magic;
    const struct torture_argument *self;
    struct torture_record *record;
    uint64_t id;
};

/* ---- a processor ---- */

struct torture_lane {
    unsigned depth; /* 0: the processor's own work */
    uint64_t sequence;
    struct torture_stream stream;
    struct torture_record record;
    uint64_t counts[COUNT_KINDS];
};

/* A posted call: it continues while its caller makes others. */
struct torture_post {
    struct torture_record record;
    struct torture_argument argument;
    struct rendezvous_completion completion;
    bool begun; /* and not yet known to be complete */
};

/* The interrupt flag of a processor in its loop, as that processor set it. */
enum torture_flag { FLAG_UNKNOWN, FLAG_SET, FLAG_CLEAR };

/* Is a processor in its loop, and should it be? (torture_membership.c) */
enum torture_stage { STAGE_RUNNING, STAGE_ASKED, STAGE_LEFT, STAGE_OFF, STAGE_STARTING };

/* A processor's `membership` modulo 4; each change increments the number. */
enum torture_membership { MEMBER_ONLINE, MEMBER_LEAVING, MEMBER_OFFLINE, MEMBER_ENTERING };

/*
 * Words that only the processor itself changes are atomic, since its own handlers and routines, or
 * other processors, may read them at any time. They are relaxed, since they publish no other data.
 */
struct torture_processor {
    alignas(CACHE_PAIR) _Atomic uint64_t stored; /* counts up while it is in no routine */
    _Atomic uint64_t lingered;                   /* counts up while a routine lingers */
    _Atomic uint32_t stage;                      /* enum torture_stage */
    _Atomic uint32_t membership;
    _Atomic uint32_t depth; /* lanes in use */
    _Atomic uint32_t flag;  /* enum torture_flag */
    _Atomic bool in_worker;
    _Atomic uint32_t requested; /* levels of interrupts that have been requested */

    struct torture_stream worker_stream; /* of routines, which do not nest */
    uint64_t worker_counts[COUNT_KINDS];
    struct torture_lane lanes[TORTURE_LANES];
    struct torture_post post; /* of the first lane */

    /* An address of its own, which maps one of two pages in turn. */
    uint64_t *alias;
    uint64_t *alias_pages[2];
    uint64_t alias_changes;

    /* Of the first lane's calls. */
    struct torture_histogram round_trips;
    struct torture_histogram skews; /* between the first and the last start, where reported */
};

extern struct torture_processor *torture_processors;
struct torture_processor *torture_self(void);

/* Claims one of the remaining calls; false if there is none. */
bool torture_claim(void);

/* Enters and leaves the lane of an interrupt handler; NULL if all are in use. */
struct torture_lane *torture_enter_lane(struct torture_processor *self);
void torture_leave_lane(struct torture_processor *self);

/* ---- the parts ---- */

/* Chooses the next action, at `lowest` or a higher IRQL. */
void torture_choose(struct torture_lane *lane, unsigned lowest, struct torture_action *action);

/* Makes the call and checks it; posted calls are checked when they are complete. */
void torture_call(struct torture_processor *self, struct torture_lane *lane,
                  const struct torture_action *action);

/* True if there is no incomplete posted call; a complete one has been checked. */
bool torture_test_post(struct torture_processor *self);

/* Waits until that is true. */
void torture_finish_post(struct torture_processor *self);

/* Checks which processors ran the call, and its results; `self` is the caller. */
void torture_verify(struct torture_processor *self, struct torture_lane *lane,
                    const struct torture_record *record);

/* The routines of a call, by enum rendezvous_phase. */
extern rendezvous_routine *const torture_routines[RENDEZVOUS_PHASES];

/* The value that a routine stores in its part and returns. */
uint64_t torture_reply(const struct torture_record *record, unsigned processor,
                       enum rendezvous_phase phase);

/* Is the membership of `processor` the same as before the call? */
bool torture_is_unchanged(const struct torture_record *record, unsigned processor);

/* Was this processor asked to leave its loop? If so, it must. */
bool torture_must_leave(struct torture_processor *self);

/* Sometimes takes a processor offline, or brings one back. IRQL: PASSIVE. */
void torture_change(struct torture_lane *lane);

/* Brings all back online. Called by the boot processor when all loops have ended. */
void torture_bring_back(struct torture_lane *lane);

/* Starts a processor's loop, and counts it. */
void torture_start_loop(unsigned processor);

/* Device interrupts, and delays. */
void torture_connect_load(void);
void torture_request_load(struct torture_processor *self, struct torture_stream *stream);

/* Waits for every interrupt that this processor has sent itself. IRQL: PASSIVE. */
void torture_await_interrupts(struct torture_processor *self);

/* Disables interrupts, and enables them. */
void torture_mask(struct torture_processor *self);
void torture_unmask(struct torture_processor *self);

/* Sometimes disables interrupts for a while, like a driver's own loop. */
void torture_be_deaf(struct torture_processor *self, struct torture_lane *lane);

/* Sometimes delays for a while. `counter` of this processor counts up meanwhile. */
void torture_linger(struct torture_stream *stream, _Atomic uint64_t *counter);

/* Prints the metric lines; returns one count, over all processors. */
void torture_print_metrics(uint64_t calls, uint64_t elapsed_ticks);
uint64_t torture_total(enum torture_count kind);

/* ---- checks ---- */

/* The place of a check in the sources. */
struct torture_place {
    const char *file;
    int line;
    const char *clause; /* of the contract */
    const char *condition;
    _Atomic uint32_t failures;
};

/* `record` may be NULL if it is not known. IRQL: any. */
void torture_fail(const struct torture_record *record, struct torture_place *place);

#define TORTURE_FAIL(record, violated, text)                                              \
    do {                                                                                  \
        static struct torture_place place = {                                             \
            .file = __FILE__, .line = __LINE__, .clause = (violated), .condition = (text) \
        };                                                                                \
        torture_fail((record), &place);                                                   \
    } while (0)

#define TORTURE_CHECK(record, violated, condition)        \
    do {                                                  \
        if (!(condition)) {                               \
            TORTURE_FAIL((record), violated, #condition); \
        }                                                 \
    } while (0)

#endif
