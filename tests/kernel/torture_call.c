/*
 * What the caller does, and checks when the call is over.
 *
 * Who must have run the routine is known but for processors whose membership changed between the
 * look before the call and the look after it: these may have run it or not.
 */
#include "kernel/irql.h"
#include "kernel/spinlock.h"
#include "kernel/tlb.h"
#include "tests/kernel/torture.h"

#define STEPS 2 /* of a routine: begun and finished */
#define LOCKS 4

static struct spinlock locks[LOCKS];

/* ---- before the call ---- */

static void note_membership(struct torture_record *record)
{
    processor_set_clear(&record->expected);
    for (unsigned i = 0; i < processor_count; i++) {
        record->membership[i] =
            atomic_load_explicit(&torture_processors[i].membership, memory_order_relaxed);
        if (record->membership[i] % 4 == MEMBER_ONLINE) {
            processor_set_add(&record->expected, i);
        }
    }
}

static void prepare(struct torture_processor *self, struct torture_lane *lane,
                    const struct torture_action *action)
{
    struct torture_record *record = &lane->record;

    record->action = *action;
    record->caller = arch_processor()->index;
    record->id = ++lane->sequence << 16 | lane->depth << 12 | record->caller;
    for (unsigned i = 0; i < TORTURE_PAYLOAD_WORDS; i++) {
        record->payload[i] = record->id + i;
    }
    record->alias = lane->depth == 0 ? self->alias : NULL;
    record->alias_value = self->alias_changes;
    for (unsigned i = 0; i < processor_count; i++) {
        atomic_store_explicit(&record->parts[i].progress, 0, memory_order_relaxed);
    }
    note_membership(record);
}

static void count(struct torture_lane *lane, const struct torture_action *action)
{
    static const uint8_t levels[16] = {
        [IRQL_PASSIVE] = COUNT_IRQL_PASSIVE,   [IRQL_APC] = COUNT_IRQL_APC,
        [IRQL_DISPATCH] = COUNT_IRQL_DISPATCH, [IRQL_SYNCH] = COUNT_IRQL_SYNCH,
        [IRQL_CLOCK] = COUNT_IRQL_CLOCK,
    };

    lane->counts[COUNT_GENERIC + action->kind]++;
    lane->counts[levels[action->irql] != 0 ? levels[action->irql] : COUNT_IRQL_DEVICE]++;
    lane->counts[COUNT_MASKED] += action->masked;
    lane->counts[COUNT_LOCKED] += action->locked;
}

/* ---- the call ---- */

/* The interrupt flag is never set where `masked` says it is clear, nor the other way round: no
 * interrupt comes between the two. */
static void mask(struct torture_processor *self)
{
    arch_interrupts_disable();
    atomic_store_explicit(&self->masked, true, memory_order_relaxed);
}

static void unmask(struct torture_processor *self)
{
    atomic_store_explicit(&self->masked, false, memory_order_relaxed);
    arch_interrupts_enable();
}

/* K6: the caller's own value. */
static void call_everybody(struct torture_record *record)
{
    struct torture_argument argument = {
        .magic = TORTURE_MAGIC, .self = &argument, .record = record, .id = record->id
    };
    uintptr_t returned = KeIpiGenericCall(torture_work, (ULONG_PTR)&argument);
    TORTURE_CHECK(record, returned == torture_reply(record, record->caller));
    /* An atomic store, or it would be left out: nobody is to read it. */
    __atomic_store_n(&argument.magic, 0, __ATOMIC_RELAXED);
}

/* The first lane's address moves to the other page; from the flush on everybody sees that. */
static void flush_translations(struct torture_processor *self, const struct torture_lane *lane)
{
    if (lane->depth == 0) {
        uint64_t *page = self->alias_pages[++self->alias_changes % 2];
        *page = self->alias_changes;
        arch_redirect_alias(self->alias, page);
    }
    tlb_flush((uintptr_t)self->alias, 1);
}

static void make(struct torture_processor *self, struct torture_lane *lane)
{
    struct torture_record *record = &lane->record;
    uint64_t began_ticks = arch_ticks();

    switch (record->action.kind) {
    case TORTURE_GENERIC:
        call_everybody(record);
        break;
    case TORTURE_TLB:
    default:
        flush_translations(self, lane);
        break;
    }
    if (lane->depth == 0) {
        torture_measure(&self->round_trips, arch_ticks() - began_ticks);
    }
}

/* K9, K10: at the level, with the interrupt flag and the lock that chance has chosen. */
static void make_as_chosen(struct torture_processor *self, struct torture_lane *lane)
{
    const struct torture_action *action = &lane->record.action;
    struct spinlock *lock = action->locked ? &locks[lane->record.id % LOCKS] : NULL;
    unsigned old_irql = irql_set(action->irql);

    if (action->masked) {
        mask(self);
    }
    if (lock != NULL) {
        spinlock_acquire(lock);
    }
    make(self, lane);
    TORTURE_CHECK(&lane->record, arch_irql() == action->irql);
    TORTURE_CHECK(&lane->record, arch_interrupts_enabled() == !action->masked);
    if (lock != NULL) {
        spinlock_release(lock);
    }
    if (action->masked) {
        unmask(self);
    }
    irql_lower(old_irql);
}

/* ---- after the call ---- */

static bool is_unchanged(const struct torture_record *record, unsigned processor)
{
    return atomic_load_explicit(&torture_processors[processor].membership, memory_order_relaxed) ==
           record->membership[processor];
}

/* K2, K8: the other one's stores before its arrival were there, and its reply is here. */
static void verify_part(const struct torture_record *record, unsigned processor)
{
    const struct torture_part *part = &record->parts[processor];

    TORTURE_CHECK(record, part->reply == torture_reply(record, processor));
    TORTURE_CHECK(record, part->seen >= record->parts[part->watched].own);
}

/* K4: who ran. */
static void verify(const struct torture_record *record)
{
    for (unsigned i = 0; i < processor_count; i++) {
        unsigned steps = atomic_load_explicit(&record->parts[i].progress, memory_order_relaxed);
        bool ran = steps == STEPS;

        TORTURE_CHECK(record, ran || steps == 0);
        if (is_unchanged(record, i)) {
            TORTURE_CHECK(record, ran == (record->membership[i] % 4 == MEMBER_ONLINE));
        }
        if (ran) {
            verify_part(record, i);
        }
    }
}

void torture_call(struct torture_processor *self, struct torture_lane *lane,
                  const struct torture_action *action)
{
    count(lane, action);
    prepare(self, lane, action);
    make_as_chosen(self, lane);
    if (action->kind != TORTURE_TLB) {
        verify(&lane->record);
    }
}
