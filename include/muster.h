/* SPDX-License-Identifier: MIT */
/*
 * What Muster has beyond Windows: a rendezvous of chosen processors, in phases, with a deadline,
 * with or without waiting; and processors that go and come.
 *
 * A driver includes this header after <wdm.h>; examples/rendezvous.c is one that does.
 * KeIpiGenericCall() is the same rendezvous of all processors, in one phase, where silence is a bug
 * check instead of a status.
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

#ifndef PROCESSOR_LIMIT       /* the cost model's machines are larger than any that exists */
#define PROCESSOR_LIMIT 1024u /* processors one kernel can hold */
#endif
#define PROCESSOR_SET_WORDS (PROCESSOR_LIMIT / 64)

/* Plain words, no locking. An empty one: `struct processor_set set = { 0 };` */
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

/* An argument, and what a routine returns: 64 bits, by the name that the includer has for them. */
#ifdef MUSTER_NTDEF_H
typedef ULONG_PTR rendezvous_value;
#else
typedef uintptr_t rendezvous_value;
#endif

/* A routine of a call; a KIPI_BROADCAST_WORKER is one. It obeys the same restrictions. */
typedef rendezvous_value MUSTER_API rendezvous_routine(rendezvous_value argument);

enum rendezvous_phase {
    RENDEZVOUS_SETUP,
    RENDEZVOUS_ACTION,
    RENDEZVOUS_TEARDOWN,
    RENDEZVOUS_PHASES
};

/* What came of a call. Only after OK and STUCK has any routine run, anywhere. */
enum rendezvous_status {
    RENDEZVOUS_OK,      /* every target has run every phase and let go of the request */
    RENDEZVOUS_PENDING, /* begun without waiting, not over yet */
    RENDEZVOUS_INVALID, /* no routine, one where none can be, a bad time, or bad reports */
    RENDEZVOUS_OFFLINE, /* a target is not online */
    RENDEZVOUS_BUSY,    /* it was not its turn, after other calls, before the deadline */
    RENDEZVOUS_ABSENT,  /* a target did not arrive before the deadline */
    RENDEZVOUS_STUCK,   /* a routine did not return; no further phase was begun */
    RENDEZVOUS_SKEWED,  /* for a release at a moment: a clock is not known to agree */
};

/* How far a processor came. */
enum rendezvous_part {
    RENDEZVOUS_NOT_ASKED,    /* not a target, or the call did not come to asking */
    RENDEZVOUS_NOT_ONLINE,   /* a target, but offline */
    RENDEZVOUS_OTHER_CLOCK,  /* its clock is not known to agree: a target, or the caller (SKEWED) */
    RENDEZVOUS_DID_NOT_COME, /* did not arrive in time; should it come later, it runs nothing */
    RENDEZVOUS_ARRIVED,      /* was there, but others were not: ran nothing */
    RENDEZVOUS_UNFINISHED,   /* had not finished a phase, or let go, when it was given up on */
    RENDEZVOUS_CUT_SHORT,    /* finished a phase; the next was not begun */
    RENDEZVOUS_FINISHED,     /* ran every phase */
};

/*
 * One processor's part. The times are in nanoseconds after the call was sent; they may be negative,
 * and those of two processors differ by what their clocks do.
 */
struct rendezvous_report {
    enum rendezvous_part part;

    /* FINISHED only: what the action returned, or the last phase where there was no action. */
    rendezvous_value returned;

    int64_t arrived_ns;  /* at the barrier; from ARRIVED on */
    int64_t released_ns; /* saw that all are there; CUT_SHORT and FINISHED, as those below */
    int64_t due_ns;      /* the moment of a release at one, the same for all; else 0 */
    int64_t started_ns;  /* the first routine began */
    int64_t finished_ns; /* the last routine returned */
};

#define RENDEZVOUS_RELEASE_LIMIT_NS 10000000u

struct rendezvous_request {
    /* Who runs it; NULL: all online processors. The caller need not be one of them, then it waits
     * for them at IPI_LEVEL. An empty set is legal: OK, in its turn. Not read after the return. */
    const struct processor_set *targets;

    /* By enum rendezvous_phase; NULL: the phase is left out, at least one is there. Nobody begins a
     * phase before every target has finished the one before. */
    rendezvous_routine *routines[RENDEZVOUS_PHASES];
    rendezvous_value argument; /* of all of them */

    /* Who waits longer than so many milliseconds from the call, for its turn or for a target, gives
     * up, and no routine begins anywhere. (A call of which all have arrived begins.) 1..600000, but
     * never longer than eight times the kernel's own deadline (`timeout_ms=`, twice that under a
     * hypervisor); 0: that one, which counts from the last progress. */
    uint32_t timeout_ms;

    /* Release at a moment: the first phase begins on all targets when their clocks show one value,
     * so many nanoseconds after the last of them has arrived. 0: as soon as each has been told;
     * else up to RENDEZVOUS_RELEASE_LIMIT_NS. Nobody begins before that value is on its own clock;
     * how long after depends on the machine. Time to tell everybody must be in it, or the late ones
     * begin when they are told: `released_ns` shows it. And whatever holds a processor up (SMM, a
     * hypervisor with more processors than cores) makes it late, never early. The targets wait at
     * IPI_LEVEL. Two of them begin apart by what their clocks may be apart (the console's `clocks`
     * line) and by what each is late. SKEWED where the clocks are not known to agree; that of a
     * processor which comes online is measured before processor_online() returns. A clock that has
     * leapt since spoils one call (`started_ns` and `due_ns` show it); the next are SKEWED. */
    uint32_t release_after_ns;

