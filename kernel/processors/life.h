/* SPDX-License-Identifier: MIT */
/*
 * The life of a processor: how it gets an index, idles, and leaves and returns while the system
 * runs.
 *
 *                 arch_start_processors()                      processor_publish()
 *   LISTED ----------------------------------> CHECKED_IN ---------------------------> ONLINE
 *      |                                        (descriptors, interrupt controller
 *      | no answer within the deadline           and stack are live)
 *      v
 *   dropped: it never gets an index; if it comes late, the machine keeps it parked
 *
 * Indices are dense: 0 is the boot processor. The others follow in the order of the firmware's
 * list, counted only once they are live. A processor keeps its index, its stacks and its log while
 * it is offline.
 */
#ifndef KERNEL_PROCESSORS_LIFE_H
#define KERNEL_PROCESSORS_LIFE_H

#include "include/muster.h" /* processor_offline(), processor_online() */
#include "kernel/entry.h"   /* processor_create(), processor_publish() */
#include "kernel/rendezvous/processors.h"

/*
 * The states of a processor that has an index. A single arrow is a step of the processor itself, a
 * double one of the processor that asks for the change.
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
 * From OFFLINE until it has checked in, the processor has no interrupt table of ours, or may lose
 * it at any moment: the unmaskable interrupt is not sent to it. In all other states it executes
 * this kernel. Whether calls include it is kept in another word, `online`: it is true in ONLINE and
 * LEAVING, and changes in PARTING and ENTERING (membership.c).
 */
enum processor_state {
    PROCESSOR_ONLINE,
    PROCESSOR_LEAVING,
    PROCESSOR_PARTING,
    PROCESSOR_OFFLINE,
    PROCESSOR_STARTING,
    PROCESSOR_ENTERING,
};

/* acquire: all that the last writer of the state had done before. IRQL: any. */
enum processor_state processor_state(unsigned index);

/* Does processor `index` execute this kernel, so that it can be interrupted? IRQL: any. */
bool processor_is_running(unsigned index);

/*
 * The list is complete: the processors in it may read it, and begin to idle. Until then they wait.
 * Boot processor, once.
 */
void processor_release_all(void);

/* The idle loop of every processor except the first: runs posted work, drains the log, halts. */
_Noreturn void processor_idle(struct processor *self);

#endif
