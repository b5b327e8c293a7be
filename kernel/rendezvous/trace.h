/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder: for each processor, the last things that happened to it in calls, with their
 * times. It is always on. trace.c records and reads, silence/trace_dump.c prints.
 */
#ifndef KERNEL_RENDEZVOUS_TRACE_H
#define KERNEL_RENDEZVOUS_TRACE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct processor;

#define TRACE_ENTRIES     64 /* some ten calls; a power of two */
#define TRACE_NMI_ENTRIES 8  /* a power of two */

/* What happened; what the value of the event means. */
enum trace_event {
    TRACE_NONE,
    TRACE_SENT,      /* the request is about to be published; generation */
    TRACE_INTERRUPT, /* the doorbell was taken; the IRQL before it */
    TRACE_ARRIVED,   /* at the barrier; generation */
    TRACE_RELEASED,  /* the barrier opened; generation */
    TRACE_STARTED,   /* a routine; its address */
    TRACE_FINISHED,  /* the routine; generation */
    TRACE_DONE,      /* let go of the call; the leader: saw all let go; generation */
    TRACE_RESENT,    /* the doorbell was rung again; for which processor */
    TRACE_ASKED,     /* an unmaskable interrupt was sent, to ask; which processor */
    TRACE_NMI,       /* one was taken; the address that it interrupted */
    TRACE_WITHDRAWN, /* the call was given up; generation */
    TRACE_PAUSED,    /* time passed without this processor; how many ms */
    TRACE_EVENTS     /* how many there are */
};

/*
 * One event. Both words are atomic: a reader may meet a half-written entry, and notices (trace.c).
 */
struct trace_entry {
    _Atomic uint64_t ticks;
    _Atomic uint64_t value_and_event; /* the event in the low 8 bits */
};

/* The ring of one processor, which alone writes it. All zero at first. */
struct trace_ring {
    _Atomic uint64_t next;     /* events ever recorded */
    _Atomic uint64_t nmi_next; /* events ever recorded in nmi_entries */
    alignas(64) struct trace_entry entries[TRACE_ENTRIES];
    struct trace_entry nmi_entries[TRACE_NMI_ENTRIES];
};

/* One event, as it was read. */
struct trace_record {
    uint64_t ticks;
    uint64_t value;
    enum trace_event event;
};

/*
 * Records that `event` happened on `self`, the processor that runs this, at `ticks` (arch_ticks()).
 * Of `value` the low 56 bits are kept, the highest of them as the sign. Call it only where nothing
 * that records can interrupt: IRQL: IPI_LEVEL, or interrupts disabled; not from an unmaskable
 * interrupt.
 */
void trace_event(struct processor *self, enum trace_event event, uint64_t ticks, uint64_t value);

/* The same for the handler of the unmaskable interrupt, which has a ring of its own. */
void trace_nmi_event(struct processor *self, enum trace_event event, uint64_t ticks,
                     uint64_t value);

/* A position in the events of one processor, in the order of their times. */
struct trace_cursor {
    const struct trace_ring *ring;
    uint64_t at, end;         /* in entries */
    uint64_t nmi_at, nmi_end; /* in nmi_entries */
};

/*
 * The oldest of `processor`'s events that are left; what is recorded from now on is not read. From
 * any processor, while others record. IRQL: any.
 */
struct trace_cursor trace_first(const struct processor *processor);

/* Reads the next event that was not overwritten meanwhile; false at the end. IRQL: any. */
bool trace_next(struct trace_cursor *cursor, struct trace_record *record);

#endif
