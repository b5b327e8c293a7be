/*
 * What a processor checks inside a call.
 *
 * Arrival (K2) is checked twice: by the kernel's own word, and by one that it does not know: each
 * processor counts `stored` up as long as it is in no routine. A routine notes its own count and
 * another processor's. That other one had stopped counting when it arrived, before this routine
 * began, so that what was seen is not less than what that processor notes itself (torture_call.c
 * compares).
 */
#include "kernel/irql.h"
#include "tests/kernel/torture.h"

#define INTERRUPT_ONE_IN 16

/* Does `processor` take part for certain? Nobody in the midst of a change does. */
static bool is_certain_member(const struct torture_record *record, unsigned processor)
{
    return atomic_load_explicit(&torture_processors[processor].membership, memory_order_relaxed) ==
           record->membership[processor];
}

/* A member other than this processor, at or after `from` in the circle; else this processor. */
static unsigned choose_other(const struct torture_record *record, unsigned from)
{
    unsigned self = arch_processor()->index;
    unsigned other = processor_set_next(&record->expected, from);

    if (other >= processor_count) {
        other = processor_set_next(&record->expected, 0);
    }
    return other < processor_count && is_certain_member(record, other) ? other : self;
}

/* K1, and K13's interrupt flag: set, but where this processor itself has cleared it. */
static void check_state(const struct torture_processor *self, const struct torture_record *record)
{
    bool masked = atomic_load_explicit(&self->masked, memory_order_relaxed);

    TORTURE_CHECK(record, KeGetCurrentIrql() == IPI_LEVEL);
    TORTURE_CHECK(record, __readcr8() == IPI_LEVEL);
    TORTURE_CHECK(record, arch_interrupts_enabled() == !masked);
}

/* K2: a generation is kept in `arrived` until the processor arrives in a later call. */
static void check_arrived(const struct torture_record *record, unsigned other)
{
    uint64_t own = atomic_load_explicit(&arch_processor()->seat.arrived, memory_order_relaxed);
    uint64_t its = atomic_load_explicit(&processors[other]->seat.arrived, memory_order_relaxed);
    TORTURE_CHECK(record, its == own);
}

static void check_arrivals(struct torture_processor *self, const struct torture_record *record,
                           struct torture_part *part)
{
    unsigned index = arch_processor()->index;
    unsigned next = choose_other(record, index + 1);
    unsigned random = choose_other(record, torture_below(&self->worker_stream, processor_count));

    check_arrived(record, next);
    check_arrived(record, random);
    part->watched = torture_one_in(&self->worker_stream, 2) ? next : random;
    part->seen =
        atomic_load_explicit(&torture_processors[part->watched].stored, memory_order_relaxed);
    part->own = atomic_load_explicit(&self->stored, memory_order_relaxed);
}

/* K8: what the caller stored, and that no processor uses a translation that was flushed (C6). */
static void check_stores(const struct torture_record *record)
{
    for (unsigned i = 0; i < TORTURE_PAYLOAD_WORDS; i++) {
        TORTURE_CHECK(record, record->payload[i] == record->id + i);
    }
    if (record->alias != NULL) {
        TORTURE_CHECK(record, *(const volatile uint64_t *)record->alias == record->alias_value);
    }
}

/* K5: the argument lives as long as the routine. */
static bool check_argument(const struct torture_argument *argument)
{
    bool alive = argument->magic == TORTURE_MAGIC && argument->self == argument;
    TORTURE_CHECK(NULL, alive);
    return alive;
}

uint64_t torture_reply(const struct torture_record *record, unsigned processor)
{
    return record->id * 0x9e3779b97f4a7c15 + processor;
}

/* K4: each step is the next one of this processor in this call. */
static void step(struct torture_record *record, struct torture_part *part, unsigned from)
{
    TORTURE_CHECK(record, atomic_load_explicit(&part->progress, memory_order_relaxed) == from);
    atomic_store_explicit(&part->progress, from + 1, memory_order_relaxed);
}

static void take_time(struct torture_processor *self)
{
    if (torture_one_in(&self->worker_stream, INTERRUPT_ONE_IN)) {
        torture_request_load(&self->worker_stream);
    }
    torture_linger(&self->worker_stream, &self->lingered);
}

static void work(struct torture_processor *self, struct torture_record *record, unsigned index)
{
    struct torture_part *part = &record->parts[index];
    bool masked = atomic_load_explicit(&self->masked, memory_order_relaxed);

    self->worker_counts[COUNT_WORKERS]++;
    self->worker_counts[COUNT_WORKERS_MASKED] += masked && index != record->caller;
    step(record, part, 0);
    check_state(self, record);
    check_arrivals(self, record, part);
    check_stores(record);
    take_time(self);
    check_state(self, record);
    part->reply = torture_reply(record, index);
    step(record, part, 1);
}

ULONG_PTR NTAPI torture_work(ULONG_PTR address)
{
    const struct torture_argument *argument = (const struct torture_argument *)address;
    struct torture_processor *self = torture_self();
    unsigned index = arch_processor()->index;
    uintptr_t returned = 0;

    TORTURE_CHECK(NULL, !atomic_load_explicit(&self->in_worker, memory_order_relaxed));
    atomic_store_explicit(&self->in_worker, true, memory_order_relaxed);
    if (check_argument(argument)) {
        struct torture_record *record = argument->record;
        TORTURE_CHECK(record, argument->id == record->id);
        work(self, record, index);
        (void)check_argument(argument);
        returned = torture_reply(record, index);
    }
    atomic_store_explicit(&self->in_worker, false, memory_order_relaxed);
    return returned;
}
