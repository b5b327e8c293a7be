/* SPDX-License-Identifier: MIT */
/*
 * What a processor that keeps others waiting is doing: asked by the unmaskable interrupt.
 */
#ifndef KERNEL_SILENCE_EVIDENCE_H
#define KERNEL_SILENCE_EVIDENCE_H

#include "kernel/rendezvous/processors.h"
#include "kernel/upcall.h" /* evidence_ask(), evidence_forget() */

/* What a processor told of itself, all of it at one moment. */
struct evidence {
    uint64_t ticks;        /* when: what the flight recorder has of later does not belong to it */
    enum seat_phase phase; /* these two from its seat */
    uint64_t reached;
    struct arch_snapshot snapshot;
};

/*
 * The unmaskable interrupt has come: was it a question? Then it is answered by now. `machine_frame`
 * is where it came.
 */
bool evidence_answer(const void *machine_frame);

/* The latest answer of `processor`; NULL while a question is open, or if none was asked. */
const struct evidence *evidence_of(unsigned processor);

/* Is a question to `processor` open for so long that who lives would have answered? */
bool evidence_is_overdue(unsigned processor);

/*
 * Two questions to the flight recorder, as it was at `until_ticks`. Which routine had `processor`
 * begun in the last call at which it arrived; NULL for none. Had it taken a doorbell since
 * `since_ticks`, a time of the processor that rang it?
 */
arch_worker *evidence_routine(unsigned processor, uint64_t until_ticks);
bool evidence_took_doorbell(unsigned processor, uint64_t since_ticks, uint64_t until_ticks);

#endif
