/*
 * test=torture: every processor makes random calls, and every property of each is checked.
 * torture.c tells how; this is what its parts share.
 */
#ifndef TESTS_KERNEL_TORTURE_H
#define TESTS_KERNEL_TORTURE_H

#include <wdm.h>

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/processor.h"

/* A processor's own work, and the interrupt handlers above it that may call, too. */
#define TORTURE_LANES 3

/* A deterministic stream of numbers (splitmix64). */
struct torture_stream {
    uint64_t state;
};
uint64_t torture_random(struct torture_stream *stream);
unsigned torture_below(struct torture_stream *stream, unsigned limit); /* 0..limit - 1 */
bool torture_one_in(struct torture_stream *stream, unsigned limit);

/* ---- counts, which become the metric lines (torture_metrics.c) ---- */

enum torture_count {
    COUNT_GENERIC, /* these four in the order of enum torture_kind */
    COUNT_TLB,
    COUNT_IRQL_PASSIVE,
    COUNT_IRQL_APC,
    COUNT_IRQL_DISPATCH,
    COUNT_IRQL_DEVICE,
    COUNT_IRQL_SYNCH,
    COUNT_IRQL_CLOCK,
    COUNT_MASKED,
    COUNT_LOCKED,
    COUNT_FROM_HANDLER,
    COUNT_WORKERS,
    COUNT_WORKERS_MASKED,
    COUNT_INTERRUPTS,
    COUNT_TIMERS,
    COUNT_KINDS
};

/* Durations, each counted in a bucket of 1/16 of its octave. */
#define TORTURE_BUCKETS (64 * 16)
struct torture_histogram {
    uint64_t largest;
    uint32_t buckets[TORTURE_BUCKETS];
};
void torture_measure(struct torture_histogram *histogram, uint64_t ticks);

/* ---- one call ---- */

enum torture_kind { TORTURE_GENERIC, TORTURE_TLB, TORTURE_KINDS };

/* All that chance decides about a call (torture_choose.c). */
struct torture_action {
    enum torture_kind kind;
    unsigned irql;
    bool masked; /* interrupts disabled */
    bool locked; /* a spin lock held */
};

#define TORTURE_PAYLOAD_WORDS 4

/* What one processor does in a call; on lines of its own. */
struct torture_part {
    alignas(CACHE_LINE) _Atomic uint32_t progress; /* two steps a phase: begun, finished */
    uint32_t watched; /* which processor's `stored` it looked at; its own: nobody's */
    uint64_t seen;    /* what it found there */
    uint64_t own;     /* its own `stored` at the same time */
    uint64_t reply;
};

/*
 * What is known of a call, by caller and workers. The plain fields are the caller's before and
 * after the call, and constant during it; a part belongs to its processor meanwhile. That these
 * accesses are ordered by the call is what is tested (K8).
 */
struct torture_record {
    struct torture_action action;
    unsigned caller;
    uint64_t id; /* no other call has it */
    uint64_t payload[TORTURE_PAYLOAD_WORDS];
    const uint64_t *alias; /* an address whose page changes, NULL: none */
    uint64_t alias_value;
    struct processor_set expected; /* who must run it unless its membership changes meanwhile */
    uint32_t *membership;          /* of each processor before the call */
    struct torture_part *parts;
};

/* The argument of every routine; on the caller's stack, and poisoned when the call is over (K5). */
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

/* Is it, and should it be, in its loop? (torture_membership.c) */
enum torture_stage { STAGE_RUNNING, STAGE_ASKED, STAGE_LEFT, STAGE_OFF };

/* Modulo 4, this is what a processor's `membership` says; each change makes another number. */
enum torture_membership { MEMBER_ONLINE, MEMBER_LEAVING, MEMBER_OFFLINE, MEMBER_ENTERING };

/*
 * Words that the processor alone changes are atomic since its own handlers and routines, or other
 * processors, look at them at any time; relaxed, since no other word hangs on them.
 */
struct torture_processor {
    alignas(CACHE_PAIR) _Atomic uint64_t stored; /* counts up while it is in no routine */
    _Atomic uint64_t lingered;                   /* counts up while a routine takes its time */
    _Atomic uint32_t stage;                      /* enum torture_stage */
    _Atomic uint32_t membership;
    _Atomic uint32_t depth; /* lanes in use */
    _Atomic bool masked;    /* has disabled interrupts */
    _Atomic bool in_worker;

    struct torture_stream worker_stream; /* of routines, which do not nest */
    uint64_t worker_counts[COUNT_KINDS];
    struct torture_lane lanes[TORTURE_LANES];

    /* An address of its own, and the two pages that are found there in turn. */
    uint64_t *alias;
    uint64_t *alias_pages[2];
    uint64_t alias_changes;

    struct torture_histogram round_trips; /* of the first lane's calls */
};

extern struct torture_processor *torture_processors;
struct torture_processor *torture_self(void);

/* Claims one of the calls that are left; false when there is none. */
bool torture_claim(void);

/* The time is up: there are no more calls to claim. */
bool torture_is_over(void);

/* Enters and leaves the lane of an interrupt handler; NULL when all are in use. */
struct torture_lane *torture_enter_lane(struct torture_processor *self);
void torture_leave_lane(struct torture_processor *self);

/* ---- the parts ---- */

/* What to do next, at `lowest` or a higher IRQL. */
void torture_choose(struct torture_lane *lane, unsigned lowest, struct torture_action *action);

/* Makes the call, and checks it. */
void torture_call(struct torture_processor *self, struct torture_lane *lane,
                  const struct torture_action *action);

/* The routine of a call. */
KIPI_BROADCAST_WORKER torture_work;

/* What a routine leaves in its part and returns. */
uint64_t torture_reply(const struct torture_record *record, unsigned processor);

/* Interrupts of devices, and time that passes. */
void torture_connect_load(void);
void torture_request_load(struct torture_stream *stream);

/* Sometimes, for a while. `counter` of this processor counts up meanwhile. */
void torture_linger(struct torture_stream *stream, _Atomic uint64_t *counter);

/* The metric lines; and one count, of all processors. */
void torture_print_metrics(uint64_t calls, uint64_t elapsed_ticks);
uint64_t torture_total(enum torture_count kind);

/* ---- checks ---- */

/* `record` may be NULL where it is not known. IRQL: any. */
void torture_fail(const struct torture_record *record, const char *file, int line,
                  const char *condition);

#define TORTURE_CHECK(record, condition)                            \
    do {                                                            \
        if (!(condition)) {                                         \
            torture_fail((record), __FILE__, __LINE__, #condition); \
        }                                                           \
    } while (0)

#endif
