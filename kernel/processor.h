/*
 * The processors: one structure each, found by dense index, and work to run on another one.
 *
 *                 arch_start_processors()                      processor_publish()
 *   LISTED ----------------------------------> CHECKED_IN ---------------------------> ONLINE
 *      |                                        (GDT, IDT, interrupt controller
 *      | no answer within the deadline           and stack are live)
 *      v
 *   dropped: it never gets an index; a late one stays parked in the machine's care
 *
 * Indices are dense: 0 is the boot processor, the others follow in the order of the firmware's
 * list, counted only once they are live.
 */
#ifndef KERNEL_PROCESSOR_H
#define KERNEL_PROCESSOR_H

#include <stdalign.h>
#include <stdatomic.h>

#include "kernel/arch.h"
#include "kernel/log.h"
#include "kernel/rendezvous.h"

/* Two cache lines: the unit in which processors with adjacent-line prefetch really share. */
#define CACHE_PAIR 128

/* A routine for another processor to run at PASSIVE_LEVEL. */
typedef void processor_work(void *argument);

struct processor {
    /* Written once, before the processor is online. */
    unsigned index;
    uint32_t hardware_id; /* the id of its interrupt controller */

    /* Work for the idle loop: the poster stores argument and routine, the processor clears the
     * routine when it has run (release). */
    alignas(CACHE_PAIR) void *work_argument;
    _Atomic(processor_work *) work;

    _Atomic uint32_t asleep; /* enum wait_whom: set by the processor, cleared by who wakes it */

    alignas(CACHE_PAIR) struct rendezvous_seat seat;
    alignas(CACHE_PAIR) struct log_ring log;
};

/* The online processors by index. Both are constant once the bring-up is over. */
extern struct processor *processors[PROCESSOR_LIMIT];
extern unsigned processor_count;

/* All online processors. */
extern struct processor_set processors_online;

/*
 * Gives a live processor the next index and counts it. The machine calls it on the boot processor,
 * in the order of the firmware's list, when no processor can be running a call. IRQL: PASSIVE.
 */
void processor_publish(struct processor *processor);

/*
 * The list is complete: the processors in it may look at it, and begin to idle. Until then they
 * wait. Boot processor, once.
 */
void processor_release_all(void);

/*
 * Has processor `index` run `work(argument)` at PASSIVE_LEVEL from its idle loop, and returns at
 * once. A processor holds one piece of work at a time: an earlier one is waited for. Processor 0
 * does not idle and cannot be asked. IRQL: PASSIVE.
 */
void processor_post(unsigned index, processor_work *work, void *argument);

/* Waits until processor `index` has finished what was posted to it. IRQL: PASSIVE. */
void processor_await(unsigned index);

/* The idle loop of every processor but the first: runs posted work, drains the log, halts. */
_Noreturn void processor_idle(struct processor *self);

#endif