    /* Filled in by processor index, before the call returns or its completion is set. Processors
     * from `report_count` on are not reported; 0..PROCESSOR_LIMIT. NULL and 0: none. */
    struct rendezvous_report *reports;
    unsigned report_count;
};

/* How long something is waited for; the kernel's own. */
struct patience {
    uint64_t began_ticks;   /* the present quarter; 0: at the next look */
    uint64_t quarter_ticks; /* how long one is */
    unsigned quarters;      /* that have passed without progress */
    unsigned restarts;      /* by progress after a quarter of silence */
};

/* A call that is not waited for. Its owner keeps it until the call is over. */
struct rendezvous_completion {
    _Atomic uint32_t status; /* enum rendezvous_status; not PENDING (acquire): all is visible */
    uint64_t generation;     /* the rest is the kernel's */
    struct patience patience;
};

/*
 * Runs the phases of `request` on its targets: each at once on all of them, at IPI_LEVEL, above
 * every device interrupt. When it returns, no target touches the request or the argument again,
 * but after STUCK, where those that are UNFINISHED may.
 *
 * IRQL: < IPI_LEVEL and not from inside a routine, else bug check 0x0A, as KeIpiGenericCall().
 * Returns: enum rendezvous_status, but PENDING.
 * Source: ours; contract.md, clause X.
 */
MUSTER_API enum rendezvous_status rendezvous_call(const struct rendezvous_request *request);

/*
 * The same without waiting for the targets: waits for the end of earlier calls only. `request`
 * itself may die at the return; its argument and its reports live until `completion` says so. The
 * first target to arrive does what the caller would have to. A caller that is a target takes part
 * as soon as its IRQL and its interrupt flag let it, which may be before the return.
 *
 * Calls are made one after the other, this one among them: until it is over all others wait, and a
 * second one of the same caller does. So its owner asks rendezvous_test() soon and again; if nobody
 * arrives and nobody asks, the others stop the system in the end (bug check 0x101). That a later
 * one was begun does not mean that rendezvous_test() knows of the end of the earlier.
 *
 * IRQL: as rendezvous_call().
 * Returns: PENDING, also when it is over already; OK for an empty set; or why it was not begun.
 */
MUSTER_API enum rendezvous_status rendezvous_begin(const struct rendezvous_request *request,
                                                   struct rendezvous_completion *completion);

/*
 * Is it over? Whoever asks sees to the deadline: a call at which nobody has arrived by then is
 * withdrawn (ABSENT). The kernel's own deadline, where the request gave none, passes in four parts,
 * each by a look after its end: that the machine did not run for long is one of them. STUCK is
 * told as well when a call is long overdue since its first arrival stays in a routine; completion
 * and argument are then still in use, and it may yet become OK.
 *
 * IRQL: < IPI_LEVEL. Any processor, but one at a time for one completion.
 * Returns: enum rendezvous_status; PENDING: not yet.
 */
MUSTER_API enum rendezvous_status rendezvous_test(struct rendezvous_completion *completion);

/* ---- processors that go and come ---- */

/* What came of a change. */
enum processor_change {
    PROCESSOR_CHANGED,        /* it is now as asked */
    PROCESSOR_UNCHANGED,      /* it was so already */
    PROCESSOR_INVALID,        /* there is no processor of that index */
    PROCESSOR_REFUSED,        /* the boot processor, or the one that asks */
    PROCESSOR_CHANGE_PENDING, /* another change is under way; ask again later */
    PROCESSOR_OCCUPIED,       /* did not end its work before the deadline; stays online */
    PROCESSOR_SILENT,         /* did not answer the start before the deadline; stays offline */
};

/*
 * Takes processor `index` out of all calls and stops it. It ends its present work before, and takes
 * part in calls up to then. Interrupts that wait at it are lost. It stays away until it is asked
 * back, also when the driver that took it away has ended. A call that never ends never lets it go:
 * bug check 0x101 names the processor that is stuck.
 *
 * There is one change at a time in the system. A second one is not queued: whoever waits
 * in a queue may be the very processor that the first one waits for.
 *
 * IRQL: PASSIVE_LEVEL and not from inside a routine, else bug check 0x0A: P1 this routine, P2 IRQL,
 * P3 0, P4 the caller's address.
 * Returns: enum processor_change, but SILENT.
 * Source: ours; contract.md, clause C4.
 */
MUSTER_API enum processor_change processor_offline(unsigned index);

/*
 * Starts processor `index` again and lets it into all calls that begin from now on.
 *
 * IRQL: as processor_offline().
 * Returns: enum processor_change, but REFUSED and OCCUPIED. After SILENT it may be asked again.
 * Source: ours; contract.md, clauses C4, B8.
 */
MUSTER_API enum processor_change processor_online(unsigned index);

/* ---- the flight recorder ---- */

/*
 * Prints what the processors did in the last `calls` calls (1 or more, as far as the recorder goes
 * back: some ten calls), as `trace` lines of the console, of which `make trace` makes a picture.
 * The others may go on meanwhile; what is overwritten while it is printed is left out.
 *
 * IRQL: <= DISPATCH_LEVEL (above, lines that find no room are lost).
 * Source: ours.
 */
MUSTER_API void trace_print(unsigned calls);

#endif
