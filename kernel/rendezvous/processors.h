/* SPDX-License-Identifier: MIT */
/*
 * The processors: one structure each, found by dense index. How a processor gets into the list, and
 * leaves and returns while the system runs, is in processors/life.h.
 */
#ifndef KERNEL_RENDEZVOUS_PROCESSORS_H
#define KERNEL_RENDEZVOUS_PROCESSORS_H

#include <stdalign.h>
#include <stdatomic.h>

#include "kernel/arch.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/rendezvous/trace.h"

/* What watchdog.c knows about the routine that a processor is in; only that processor uses it. */
struct processor_alarm {
    uint64_t until_ticks;     /* an alarm is set for before this; past it, the alarm has gone off */
    uint64_t state;           /* the round, at the last alarm */
    uint64_t seen;            /* all seats, at the last alarm */
    struct patience patience; /* its quarters: alarms in a row that found no change */
};

/* What the core keeps for each processor. All zero at first, except for the index. */
struct processor {
    unsigned index; /* written once, before the processor is online */

    _Atomic bool online;       /* do calls include it? (processors/membership.c) */
    _Atomic bool clock_agrees; /* is its clock known to agree with processor 0's? (clocks.c) */
    _Atomic uint32_t asleep;   /* enum wait_whom: set by the processor, cleared by its waker */

    struct processor_alarm alarm;

    alignas(CACHE_PAIR) struct rendezvous_seat seat;
    alignas(CACHE_PAIR) struct trace_ring trace;
};

/* All processors by index, including offline ones. Both are constant once the bring-up is over. */
extern struct processor *processors[PROCESSOR_LIMIT];
extern unsigned processor_count;

/*
 * All online processors, and their number. Only the holder of the turn reads them (membership.c);
 * all others ask processor_is_online().
 */
extern struct processor_set processors_online;
extern unsigned processors_online_count;

/*
 * Do calls include processor `index`? (acquire: if so, all that was prepared for it is visible.)
 * The answer may be out of date on return, unless the caller holds the turn. IRQL: any.
 */
static inline bool processor_is_online(unsigned index)
{
    return atomic_load_explicit(&processors[index]->online, memory_order_acquire);
}

/* Is it inside a routine? Relaxed: nothing else depends on the answer. IRQL: any. */
static inline bool processor_in_routine(const struct processor *processor)
{
    return atomic_load_explicit(&processor->seat.phase, memory_order_relaxed) == SEAT_RUNNING;
}

/*
 * Gives a live processor the next index, which it returns, and adds it to the online processors. No
 * call may be under way.
 */
unsigned processors_add(struct processor *processor);

#endif
