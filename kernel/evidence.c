/*
 * Questions to a silent processor, and its answers.
 *
 *            the holder of the turn           the processor asked
 *   QUIET ===========================> ASKED -------------------> ANSWERED
 *                                        ^                           |
 *                                        +===========================+
 *
 * The state changes to ASKED before the unmaskable interrupt is sent, and no other is sent while it
 * is ASKED: so for each such state one interrupt is on its way, and an interrupt that comes in
 * another state was sent by nobody (bug check 0x80). One that comes late, from a processor that was
 * given up on, still finds its question.
 *
 * ANSWERED is a release: the snapshot is complete. Whoever reads it has the turn, as who asks, or
 * reports a bug check, when nobody asks any more.
 */
#include "kernel/evidence.h"

#include "kernel/processor.h"
#include "kernel/trace.h"

enum answer_state { ANSWER_QUIET, ANSWER_ASKED, ANSWER_GIVEN };

static struct {
    _Atomic uint32_t state; /* enum answer_state */
    struct arch_snapshot snapshot;
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
        atomic_store_explicit(&answers[processor].state, ANSWER_ASKED, memory_order_release);
        processor_set_add(&asked, processor);
        trace_event(self, TRACE_ASKED, arch_ticks(), processor);
    }
    arch_send_unmaskable(&asked);
}

bool evidence_answer(const void *machine_frame)
{
    struct processor *self = arch_processor();

    if (self->index >= processor_count || state_of(self->index) != ANSWER_ASKED) {
        return false;
    }
    struct arch_snapshot *snapshot = &answers[self->index].snapshot;
    arch_take_snapshot(snapshot, machine_frame, 0);
    trace_nmi_event(self, TRACE_NMI, arch_ticks(), snapshot->instruction);
    atomic_store_explicit(&answers[self->index].state, ANSWER_GIVEN, memory_order_release);
    return true;
}

const struct arch_snapshot *evidence_of(unsigned processor)
{
    return state_of(processor) == ANSWER_GIVEN ? &answers[processor].snapshot : NULL;
}

void evidence_forget(unsigned processor)
{
    uint32_t given = ANSWER_GIVEN;
    (void)atomic_compare_exchange_strong_explicit(&answers[processor].state, &given, ANSWER_QUIET,
                                                  memory_order_relaxed, memory_order_relaxed);
}

bool evidence_is_open(unsigned processor)
{
    return state_of(processor) == ANSWER_ASKED;
}

/* The latest event of a kind; false if there is none any more. */
static bool find_last(unsigned processor, enum trace_event event, struct trace_record *last)
{
    struct trace_cursor cursor = trace_first(processors[processor]);
    struct trace_record record;
    bool found = false;

    while (trace_next(&cursor, &record)) {
        if (record.event == event) {
            *last = record;
            found = true;
        }
    }
    return found;
}

arch_worker *evidence_routine(unsigned processor)
{
    struct trace_record started;
    return find_last(processor, TRACE_STARTED, &started) ? (arch_worker *)started.value : NULL;
}

bool evidence_took_doorbell(unsigned processor, unsigned leader)
{
    struct trace_record interrupt, sent;
    return find_last(processor, TRACE_INTERRUPT, &interrupt) &&
           find_last(leader, TRACE_SENT, &sent) && (int64_t)(interrupt.ticks - sent.ticks) >= 0;
}
