/* SPDX-License-Identifier: MIT */
/*
 * Muster's extensions to the Windows interface: a rendezvous of chosen processors, in phases, with
 * a deadline, with or without waiting; and processors that go offline and come back.
 *
 * A driver includes this header after <wdm.h>, as examples/rendezvous.c does. KeIpiGenericCall() is
 * the same rendezvous, of all processors and in one phase; there, a processor that stays silent is
 * a bug check instead of a status. docs/contract.md lists every promise; the comments below cite
 * its clauses.
 */
#ifndef MUSTER_H
#define MUSTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The version of this interface, and of the core under it (docs/porting.md says what is stable). */
#define MUSTER_VERSION_MAJOR 0
#define MUSTER_VERSION_MINOR 1
#define MUSTER_VERSION_PATCH 0

/*
 * Every routine has the Windows calling convention, on both sides, as in <wdm.h>. Only x86-64 has
 * one of its own. A kernel whose callers use another one compiles with -DMUSTER_API=.
 */
#ifndef MUSTER_API
#ifdef __x86_64__
#define MUSTER_API __attribute__((ms_abi))
#else
#define MUSTER_API
#endif
#endif

/* ---- sets of processors, by system-wide index ---- */

#ifndef PROCESSOR_LIMIT       /* the cost model sets it: it has larger machines */
#define PROCESSOR_LIMIT 1024u /* the most processors that one kernel can hold */
#endif
#define PROCESSOR_SET_WORDS (PROCESSOR_LIMIT / 64)

/* Plain words without locking. `struct processor_set set = { 0 };` is an empty set. */
struct processor_set {
    uint64_t words[PROCESSOR_SET_WORDS];
};

/* `processor`: 0..PROCESSOR_LIMIT - 1. */
static inline void processor_set_add(struct processor_set *set, unsigned processor)
{
    set->words[processor / 64] |= 1ull << (processor % 64);
}

static inline void processor_set_remove(struct processor_set *set, unsigned processor)
{
    set->words[processor / 64] &= ~(1ull << (processor % 64));
}

static inline bool processor_set_contains(const struct processor_set *set, unsigned processor)
{
    return (set->words[processor / 64] >> (processor % 64) & 1) != 0;
}

/* ---- the rendezvous ---- */

/* An argument or a return value of a routine: 64 bits, under the includer's name for that type. */
#ifdef MUSTER_NTDEF_H
typedef ULONG_PTR rendezvous_value;
#else
typedef uintptr_t rendezvous_value;
#endif

/* A routine of a call. A KIPI_BROADCAST_WORKER is one, and the same restrictions apply. */
typedef rendezvous_value MUSTER_API rendezvous_routine(rendezvous_value argument);

enum rendezvous_phase {
    RENDEZVOUS_SETUP,
    RENDEZVOUS_ACTION,
    RENDEZVOUS_TEARDOWN,
    RENDEZVOUS_PHASES
};

/* The outcome of a call. Routines have run, on any processor, only if it is OK or STUCK. */
enum rendezvous_status {
    RENDEZVOUS_OK,      /* every target has run every phase and no longer uses the request */
    RENDEZVOUS_PENDING, /* begun without waiting, and not over yet */
    RENDEZVOUS_INVALID, /* no routine, an impossible address, a bad time, or bad reports */
    RENDEZVOUS_OFFLINE, /* a target is not online */
    RENDEZVOUS_BUSY,    /* earlier calls were not over before the deadline */
    RENDEZVOUS_ABSENT,  /* a target did not arrive before the deadline */
    RENDEZVOUS_STUCK,   /* a routine did not return; no further phase was begun */
    RENDEZVOUS_SKEWED,  /* release at a moment: some clock is not known to agree */
};

/* How far a processor got */
enum rendezvous_part {
    RENDEZVOUS_NOT_ASKED,    /* not a target, or the call ended before it asked any */
    RENDEZVOUS_NOT_ONLINE,   /* a target, but offline */
    RENDEZVOUS_OTHER_CLOCK,  /* target or caller whose clock is not known to agree (SKEWED) */
    RENDEZVOUS_DID_NOT_COME, /* did not arrive in time; if it comes later, it runs nothing */
    RENDEZVOUS_ARRIVED,      /* arrived, but others did not: ran nothing */
    RENDEZVOUS_UNFINISHED,   /* was still in a phase, or using the request, at the deadline */
    RENDEZVOUS_CUT_SHORT,    /* finished a phase; the next was not begun */
    RENDEZVOUS_FINISHED,     /* ran every phase */
};

