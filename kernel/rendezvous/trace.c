/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder's rings.
 *
 * Problem. When a processor is silent, what the others saw of it, and it of them, is evidence. It
 * must have been written before anybody knew that it would be needed: in every call, by every
 * processor. So it has to cost next to nothing. And it is read at the worst moment, or while the
 * processors go on.
 *
 * Writing. Each processor has a ring that only it writes, on lines that nobody else touches: a few
 * plain stores into its own cache, with no locked instruction and no fence that costs. The time is
 * passed in, since the recorder's caller has usually just read the clock. There is one writer at a
 * time, because all events of a processor are recorded where no other recording can interrupt: at
 * IPI_LEVEL or with interrupts disabled. Only the unmaskable interrupt can come between, so it has
 * a small ring of its own; the two are merged by time when they are read.
 *
 * Reading. Entry n is in slot n mod size, so a reader may find the slot of an old entry being
 * overwritten. The writer of entry n
 *
 *   1  has stored next = n, when it finished the entry before (release)
 *   2  stores the two words of entry n, ordered after 1 by a release fence
 *   3  stores next = n + 1 (release)
 *
 * and the reader of entry m has seen next > m (acquire: pairs with 3, the words of m are there),
 * reads the two words, passes an acquire fence, and reads next again. If either word was that of a
 * later entry n = m + size, the fences pair and it sees next >= n. So what it read is certainly
 * entry m as long as next < m + size. The oldest slot is therefore never trusted, since it may be
 * the one that is being written: a ring of 64 remembers 63.
 *
 * What a ring does not say. An event is written when its processor gets to it, some instructions
 * after the store that others see. A processor that is stopped in between has sent the request,
 * arrived, or begun the routine, and its ring does not have it yet. So its seat says how far it is
 * in a call (evidence.c), and a dump made right after a call may lack the end of it. The times are
 * not affected: each is taken before the store, so a cause is earlier than its effect, as far as
 * the processors' clocks agree. Only the time of DONE is taken after the store, off the path that
 * the leader waits for: the leader's own DONE may be earlier than a member's.
 *
 * Nothing here waits, and a reader needs nothing from the writer: it may be frozen, dead, or in the
 * middle of an entry, which then does not count.
 */
#include "kernel/rendezvous/trace.h"

#include "kernel/rendezvous/processors.h"

#define EVENT_BITS 8

_Static_assert((TRACE_ENTRIES & (TRACE_ENTRIES - 1)) == 0, "slots by a mask");
_Static_assert((TRACE_NMI_ENTRIES & (TRACE_NMI_ENTRIES - 1)) == 0, "slots by a mask");
_Static_assert(TRACE_EVENTS <= 1 << EVENT_BITS, "an event fits next to the value");

static inline void record(_Atomic uint64_t *next, struct trace_entry *entries, unsigned size,
                          enum trace_event event, uint64_t ticks, uint64_t value)
{
    uint64_t number = atomic_load_explicit(next, memory_order_relaxed); /* only we change it */
    struct trace_entry *entry = &entries[number % size];

    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&entry->ticks, ticks, memory_order_relaxed);
    atomic_store_explicit(&entry->value_and_event, value << EVENT_BITS | event,
                          memory_order_relaxed);
    atomic_store_explicit(next, number + 1, memory_order_release);
}

void trace_event(struct processor *self, enum trace_event event, uint64_t ticks, uint64_t value)
{
    struct trace_ring *ring = &self->trace;

    record(&ring->next, ring->entries, TRACE_ENTRIES, event, ticks, value);
}

void trace_nmi_event(struct processor *self, enum trace_event event, uint64_t ticks, uint64_t value)
{
    struct trace_ring *ring = &self->trace;

    record(&ring->nmi_next, ring->nmi_entries, TRACE_NMI_ENTRIES, event, ticks, value);
}

/* ---- reading ---- */

/* The oldest entry that may be read if `next` is the next to be written. */
static uint64_t oldest(uint64_t next, unsigned size)
{
    return next < size ? 0 : next - size + 1;
}

struct trace_cursor trace_first(const struct processor *processor)
{
    const struct trace_ring *ring = &processor->trace;
    struct trace_cursor cursor = {
        .ring = ring,
        .end = atomic_load_explicit(&ring->next, memory_order_acquire),
        .nmi_end = atomic_load_explicit(&ring->nmi_next, memory_order_acquire),
    };

    cursor.at = oldest(cursor.end, TRACE_ENTRIES);
    cursor.nmi_at = oldest(cursor.nmi_end, TRACE_NMI_ENTRIES);
    return cursor;
}

/* Reads entry `number` of a ring; false if it may have been overwritten. */
static bool read_entry(const _Atomic uint64_t *next, const struct trace_entry *entries,
                       unsigned size, uint64_t number, struct trace_record *record)
{
    const struct trace_entry *entry = &entries[number % size];
    uint64_t ticks = atomic_load_explicit(&entry->ticks, memory_order_relaxed);
    uint64_t word = atomic_load_explicit(&entry->value_and_event, memory_order_relaxed);

    unsigned event = word & ((1u << EVENT_BITS) - 1);

    atomic_thread_fence(memory_order_acquire);
    *record = (struct trace_record){
        .ticks = ticks,
        .value = (uint64_t)((int64_t)word >> EVENT_BITS),
        .event = event < TRACE_EVENTS ? (enum trace_event)event : TRACE_NONE,
    };
    return number >= oldest(atomic_load_explicit(next, memory_order_relaxed), size);
}

/* Reads the first whole entry from `*at` on; false at the end. */
static bool peek(const _Atomic uint64_t *next, const struct trace_entry *entries, unsigned size,
                 uint64_t *at, uint64_t end, struct trace_record *record)
{
    while (*at < end && !read_entry(next, entries, size, *at, record)) {
        ++*at;
    }
    return *at < end;
}

bool trace_next(struct trace_cursor *cursor, struct trace_record *record)
{
    const struct trace_ring *ring = cursor->ring;
    struct trace_record nmi;
    bool found = peek(&ring->next, ring->entries, TRACE_ENTRIES, &cursor->at, cursor->end, record);
    bool found_nmi = peek(&ring->nmi_next, ring->nmi_entries, TRACE_NMI_ENTRIES, &cursor->nmi_at,
                          cursor->nmi_end, &nmi);

    if (found_nmi && (!found || (int64_t)(nmi.ticks - record->ticks) < 0)) {
        *record = nmi;
        cursor->nmi_at++;
        return true;
    }
    cursor->at += found;
    return found;
}
