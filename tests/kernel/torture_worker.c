/* SPDX-License-Identifier: MIT */
/*
 * The checks of a processor inside a call.
 *
 * Arrival (K2) is checked twice: by the kernel's own word, and by one that the kernel does not
 * know. Each processor increments `stored` while it is in no routine. A routine records its own
 * count and another processor's. The other processor stopped counting when it arrived, before this
 * routine began, so the value read is not less than the value that the other processor records
 * itself (torture_verify.c compares them).
 */
#include "kernel/irql.h"
#include "kernel/rendezvous/round.h"
#include "tests/kernel/torture.h"

#define INTERRUPT_ONE_IN 16

/* The next target, starting at `from` and wrapping around; this processor if there is none, or if
 * that target is in the middle of a change: it may not take part. */
static unsigned choose_other(const struct torture_record *record, unsigned from)
{
    unsigned self = arch_processor()->index;
    unsigned other = processor_set_next(&record->expected, from);

    if (other >= processor_count) {
        other = processor_set_next(&record->expected, 0);
    }
    return other < processor_count && torture_is_unchanged(record, other) ? other : self;
}

/* K1, and K13's interrupt flag: set, unless this processor itself has cleared it. */
static void check_state(const struct torture_processor *self, const struct torture_record *record)
{
    uint32_t flag = atomic_load_explicit(&self->flag, memory_order_relaxed);

    TORTURE_CHECK(record, "K1", KeGetCurrentIrql() == IPI_LEVEL);
    TORTURE_CHECK(record, "K1", __readcr8() == IPI_LEVEL);
    if (flag != FLAG_UNKNOWN) {
        TORTURE_CHECK(record, "K13", arch_interrupts_enabled() == (flag == FLAG_SET));
    }
}

/* K2: the other processor has reached the first barrier of this call, or a later one. */
static void check_arrived(const struct torture_record *record, unsigned other)
{
    uint64_t own = atomic_load_explicit(&arch_processor()->seat.reached, memory_order_relaxed);
    uint64_t its = atomic_load_explicit(&processors[other]->seat.reached, memory_order_relaxed);
    TORTURE_CHECK(record, "K2", its - own <= ROUND_TEARDOWN - ROUND_PENDING);
}

/* K2 again, by a word that the kernel does not know. */
static void note_stores(struct torture_processor *self, struct torture_part *part, unsigned other)
{
    part->watched = other;
    part->seen = atomic_load_explicit(&torture_processors[other].stored, memory_order_relaxed);
    part->own = atomic_load_explicit(&self->stored, memory_order_relaxed);
}

/* X: a phase begins only after all others have finished the last; K8: its stores are visible. */
static void check_last_phase(const struct torture_record *record, unsigned other,
                             enum rendezvous_phase phase, unsigned steps)
{
    const struct torture_part *part = &record->parts[other];
    unsigned last = phase - 1;

    while (!(record->action.phases >> last & 1)) {
        last--;
    }
    TORTURE_CHECK(record, "X",
                  atomic_load_explicit(&part->progress, memory_order_relaxed) >= steps);
    TORTURE_CHECK(record, "K8",
                  part->replies[last] == torture_reply(record, other, (enum rendezvous_phase)last));
}

static void check_others(struct torture_processor *self, const struct torture_record *record,
                         enum rendezvous_phase phase, unsigned steps)
{
    unsigned index = arch_processor()->index;
    unsigned next = choose_other(record, index + 1);
    unsigned random = choose_other(record, torture_below(&self->worker_stream, processor_count));

    if (steps == 0) {
        check_arrived(record, next);
        check_arrived(record, random);
        note_stores(self, &record->parts[index], random);
        return;
    }
    if (next != index) {
        check_last_phase(record, next, phase, steps);
    }
    if (random != index) {
        check_last_phase(record, random, phase, steps);
    }
}