/*
 * One processor's part in a call. Times are in nanoseconds after the call was sent, by that
 * processor's clock: they may be negative, and times of two processors are off by the difference
 * between their clocks.
 */
struct rendezvous_report {
    enum rendezvous_part part;

    /* FINISHED only: what the action returned, or the last phase if there was no action */
    rendezvous_value returned;

    int64_t arrived_ns;  /* at the barrier; valid from ARRIVED on */
    int64_t released_ns; /* saw that all had arrived; this and the rest: CUT_SHORT, FINISHED */
    int64_t due_ns;      /* release at a moment: that moment, the same for all; else 0 */
    int64_t started_ns;  /* the first routine began */
    int64_t finished_ns; /* the last routine returned */
};

#define RENDEZVOUS_RELEASE_LIMIT_NS 10000000u

struct rendezvous_request {
    /* The processors that run it; NULL: all online ones. A caller that is not among them waits
     * for them at IPI_LEVEL. An empty set is legal: its call is OK, after the earlier calls. Not
     * read after the return. */
    const struct processor_set *targets;

    /* One for each enum rendezvous_phase, at least one; NULL leaves the phase out. No target begins
     * a phase before every target has finished the previous one. */
    rendezvous_routine *routines[RENDEZVOUS_PHASES];
    rendezvous_value argument; /* passed to every routine */

    /* The deadline, in milliseconds after the call, for its turn and for every arrival. When it has
     * passed, the caller gives up and no routine begins on any processor; but a call at which all
     * have arrived does begin. 1..600000, but at most eight times the kernel's own deadline
     * (`timeout_ms=`, twice that under a hypervisor). 0: the kernel's own, which restarts at each
     * progress. */
    uint32_t timeout_ms;

    /* Release at a moment: all targets begin the first phase when their clocks show the same value,
     * that many nanoseconds after the last arrival, 1..RENDEZVOUS_RELEASE_LIMIT_NS. 0: each begins
     * as soon as it sees that all have arrived. The targets wait at IPI_LEVEL.
     *
     * No target begins before its own clock shows the value; how much later depends on the machine.
     * The time must suffice to inform every target, or the late ones begin when they learn of it:
     * `released_ns` shows that. Whatever holds a processor up (SMM, a hypervisor with more virtual
     * processors than cores) makes it late, never early. Two targets begin apart by the difference
     * between their clocks (the console's `clocks` line) and by how late each is.
     *
     * SKEWED if the clocks are not known to agree. The clock of a processor that comes online is
     * measured before processor_online() returns. A clock that has jumped since then spoils one
     * call, which `started_ns` and `due_ns` show; later calls are SKEWED. */
    uint32_t release_after_ns;

    /* Filled in, by processor index, before the call returns or its completion is set. A processor
     * whose index is `report_count` or more has no report. 0..PROCESSOR_LIMIT; NULL and 0: none. */
    struct rendezvous_report *reports;
    unsigned report_count;
};

/* A deadline in four quarters. Private to the kernel. */
struct patience {
    uint64_t began_ticks;   /* start of the current quarter; 0: the next look starts it */
    uint64_t quarter_ticks; /* length of a quarter */
    unsigned quarters;      /* that have passed without progress */
    unsigned restarts;      /* by progress after a quarter of silence */
};

/* A call that its caller does not wait for. It must stay in place until the call is over. */
struct rendezvous_completion {
    _Atomic uint32_t status; /* enum rendezvous_status; not PENDING (acquire): all is visible */
    uint64_t generation;     /* this and the rest: private to the kernel */
    struct patience patience;
};

/*
 * Runs the phases of `request`: each on all targets at the same time, at IPI_LEVEL, above every
 * device interrupt. After the return no target touches the request or the argument again, except
 * after STUCK: targets that are UNFINISHED then may.
 *
 * IRQL: < IPI_LEVEL and not inside a routine of a call; else bug check 0x0A, as KeIpiGenericCall().
 * Returns: enum rendezvous_status, except PENDING.
 * Source: Muster; docs/contract.md, clause X.
 */
