/*
 * The processors: one structure each, found by dense index; work to run on another one; and
 * processors that go and come while the system runs.
 *
 *                 arch_start_processors()                      processor_publish()
 *   LISTED ----------------------------------> CHECKED_IN ---------------------------> ONLINE
 *      |                                        (GDT, IDT, interrupt controller
 *      | no answer within the deadline           and stack are live)
 *      v
 *   dropped: it never gets an index; a late one stays parked in the machine's care
 *
 * Indices are dense: 0 is the boot processor, the others follow in the order of the firmware's
 * list, counted only once they are live. A processor keeps its index, its stacks and its log while
 * it is offline.
 */
#ifndef KERNEL_PROCESSOR_H
#define KERNEL_PROCESSOR_H

#include <stdalign.h>
#include <stdatomic.h>

#include "include/muster.h" /* processor_offline(), processor_online() */
#include "kernel/arch.h"
#include "kernel/log.h"
#include "kernel/rendezvous.h"
#include "kernel/trace.h"

/*
 * The life of a processor that has an index. A single arrow is a step of the processor itself, a
 * double one of who asks for the change.
 *
 *        processor_offline()          in its idle loop
 *   ONLINE ===============> LEAVING ------------------> PARTING
 *    ^  ^                      |                           |
 *    |  |  still at work when  |                           |  membership_leave(), its log drained,
 *    |  |  the deadline passes |                           |  interrupts disabled
 *    |  +======================+                           v
 *    |                                  +=============> OFFLINE (stopped)
 *    |                                  |                  #
 *    |                       no answer  |                  #  processor_online()
 *    |  membership_enter()              |                  v
 *    +================== ENTERING <=== STARTING <==========+
 *                             checked in
 *
 * From OFFLINE until it has checked in, the processor has no interrupt table of ours, or may
 * have lost it at any moment: the unmaskable interrupt is not sent to it. In all other states it
 * executes this kernel. Whether calls are made to it is another word, `online`: true in ONLINE and
 * LEAVING, and it changes in PARTING and ENTERING (membership.c).
 */
enum processor_state {
    PROCESSOR_ONLINE,
    PROCESSOR_LEAVING,
    PROCESSOR_PARTING,
    PROCESSOR_OFFLINE,
    PROCESSOR_STARTING,
    PROCESSOR_ENTERING,
};

/* A routine for another processor to run at PASSIVE_LEVEL. */
typedef void processor_work(void *argument);

/*
 * The one place for such work.
 *
 *   NONE --a poster--> CLAIMED --has stored the work--> POSTED --the processor has run it--> NONE
 *   NONE --the processor goes offline--> CLOSED --it is back--> NONE
 */
enum processor_work_state { WORK_NONE, WORK_CLAIMED, WORK_POSTED, WORK_CLOSED };

/* What watchdog.c knows of the routine that a processor is in; the processor's own. */
struct processor_alarm {
    uint64_t until_ticks; /* an alarm goes off before that; it has if this is over */
    uint64_t state;       /* of the round, at the last alarm */
    uint64_t seen;        /* of everybody's seats */
    unsigned silent;      /* alarms in a row that found the same */
    unsigned restarts;
};

struct processor {
    /* Written once, before the processor is online. */
    unsigned index;
    uint32_t hardware_id; /* the id of its interrupt controller */

    _Atomic bool online;       /* are calls made to it? (membership.c) */
    _Atomic bool clock_agrees; /* is its clock known to agree with processor 0's? (clocks.c) */
    _Atomic uint32_t state;    /* enum processor_state */

    /* Work for the idle loop. */
    alignas(CACHE_PAIR) processor_work *work;
    void *work_argument;
    _Atomic uint32_t work_state; /* enum processor_work_state */

    _Atomic uint32_t asleep; /* enum wait_whom: set by the processor, cleared by who wakes it */

    struct processor_alarm alarm;

    alignas(CACHE_PAIR) struct rendezvous_seat seat;
    alignas(CACHE_PAIR) struct log_ring log;
    alignas(CACHE_PAIR) struct trace_ring trace;
};

/* All processors by index, offline ones too. Both are constant once the bring-up is over. */
extern struct processor *processors[PROCESSOR_LIMIT];
extern unsigned processor_count;

/*
 * All online processors. Only the holder of the turn looks at it (membership.c); everybody else
 * asks processor_is_online().
 */
extern struct processor_set processors_online;

/*
 * Are calls made to processor `index`? (acquire: if it is online, what it was told when it came.)
 * The answer may be old at the return, unless the caller holds the turn. IRQL: any.
 */
static inline bool processor_is_online(unsigned index)
{
    return atomic_load_explicit(&processors[index]->online, memory_order_acquire);
}

/* Does processor `index` execute this kernel, so that it can be interrupted? IRQL: any. */
static inline bool processor_is_running(unsigned index)
{
    uint32_t state = atomic_load_explicit(&processors[index]->state, memory_order_acquire);
    return state != PROCESSOR_OFFLINE && state != PROCESSOR_STARTING;
}

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
 * once. A processor holds one piece of work at a time: an earlier one is waited for, whoever posted
 * it. Processor 0 does not idle and cannot be asked. IRQL: PASSIVE.
 * Returns: 0; -1 when the processor is offline, and the work will not run.
 */
int processor_post(unsigned index, processor_work *work, void *argument);

/*
 * Waits until processor `index` has finished what was posted to it, by others too; at once when it
 * is offline. IRQL: PASSIVE.
 */
void processor_await(unsigned index);

/* The idle loop of every processor but the first: runs posted work, drains the log, halts. */
_Noreturn void processor_idle(struct processor *self);

#endif
