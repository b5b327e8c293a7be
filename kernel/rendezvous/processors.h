/* SPDX-License-Identifier: MIT */
/*
 * The processors: one structure each, found by dense index. How a processor gets into the list, and
 * goes and comes while the system runs, is processors/life.h.
 */
#ifndef KERNEL_RENDEZVOUS_PROCESSORS_H
#define KERNEL_RENDEZVOUS_PROCESSORS_H

#include <stdalign.h>
#include <stdatomic.h>

#include "kernel/arch.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/rendezvous/trace.h"

/* What watchdog.c knows of the routine that a processor is in; the processor's own. */
struct processor_alarm {
    uint64_t until_ticks;     /* an alarm goes off before that; it has if this is over */
    uint64_t state;           /* of the round, at the last alarm */
    uint64_t seen;            /* of everybody's seats */
    struct patience patience; /* its quarters: alarms in a row that found the same */
};

/* What the core keeps of a processor. All zero at first, but for the index. */
struct processor {
    unsigned index; /* written once, before the processor is online */

    _Atomic bool online;       /* are calls made to it? (processors/membership.c) */
    _Atomic bool clock_agrees; /* is its clock known to agree with processor 0's? (clocks.c) */
    _Atomic uint32_t asleep;   /* enum wait_whom: set by the processor, cleared by who wakes it */

    struct processor_alarm alarm;

    alignas(CACHE_PAIR) struct rendezvous_seat seat;
    alignas(CACHE_PAIR) struct trace_ring trace;
};

/* All processors by index, offline ones too. Both are constant once the bring-up is over. */
extern struct processor *processors[PROCESSOR_LIMIT];
extern unsigned processor_count;

/*
 * All online processors, and how many they are. Only the holder of the turn looks at it
 * (membership.c); everybody else asks processor_is_online().
 */
extern struct processor_set processors_online;
extern unsigned processors_online_count;

/*
 * Are calls made to processor `index`? (acquire: if it is online, what it was told when it came.)
 * The answer may be old at the return, unless the caller holds the turn. IRQL: any.
 */
static inline bool processor_is_online(unsigned index)
{
    return atomic_load_explicit(&processors[index]->online, memory_order_acquire);
}

/* Is it inside a routine? Relaxed: the answer carries nothing but itself. IRQL: any. */
static inline bool processor_in_routine(const struct processor *processor)
{
    return atomic_load_explicit(&processor->seat.phase, memory_order_relaxed) == SEAT_RUNNING;
}

/*
 * Gives a live processor the next index, which it returns, and counts it. No call can be under way.
 */
unsigned processors_add(struct processor *processor);

#endif
