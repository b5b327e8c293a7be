/* SPDX-License-Identifier: MIT */
/*
 * What a processor that keeps others waiting is doing. It is asked by the unmaskable interrupt.
 */
#ifndef KERNEL_SILENCE_EVIDENCE_H
#define KERNEL_SILENCE_EVIDENCE_H

#include "kernel/rendezvous/processors.h"
#include "kernel/upcall.h" /* evidence_ask(), evidence_forget() */

/* A processor's answer: its state at one moment. */
struct evidence {
    uint64_t ticks;        /* that moment; later events in the flight recorder do not count */
    enum seat_phase phase; /* this and the next from its seat */
    uint64_t reached;
    struct arch_snapshot snapshot;
};

/*
 * The unmaskable interrupt has come, at `machine_frame`. If it was a question, answers it and
 * returns true.
 */
bool evidence_answer(const void *machine_frame);

/* The latest answer of `processor`; NULL while a question is open, or if there was none. */
const struct evidence *evidence_of(unsigned processor);

/* Has a question to `processor` been open for longer than a live processor takes to answer? */
bool evidence_is_overdue(unsigned processor);

/*
 * From the flight recorder, as it was at `until_ticks`: which routine `processor` had begun in the
 * last call at which it arrived (NULL: none); and whether it had taken a doorbell since
 * `since_ticks`, a time by the clock of the processor that rang it.
 */
arch_worker *evidence_routine(unsigned processor, uint64_t until_ticks);
bool evidence_took_doorbell(unsigned processor, uint64_t since_ticks, uint64_t until_ticks);

#endif
