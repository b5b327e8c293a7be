/* SPDX-License-Identifier: MIT */
/*
 * The caller's checks when a call is complete.
 *
 * It is known which processors must have run the routines, except for those whose membership
 * changed between the check before the call and the check after it: in a call on all processors,
 * these may or may not have taken part. A call on chosen processors ran on all of them, or on none.
 */
#include "tests/kernel/torture.h"

bool torture_is_unchanged(const struct torture_record *record, unsigned processor)
{
    return atomic_load_explicit(&torture_processors[processor].membership, memory_order_relaxed) ==
           record->membership[processor];
}

static bool is_surely_online(const struct torture_record *record, unsigned processor)
{
    return record->membership[processor] % 4 == MEMBER_ONLINE &&
           torture_is_unchanged(record, processor);
}

static bool is_surely_offline(const struct torture_record *record, unsigned processor)
{
    return record->membership[processor] % 4 == MEMBER_OFFLINE &&
           torture_is_unchanged(record, processor);
}

static bool is_asked(const struct torture_record *record, unsigned processor)
{
    return record->action.everybody || processor_set_contains(&record->action.targets, processor);
}

/* ---- the status ---- */

static bool all_targets_surely_online(const struct torture_record *record)
{
    processor_set_for_each(processor, &record->action.targets) {
        if (!is_surely_online(record, processor)) {
            return false;
        }
    }
    return true;
}

/* Each status must have its cause. */
static void verify_status(struct torture_lane *lane, const struct torture_record *record)
{
    const struct torture_action *action = &record->action;

    switch (record->status) {
    case RENDEZVOUS_OK:
        break;
    case RENDEZVOUS_OFFLINE:
        lane->counts[COUNT_TARGET_OFFLINE]++;
        TORTURE_CHECK(record, "X", !action->everybody && !all_targets_surely_online(record));
        break;
    case RENDEZVOUS_BUSY:
    case RENDEZVOUS_ABSENT:
        lane->counts[record->status == RENDEZVOUS_BUSY ? COUNT_BUSY : COUNT_ABSENT]++;
        TORTURE_CHECK(record, "X", action->timeout_ms != 0);
        break;
    default:
        TORTURE_FAIL(record, "X", "the status is a possible one");
        break;
    }
}

/* ---- a processor's part ---- */

static enum rendezvous_phase last_phase(const struct torture_record *record)
{
    return (enum rendezvous_phase)(31 - __builtin_clz(record->action.phases));
}

/* The phase whose value is returned. */
static enum rendezvous_phase telling_phase(const struct torture_record *record)
{
    return record->action.phases >> RENDEZVOUS_ACTION & 1 ? RENDEZVOUS_ACTION : last_phase(record);
}

/* K4: all ran or none did; every processor that had to run did, and no other. */
static void verify_run(const struct torture_record *record, unsigned processor, bool ran)
{
    bool ok = record->status == RENDEZVOUS_OK;

    if (!ok || !is_asked(record, processor)) {
        TORTURE_CHECK(record, "K4", !ran);
    } else if (!record->action.everybody || is_surely_online(record, processor)) {
        TORTURE_CHECK(record, "K4", ran);
    } else if (is_surely_offline(record, processor)) {
        TORTURE_CHECK(record, "K4", !ran);
    }
}

/* K2: the watched processor's stores before its arrival were visible; K8: so are the replies. */
static void verify_stores(const struct torture_record *record, unsigned processor)
{
    const struct torture_part *part = &record->parts[processor];

    for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
        if (record->action.phases >> phase & 1) {
            TORTURE_CHECK(record, "K8",
                          part->replies[phase] ==
                              torture_reply(record, processor, (enum rendezvous_phase)phase));
        }
    }
    if (part->watched != processor) {
        TORTURE_CHECK(record, "K2", part->seen >= record->parts[part->watched].own);
    }
}

/* The kernel's report; its times are those of that processor's own clock. */
static void verify_report(const struct torture_record *record, unsigned processor, bool ran)
{
    const struct rendezvous_report *report = &record->reports[processor];

    TORTURE_CHECK(record, "X", (report->part == RENDEZVOUS_FINISHED) == ran);
    if (ran) {
        TORTURE_CHECK(record, "X",
                      report->returned == torture_reply(record, processor, telling_phase(record)));
        TORTURE_CHECK(record, "X", report->arrived_ns <= report->released_ns);
        TORTURE_CHECK(record, "X", report->released_ns <= report->started_ns);
        TORTURE_CHECK(record, "X", report->started_ns <= report->finished_ns);
        return;
    }
    TORTURE_CHECK(record, "X", report->part != RENDEZVOUS_UNFINISHED);
    TORTURE_CHECK(record, "X", report->part != RENDEZVOUS_CUT_SHORT);
    if (!is_asked(record, processor) || record->status == RENDEZVOUS_BUSY) {
        TORTURE_CHECK(record, "X", report->part == RENDEZVOUS_NOT_ASKED);
    }
}

/* Returns whether it ran. */
static bool verify_part(const struct torture_record *record, unsigned processor)
{
    unsigned all = 2 * torture_count_phases(record->action.phases);
    unsigned steps = atomic_load_explicit(&record->parts[processor].progress, memory_order_relaxed);
    bool ran = steps == all;

    TORTURE_CHECK(record, "K4", ran || steps == 0);
    verify_run(record, processor, ran);
    if (ran) {
        verify_stores(record, processor);
    }
    if (record->action.reported) {
        verify_report(record, processor, ran);
    }
    return ran;
}

/* ---- the call ---- */

static void measure_skew(struct torture_processor *self, const struct torture_record *record)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    unsigned started = 0;

    for (unsigned i = 0; i < processor_count; i++) {
        const struct rendezvous_report *report = &record->reports[i];
        if (report->part == RENDEZVOUS_FINISHED) {
            first_ns = report->started_ns < first_ns ? report->started_ns : first_ns;
            last_ns = report->started_ns > last_ns ? report->started_ns : last_ns;
            started++;
        }
    }
    if (started > 1) {
        torture_measure(&self->skews, (uint64_t)(last_ns - first_ns));
    }
}

void torture_verify(struct torture_processor *self, struct torture_lane *lane,
                    const struct torture_record *record)
{
    unsigned phases = torture_count_phases(record->action.phases);
    bool unchanged = true;

    verify_status(lane, record);
    for (unsigned i = 0; i < processor_count; i++) {
        if (verify_part(record, i)) {
            lane->counts[COUNT_ROUTINES_VERIFIED] += phases;
        }
        unchanged &= torture_is_unchanged(record, i);
    }
    lane->counts[COUNT_BESIDE_CHANGE] += !unchanged;
    if (record->action.reported && lane->depth == 0) {
        measure_skew(self, record);
    }
}
