/* SPDX-License-Identifier: MIT */
/*
 * The caller's side of a call. torture_verify.c has the checks after the call.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/processors/tlb.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/windows/spinlock.h"
#include "tests/kernel/torture.h"

#define LOCKS         4
#define POST_PATIENCE 32 /* the calls of all others may be served first */

static struct spinlock locks[LOCKS];

/* ---- before the call ---- */

/* An offline processor is a target only if a random choice allows it. */
static void choose_members(struct torture_record *record, bool online_only)
{
    processor_set_clear(&record->expected);
    for (unsigned i = 0; i < processor_count; i++) {
        struct torture_part *part = &record->parts[i];
        record->membership[i] =
            atomic_load_explicit(&torture_processors[i].membership, memory_order_relaxed);
        if (record->membership[i] % 4 == MEMBER_ONLINE) {
            processor_set_add(&record->expected, i);
        }
        atomic_store_explicit(&part->progress, 0, memory_order_relaxed);
        part->watched = i;
    }
    if (record->action.everybody) {
        return;
    }
    for (unsigned i = 0; i < processor_set_used_words; i++) {
        record->expected.words[i] &= record->action.targets.words[i];
    }
    if (online_only) {
        record->action.targets = record->expected;
    }
}

static void prepare(struct torture_lane *lane, const struct torture_action *action,
                    struct torture_record *record)
{
    record->action = *action;
    record->caller = arch_processor()->index;
    record->id = ++lane->sequence << 16 | lane->depth << 12 | record->caller;
    record->alias = NULL;
    for (unsigned i = 0; i < TORTURE_PAYLOAD_WORDS; i++) {
        record->payload[i] = record->id + i;
    }
    choose_members(record, !torture_one_in(&lane->stream, 8));
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
    lane->counts[COUNT_SUBSET] += !action->everybody;
}

/* ---- the kinds ---- */

static void enliven(struct torture_argument *argument, struct torture_record *record)
{
    *argument = (struct torture_argument){
        .magic = TORTURE_MAGIC, .self = argument, .record = record, .id = record->id
    };
}

/* Uses a store that the compiler cannot omit, although nothing should read the value. */
static void poison(struct torture_argument *argument)
{
    *(volatile uint64_t *)&argument->magic = 0;
}

static void describe(struct torture_record *record, struct torture_argument *argument,
                     struct rendezvous_request *request)
{
    const struct torture_action *action = &record->action;

    *request = (struct rendezvous_request){
        .targets = action->everybody ? NULL : &action->targets,
        .argument = (uintptr_t)argument,
        .timeout_ms = action->timeout_ms,
        .reports = action->reported ? record->reports : NULL,
        .report_count = action->reported ? processor_count : 0,
    };
    for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
        if (action->phases >> phase & 1) {
            request->routines[phase] = torture_routines[phase];
        }
    }
}

/* K6: the caller's own value. */
static void call_everybody(struct torture_record *record)
{
    struct torture_argument argument;

    enliven(&argument, record);
    uintptr_t returned = KeIpiGenericCall(
        (PKIPI_BROADCAST_WORKER)torture_routines[RENDEZVOUS_ACTION], (ULONG_PTR)&argument);
    poison(&argument);
    record->status = RENDEZVOUS_OK;
    TORTURE_CHECK(record, "K6",
                  returned == torture_reply(record, record->caller, RENDEZVOUS_ACTION));
}

static void call_in_phases(struct torture_record *record)
{
    struct torture_argument argument;
    struct rendezvous_request request;

    enliven(&argument, record);
    describe(record, &argument, &request);
    record->status = rendezvous_call(&request);
    poison(&argument);
}

static void begin_post(struct torture_processor *self)
{
    struct torture_post *post = &self->post;
    struct rendezvous_request request;

    enliven(&post->argument, &post->record);
    describe(&post->record, &post->argument, &request);
    post->record.status = rendezvous_begin(&request, &post->completion);
    post->begun = true;
}

/* The first lane's address moves to the other page; after the flush every processor sees that. */
static void flush_translations(struct torture_processor *self, const struct torture_lane *lane)
{
    if (lane->depth == 0) {
        uint64_t *page = self->alias_pages[++self->alias_changes % 2];
        *page = self->alias_changes;
        arch_redirect_alias(self->alias, page);
    }
    tlb_flush((uintptr_t)self->alias, 1);
}

static void make(struct torture_processor *self, struct torture_lane *lane,
                 struct torture_record *record)
{
    switch (record->action.kind) {
    case TORTURE_GENERIC:
        call_everybody(record);
        break;
    case TORTURE_PHASED:
        call_in_phases(record);
        break;
    case TORTURE_POSTED:
        begin_post(self);
        break;
    case TORTURE_TLB:
    default:
        flush_translations(self, lane);
        break;
    }
}

/* ---- making the call ---- */

static void make_measured(struct torture_processor *self, struct torture_lane *lane,
                          struct torture_record *record)
{
    const struct torture_action *action = &record->action;
    uint64_t began_ticks = arch_ticks();

    make(self, lane, record);
    uint64_t ns = (arch_ticks() - began_ticks) * 1000000 / arch_ticks_per_ms();
    TORTURE_CHECK(record, "K10", arch_irql() == action->irql);
    TORTURE_CHECK(record, "K10", arch_interrupts_enabled() == !action->masked);
    if (lane->depth == 0 && action->kind != TORTURE_POSTED) {
        torture_measure(&self->round_trips, ns);
    }
}

/* K9, K10: with the IRQL, interrupt flag and lock that were chosen at random. */
static void make_as_chosen(struct torture_processor *self, struct torture_lane *lane,
                           struct torture_record *record)
{
    const struct torture_action *action = &record->action;
    struct spinlock *lock = action->locked ? &locks[record->id % LOCKS] : NULL;
    unsigned old_irql = irql_set(action->irql);

    if (action->masked) {
        torture_mask(self);
    }
    if (lock != NULL) {
        spinlock_acquire(lock);
    }
    make_measured(self, lane, record);
    if (lock != NULL) {
        spinlock_release(lock);
    }
    if (action->masked) {
        torture_unmask(self);
    }
    irql_lower(old_irql);
}

void torture_call(struct torture_processor *self, struct torture_lane *lane,
                  const struct torture_action *action)
{
    struct torture_record *record = &lane->record;

    count(lane, action);
    if (action->kind == TORTURE_POSTED) {
        torture_finish_post(self);
        record = &self->post.record;
    }
    prepare(lane, action, record);
    if (lane->depth == 0 && action->kind != TORTURE_POSTED) {
        record->alias = self->alias;
        record->alias_value = self->alias_changes;
    }
    make_as_chosen(self, lane, record);
    if (action->kind == TORTURE_GENERIC || action->kind == TORTURE_PHASED) {
        torture_verify(self, lane, record);
    }
}

/* ---- posted calls ---- */

bool torture_test_post(struct torture_processor *self)
{
    struct torture_post *post = &self->post;

    if (!post->begun) {
        return true;
    }
    enum rendezvous_status status = rendezvous_test(&post->completion);
    if (status == RENDEZVOUS_PENDING) {
        return false;
    }
    poison(&post->argument);
    post->begun = false;
    post->record.status = status;
    torture_verify(self, &self->lanes[0], &post->record);
    return true;
}

void torture_finish_post(struct torture_processor *self)
{
    struct wait wait = wait_begin(POST_PATIENCE);

    while (!torture_test_post(self)) {
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            TORTURE_FAIL(&self->post.record, "X", "a posted call ends");
            return;
        }
    }
}