MUSTER_API enum rendezvous_status rendezvous_call(const struct rendezvous_request *request);

/*
 * The same, without waiting for the targets: it only waits until earlier calls are over. `request`
 * may cease to exist at the return; its argument and its reports must live until `completion` is no
 * longer PENDING. The first target to arrive does the work that rendezvous_call() leaves to the
 * caller. A caller that is a target takes part as soon as its IRQL and its interrupt flag allow,
 * possibly before the return.
 *
 * Calls run one after another, and this one is no exception: until it is over, every other call
 * waits, including the next one of the same caller. So poll rendezvous_test() soon and often. If no
 * target arrives and nobody polls, the waiting callers stop the system in the end (bug check
 * 0x101). A later call that has begun does not imply that rendezvous_test() has already reported
 * the end of an earlier one.
 *
 * IRQL: as rendezvous_call().
 * Returns: PENDING, even if it is over already; OK for an empty set; or why it was not begun.
 * Source: Muster; docs/contract.md, clause X.
 */
MUSTER_API enum rendezvous_status rendezvous_begin(const struct rendezvous_request *request,
                                                   struct rendezvous_completion *completion);

/*
 * Reports whether a begun call is over, and enforces its deadline: a call at which no target
 * has arrived by then is withdrawn (ABSENT). A deadline of the request counts from the call. The
 * kernel's own deadline, used if the request has none, passes in four quarters, each noticed by a
 * poll after its end: so a machine that stood still for a while uses up one quarter only. STUCK is
 * also reported when a target has stayed in a routine long past the deadline, counted from the
 * first arrival; completion and argument are then still in use, and a later poll may report OK.
 *
 * IRQL: < IPI_LEVEL. On any processor, but one at a time for each completion.
 * Returns: enum rendezvous_status; PENDING: not over yet.
 * Source: Muster; docs/contract.md, clause X.
 */
MUSTER_API enum rendezvous_status rendezvous_test(struct rendezvous_completion *completion);

/* ---- processors that go offline and come back ---- */

/* The outcome of a change */
enum processor_change {
    PROCESSOR_CHANGED,        /* the processor is now in the requested state */
    PROCESSOR_UNCHANGED,      /* it was in that state already */
    PROCESSOR_INVALID,        /* no processor has that index */
    PROCESSOR_REFUSED,        /* it is the boot processor, or the caller's */
    PROCESSOR_CHANGE_PENDING, /* another change is in progress; try again later */
    PROCESSOR_OCCUPIED,       /* did not end its work before the deadline; stays online */
    PROCESSOR_SILENT,         /* did not answer the start before the deadline; stays offline */
};

/*
 * Takes processor `index` out of all calls and stops it. The processor ends its current work first,
 * and takes part in calls until then. Interrupts pending at it are lost. It stays offline until
 * processor_online(), even if the driver that took it offline has ended. It cannot leave during
 * a call that never ends; bug check 0x101 then names the processor that is stuck.
 *
 * The system makes one change at a time, and does not queue a second: the processor that waited in
 * the queue could be the one that the first change waits for.
 *
 * IRQL: PASSIVE_LEVEL and not inside a routine of a call; else bug check 0x0A: P1 this routine, P2
 * IRQL, P3 0, P4 the caller's address.
 * Returns: enum processor_change, except SILENT.
 * Source: Muster; docs/contract.md, clause C4.
 */
MUSTER_API enum processor_change processor_offline(unsigned index);

/*
 * Starts processor `index` again. It takes part in every call that begins from now on.
 *
 * IRQL: as processor_offline().
 * Returns: enum processor_change, except REFUSED and OCCUPIED. After SILENT, try again.
 * Source: Muster; docs/contract.md, clauses C4, B8.
 */
MUSTER_API enum processor_change processor_online(unsigned index);

/* ---- the flight recorder ---- */

/*
 * Prints what each processor did in the last `calls` calls (1 or more; the recorder holds about
 * ten) as `trace` lines of the console, from which `make trace` draws a picture. Other processors
 * may go on meanwhile; an entry that is overwritten during the printing is left out.
 *
 * IRQL: <= DISPATCH_LEVEL (above, lines for which there is no room are lost).
 * Source: Muster.
 */
MUSTER_API void trace_print(unsigned calls);

#endif
