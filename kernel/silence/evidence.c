/* SPDX-License-Identifier: MIT */
/*
 * Questions to a silent processor, and its answers.
 *
 *            the holder of the turn           the processor asked
 *   QUIET ===========================> ASKED -------------------> ANSWERED
 *                                        ^                           |
 *                                        +===========================+
 *
 * The state changes to ASKED before the unmaskable interrupt is sent, and no other one is sent in
 * that state. So each question has exactly one interrupt on its way, and an interrupt that arrives
 * in another state was sent by nobody (bug check 0x80). If a processor was given up on and takes
 * the interrupt late, the interrupt still finds its question.
 *
 * The answer includes the seat. A processor may come back before the verdict, which must be about
 * its state when it answered, not about what it does later. For the same reason, events later than
 * the answer do not count. The seat says where in a call the processor is. The flight recorder does
 * not: its events are written a few instructions after what they record (trace.c).
 *
 * Whether the processor took a doorbell is decided by its own events since it was rung. The time of
 * ringing comes from another processor's clock. If the two clocks differ by some amount, a doorbell
 * that was taken within that amount of the ringing may be counted on the wrong side of it.
 *
 * ANSWERED is stored with release: the evidence is complete. It is read by the holder of the turn,
 * which is also the processor that asks, or by the reporter of a bug check, when nobody asks any
 * longer.
 */
#include "kernel/silence/evidence.h"

#include "kernel/processors/life.h"
#include "kernel/rendezvous/patience.h"
#include "kernel/rendezvous/trace.h"

/* An answer takes no longer than this fraction of the patience. */
#define OVERDUE_DIVISOR 32

enum answer_state { ANSWER_QUIET, ANSWER_ASKED, ANSWER_GIVEN };

static struct {
    _Atomic uint32_t state; /* enum answer_state */
    uint64_t asked_ticks;   /* by the clock of the processor that asks */
    struct evidence evidence;
} answers[PROCESSOR_LIMIT];

static uint32_t state_of(unsigned processor)
{
    return atomic_load_explicit(&answers[processor].state, memory_order_acquire);
}

void evidence_ask(const struct processor_set *suspects)
{
    struct processor *self = arch_processor();
    struct processor_set asked = { 0 };

    processor_set_for_each(processor, suspects) {
        if (processor == self->index || state_of(processor) == ANSWER_ASKED ||
            !processor_is_running(processor)) {
            continue;
        }
        answers[processor].asked_ticks = arch_ticks();
        atomic_store_explicit(&answers[processor].state, ANSWER_ASKED, memory_order_release);
        processor_set_add(&asked, processor);
        trace_event(self, TRACE_ASKED, answers[processor].asked_ticks, processor);
    }
    arch_send_unmaskable(&asked);
}

bool evidence_answer(const void *machine_frame)
{
    struct processor *self = arch_processor();

    if (self->index >= processor_count || state_of(self->index) != ANSWER_ASKED) {
        return false;
    }
    struct evidence *evidence = &answers[self->index].evidence;
    evidence->ticks = arch_ticks();
    evidence->phase =
        (enum seat_phase)atomic_load_explicit(&self->seat.phase, memory_order_relaxed);
    evidence->reached = atomic_load_explicit(&self->seat.reached, memory_order_relaxed);
    arch_take_snapshot(&evidence->snapshot, machine_frame, 0);
    trace_nmi_event(self, TRACE_NMI, evidence->ticks, evidence->snapshot.instruction);
    atomic_store_explicit(&answers[self->index].state, ANSWER_GIVEN, memory_order_release);
    return true;
}

const struct evidence *evidence_of(unsigned processor)
{
    return state_of(processor) == ANSWER_GIVEN ? &answers[processor].evidence : NULL;
}

void evidence_forget(unsigned processor)
{
    uint32_t given = ANSWER_GIVEN;
    (void)atomic_compare_exchange_strong_explicit(&answers[processor].state, &given, ANSWER_QUIET,
                                                  memory_order_relaxed, memory_order_relaxed);
}

bool evidence_is_overdue(unsigned processor)
{
    uint64_t limit_ticks = patience_ticks() / OVERDUE_DIVISOR;

    return state_of(processor) == ANSWER_ASKED &&
           arch_ticks() - answers[processor].asked_ticks > limit_ticks;
}

/* ---- what the flight recorder has ---- */

/* Reads the next event that is not later than `until_ticks`; false if there is none. */
static bool next_until(struct trace_cursor *cursor, uint64_t until_ticks,
                       struct trace_record *record)
{
    return trace_next(cursor, record) && (int64_t)(record->ticks - until_ticks) <= 0;
}

arch_worker *evidence_routine(unsigned processor, uint64_t until_ticks)
{
    struct trace_cursor cursor = trace_first(processors[processor]);
    struct trace_record record;
    uint64_t routine = 0;

    while (next_until(&cursor, until_ticks, &record)) {
        routine = record.event == TRACE_STARTED   ? record.value
                  : record.event == TRACE_ARRIVED ? 0
                                                  : routine;
    }
    return (arch_worker *)routine;
}

bool evidence_took_doorbell(unsigned processor, uint64_t since_ticks, uint64_t until_ticks)
{
    struct trace_cursor cursor = trace_first(processors[processor]);
    struct trace_record record;
    bool took = false;

    while (next_until(&cursor, until_ticks, &record)) {
        took |= record.event == TRACE_INTERRUPT && (int64_t)(record.ticks - since_ticks) >= 0;
    }
    return took;
}