/* K8: the caller's stores are visible; C6: no processor uses a translation that was flushed. */
static void check_stores(const struct torture_record *record)
{
    for (unsigned i = 0; i < TORTURE_PAYLOAD_WORDS; i++) {
        TORTURE_CHECK(record, "K8", record->payload[i] == record->id + i);
    }
    if (record->alias != NULL) {
        TORTURE_CHECK(record, "C6",
                      *(const volatile uint64_t *)record->alias == record->alias_value);
    }
}

/* K5: the argument lives as long as the routine. */
static bool check_argument(const struct torture_argument *argument)
{
    bool alive = argument->magic == TORTURE_MAGIC && argument->self == argument;
    TORTURE_CHECK(NULL, "K5", alive);
    return alive;
}

static bool is_target(const struct torture_record *record, unsigned processor)
{
    return record->action.everybody || processor_set_contains(&record->action.targets, processor);
}

uint64_t torture_reply(const struct torture_record *record, unsigned processor,
                       enum rendezvous_phase phase)
{
    return record->id * 0x9e3779b97f4a7c15 + processor * RENDEZVOUS_PHASES + phase;
}

/* K4: each step is the next one of this processor in this call. */
static void step(struct torture_record *record, struct torture_part *part, unsigned from)
{
    TORTURE_CHECK(record, "K4",
                  atomic_load_explicit(&part->progress, memory_order_relaxed) == from);
    atomic_store_explicit(&part->progress, from + 1, memory_order_relaxed);
}

static void take_time(struct torture_processor *self)
{
    if (torture_one_in(&self->worker_stream, INTERRUPT_ONE_IN)) {
        torture_request_load(self, &self->worker_stream);
    }
    torture_linger(&self->worker_stream, &self->lingered);
}

static void work(struct torture_processor *self, struct torture_record *record,
                 enum rendezvous_phase phase)
{
    unsigned index = arch_processor()->index;
    unsigned earlier = record->action.phases & ((1u << phase) - 1);
    unsigned steps = 2 * torture_count_phases(earlier);
    struct torture_part *part = &record->parts[index];

    TORTURE_CHECK(record, "K4", is_target(record, index));
    TORTURE_CHECK(record, "X", record->action.phases >> phase & 1);
    step(record, part, steps);
    check_state(self, record);
    check_others(self, record, phase, steps);
    check_stores(record);
    take_time(self);
    check_state(self, record);
    part->replies[phase] = torture_reply(record, index, phase);
    step(record, part, steps + 1);
}

/* A dead argument must not be followed: its record may belong to another call. */
static uintptr_t run(uintptr_t address, enum rendezvous_phase phase)
{
    const struct torture_argument *argument = (const struct torture_argument *)address;
    struct torture_processor *self = torture_self();
    uintptr_t returned = 0;

    TORTURE_CHECK(NULL, "K4", !atomic_load_explicit(&self->in_worker, memory_order_relaxed));
    atomic_store_explicit(&self->in_worker, true, memory_order_relaxed);
    self->worker_counts[COUNT_ROUTINES]++;
    self->worker_counts[COUNT_ROUTINES_MASKED] += !arch_interrupts_enabled();
    if (check_argument(argument)) {
        struct torture_record *record = argument->record;
        TORTURE_CHECK(record, "K7", argument->id == record->id);
        work(self, record, phase);
        (void)check_argument(argument);
        returned = torture_reply(record, arch_processor()->index, phase);
    }
    atomic_store_explicit(&self->in_worker, false, memory_order_relaxed);
    return returned;
}

static MUSTER_API uintptr_t run_setup(uintptr_t argument)
{
    return run(argument, RENDEZVOUS_SETUP);
}

static MUSTER_API uintptr_t run_action(uintptr_t argument)
{
    return run(argument, RENDEZVOUS_ACTION);
}

static MUSTER_API uintptr_t run_teardown(uintptr_t argument)
{
    return run(argument, RENDEZVOUS_TEARDOWN);
}

rendezvous_routine *const torture_routines[RENDEZVOUS_PHASES] = {
    [RENDEZVOUS_SETUP] = run_setup,
    [RENDEZVOUS_ACTION] = run_action,
    [RENDEZVOUS_TEARDOWN] = run_teardown,
};
