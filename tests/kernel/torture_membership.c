/* SPDX-License-Identifier: MIT */
/*
 * Processors that go offline and come back while calls are made (C4).
 *
 * A processor goes offline from its idle loop, so it must leave its loop of calls first, and that
 * loop must be started again when it is back. `stage` shows the state.
 *
 *              the requester             the processor              the requester
 *   RUNNING ------------------> ASKED -------------------> LEFT ---------------------> OFF
 *      ^                          |                          |                          |
 *      |<---- not changed --------+<----- not changed -------+                          |
 *      |                              (its loop is started again)                       |
 *      +<------- loop started -------- STARTING <---------------------------------------+
 *
 * Any processor may ask for a change at any time. The kernel makes one change at a time: it refuses
 * a second one, whose requester restores the stage.
 *
 * `membership` is incremented before and after each requested change. If it is the same before and
 * after a call, and shows ONLINE or OFFLINE, the processor was in that state during the whole call.
 * No memory ordering is needed, since a change of the set and a call each have the turn, one after
 * the other.
 */
#include "kernel/processors/life.h"
#include "tests/kernel/torture.h"

#define CHANGE_ONE_IN 96 /* actions */
#define GO_ONE_IN     3  /* attempts to go, while others are offline */

static bool move_stage(struct torture_processor *processor, uint32_t from, uint32_t to)
{
    return atomic_compare_exchange_strong(&processor->stage, &from, to);
}

/* Only the processor that moved the stage changes it. */
static void count_membership(struct torture_processor *processor, unsigned steps)
{
    atomic_fetch_add_explicit(&processor->membership, steps, memory_order_relaxed);
}

bool torture_must_leave(struct torture_processor *self)
{
    return atomic_load_explicit(&self->stage, memory_order_relaxed) == STAGE_ASKED &&
           move_stage(self, STAGE_ASKED, STAGE_LEFT);
}

/* Checks why a change was not made. */
static void count_refusal(struct torture_lane *lane, enum processor_change change)
{
    if (change == PROCESSOR_CHANGE_PENDING) {
        lane->counts[COUNT_CHANGE_PENDING]++;
    } else if (change == PROCESSOR_OCCUPIED) {
        lane->counts[COUNT_CHANGE_OCCUPIED]++;
    } else {
        TORTURE_FAIL(NULL, "C4", "a change is made, or another one is in progress");
    }
}

static void take_offline(struct torture_lane *lane, unsigned target)
{
    struct torture_processor *processor = &torture_processors[target];

    if (!move_stage(processor, STAGE_RUNNING, STAGE_ASKED)) {
        return;
    }
    count_membership(processor, MEMBER_LEAVING - MEMBER_ONLINE);
    enum processor_change change = processor_offline(target);
    if (change == PROCESSOR_CHANGED) {
        count_membership(processor, MEMBER_OFFLINE - MEMBER_LEAVING);
        lane->counts[COUNT_WENT]++;
        atomic_store(&processor->stage, STAGE_OFF);
        return;
    }
    count_refusal(lane, change);
    count_membership(processor, 4 + MEMBER_ONLINE - MEMBER_LEAVING);
    if (!move_stage(processor, STAGE_ASKED, STAGE_RUNNING)) {
        torture_start_loop(target);
    }
}

static bool bring_online(struct torture_lane *lane, unsigned target)
{
    struct torture_processor *processor = &torture_processors[target];

    if (!move_stage(processor, STAGE_OFF, STAGE_STARTING)) {
        return false;
    }
    count_membership(processor, MEMBER_ENTERING - MEMBER_OFFLINE);
    enum processor_change change = processor_online(target);
    if (change != PROCESSOR_CHANGED) {
        count_refusal(lane, change);
        count_membership(processor, 4 + MEMBER_OFFLINE - MEMBER_ENTERING);
        atomic_store(&processor->stage, STAGE_OFF);
        return false;
    }
    count_membership(processor, 4 + MEMBER_ONLINE - MEMBER_ENTERING);
    lane->counts[COUNT_CAME]++;
    return true;
}

/* The next offline processor, starting at `from` and wrapping around; `from` if there is none. */
static unsigned find_offline(unsigned from)
{
    for (unsigned i = 0; i < processor_count; i++) {
        unsigned processor = (from + i) % processor_count;
        if (atomic_load(&torture_processors[processor].stage) == STAGE_OFF) {
            return processor;
        }
    }
    return from;
}

/* More come than go; otherwise half of them would soon be offline. */
void torture_change(struct torture_lane *lane)
{
    if (processor_count == 1 || !torture_one_in(&lane->stream, CHANGE_ONE_IN)) {
        return;
    }
    unsigned target = 1 + torture_below(&lane->stream, processor_count - 1);
    if (!torture_one_in(&lane->stream, GO_ONE_IN)) {
        target = find_offline(target);
    }
    if (target == arch_processor()->index) {
        TORTURE_CHECK(NULL, "C4", processor_offline(target) != PROCESSOR_CHANGED);
        TORTURE_CHECK(NULL, "C4", processor_offline(0) != PROCESSOR_CHANGED);
    } else if (bring_online(lane, target)) {
        torture_start_loop(target);
    } else {
        take_offline(lane, target);
    }
}

void torture_bring_back(struct torture_lane *lane)
{
    for (unsigned i = 1; i < processor_count; i++) {
        if (atomic_load(&torture_processors[i].stage) == STAGE_OFF) {
            TORTURE_CHECK(NULL, "C4", bring_online(lane, i));
        }
    }
}
