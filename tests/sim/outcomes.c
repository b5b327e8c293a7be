/* SPDX-License-Identifier: MIT */
/*
 * The clauses of the contract, asserted about the outcome of a call: on the leader's result while
 * the call still has the turn (sim_on_result), and on what the caller is given (check_call_end,
 * check_request_end). Calls that end in a bug check are in survive.c.
 */
#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/wait.h"
#include "tests/sim/checks.h"

/* When each processor's arrival at its latest call became visible. */
static struct {
    uint64_t generation, ticks;
} arrivals[EXPLORE_PROCESSORS];

struct check_led check_led[EXPLORE_PROCESSORS];

static uint64_t gone;       /* processors that have left */
static uint64_t flushed;    /* have flushed their translations since they left */
static uint64_t serialized; /* have executed a serialising instruction */

void outcomes_reset(void)
{
    memset(arrivals, 0, sizeof arrivals);
    memset(check_led, 0, sizeof check_led);
    gone = flushed = serialized = 0;
    survive_reset();
    ladder_reset();
}

void outcomes_register_state(void)
{
    state_add(arrivals, sim_count * sizeof arrivals[0], true);
    state_add(check_led, sim_count * sizeof check_led[0], true);
    state_add(&gone, sizeof gone, true);
    state_add(&flushed, sizeof flushed, true);
    state_add(&serialized, sizeof serialized, true);
    survive_register_state();
    ladder_register_state();
}

/* ---- processors that leave ---- */

bool outcomes_is_gone(unsigned processor)
{
    return (gone >> processor & 1) != 0;
}

void check_gone(bool left)
{
    uint64_t bit = 1ull << sim_self->index;

    if (left == ((check_online() & bit) != 0)) {
        check_fail("C4", "processor %u has %s, and the set of those online is 0x%x",
                   sim_self->index, left ? "left" : "come", check_online());
    }
    if (left) {
        gone |= bit;
        flushed &= ~bit;
        serialized &= ~bit;
        sim_self->pending = 0; /* as INIT does */
        return;
    }
    gone &= ~bit;
    if ((flushed & serialized & bit) == 0) {
        check_fail("C4", "processor %u returns with what it knew about memory before",
                   sim_self->index);
    }
}

void outcomes_flushed(unsigned processor)
{
    flushed |= 1ull << processor;
}

void outcomes_serialized(unsigned processor)
{
    serialized |= 1ull << processor;
}

/* ---- what the leader knows at the end (its call still has the turn) ---- */

void check_reached(unsigned processor)
{
    uint64_t generation = sim_read(&processors[processor]->seat.reached, 8) >> 3;

    if (arrivals[processor].generation != generation) {
        arrivals[processor].generation = generation;
        arrivals[processor].ticks = explore_world.now_ticks;
    }
}

bool check_came(unsigned processor, uint64_t generation)
{
    return arrivals[processor].generation == generation;
}

bool check_came_earlier(unsigned processor, uint64_t generation)
{
    return check_came(processor, generation) && arrivals[processor].ticks < explore_world.now_ticks;
}

uint64_t check_patience_ticks(void)
{
    return patience_get_ms() * arch_ticks_per_ms() + 1;
}

/* Was a call late before it was sent? The result does not say which of them was. */
static bool was_late_when_sent(uint64_t sent_ticks)
{
    for (unsigned i = 0; i < CHECK_CALLS; i++) {
        const struct call *call = &check_calls[i];
        if (call->state != CALL_NONE && call->timeout_ticks != 0 &&
            sent_ticks - call->began_ticks >= call->timeout_ticks) {
            return true;
        }
    }
    return false;
}

/* A visible arrival before time first leapt was in time; leaving may still be late. */
static void check_missing(const struct rendezvous_result *result, unsigned processor)
{
    bool in_time = arrivals[processor].generation == result->generation &&
                   arrivals[processor].ticks == result->sent_ticks;

    if (result->status == RENDEZVOUS_ABSENT && in_time && !was_late_when_sent(result->sent_ticks) &&
        explore_world.now_ticks - result->sent_ticks < 2 * check_patience_ticks()) {
        check_fail("B3", "processor %u is named, and it has arrived", processor);
    }
}

static bool is_missing(const struct rendezvous_result *result, unsigned processor)
{
    return result->status != RENDEZVOUS_OK && processor_set_contains(result->missing, processor);
}

/* Nobody except the named processors and the leader itself is still in the call. */
static void check_left_it(const struct rendezvous_result *result, unsigned processor)
{
    if (processor != sim_self->index &&
        sim_read(&processors[processor]->seat.done, 8) != result->generation) {
        check_fail(result->status == RENDEZVOUS_OK ? "K5" : "B3",
                   "the call is over, and processor %u is still in it", processor);
    }
}

void sim_on_result(const struct rendezvous_result *result)
{
    unsigned self = sim_self->index, missing = 0, members = 0;

    if (result->generation == 0) {
        return; /* withdrawn before any processor arrived */
    }
    for (unsigned i = 0; i < sim_count; i++) {
        if (!processor_set_contains(result->members, i)) {
            continue;
        }
        members |= 1u << i;
        if (is_missing(result, i)) {
            check_missing(result, i);
            missing |= 1u << i;
        } else {
            check_left_it(result, i);
        }
    }
    if (result->status != RENDEZVOUS_OK && missing == 0) {
        check_fail("B3", "processor %u gives up a call from which nobody is missing", self);
    }
    if (result->status == RENDEZVOUS_OK && round_is_irregular(result->generation)) {
        check_fail("K4", "a member says that its part was not as it must be");
    }
    ladder_call_ends(members, missing);
    check_led[self].status = result->status;
    check_led[self].waited_ticks = explore_world.now_ticks - result->sent_ticks;
    check_led[self].missing = missing;
}

/* ---- what the caller of KeIpiGenericCall() sees ---- */

/* Every member ran every phase of the call. */
static void check_ran(const struct call *call)
{
    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        bool exists = call->routines[i] != NULL;
        if (exists && call->started[i] != call->members) {
            check_fail("K4", "the call of processor %u is over, phase %u run by 0x%x of 0x%x",
                       call->caller, i, call->started[i], call->members);
        }
        if (exists && call->finished[i] != call->members) {
            check_fail("K5", "the call of processor %u is over, phase %u finished by 0x%x of 0x%x",
                       call->caller, i, call->finished[i], call->members);
        }
    }
}

uint16_t check_call_end(unsigned processor)
{
    struct call *call = &check_calls[processor];

    check_restored(call);
    if (call->members == 0) {
        check_fail("K4", "the call of processor %u returns, run by nobody", processor);
    }
    check_ran(call);
    if (call->routines[RENDEZVOUS_ACTION] == NULL && call->flushed != call->members) {
        check_fail("C6", "the flush of processor %u returns, done by the processors 0x%x only",
                   processor, call->flushed);
    }
    uint16_t members = call->members;
    *call = (struct call){ .state = CALL_NONE };
    return members;
}

/* ---- what the caller of rendezvous_call() and its relatives sees ---- */

/* A deadline was due: the call's, or the kernel's, which applies to routines. */
static void check_overdue(const struct call *call, enum rendezvous_status status)
{
    bool own = call->timeout_ticks != 0 && status != RENDEZVOUS_STUCK;
    uint64_t timeout = own ? call->timeout_ticks : check_patience_ticks() - 1;

    if (explore_world.now_ticks - call->began_ticks <= timeout) {
        check_fail("X", "the call of processor %u is given up before its deadline", call->caller);
    }
}

static void check_nothing_ran(const struct call *call, enum rendezvous_status status)
{
    if (!call_is_untouched(call)) {
        check_fail("X", "the call of processor %u ends with status %u, run by 0x%x", call->caller,
                   status, call->started[0] | call->started[1] | call->started[2]);
    }
}

/* Cut short: they finished a phase whose successor no processor has begun; there must be one. */
static void check_cut_short(const struct call *call, uint16_t processors_cut)
{
    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        unsigned next = i + 1;
        while (next < RENDEZVOUS_PHASES && call->routines[next] == NULL) {
            next++;
        }
        if (call->routines[i] != NULL && next < RENDEZVOUS_PHASES && call->started[next] == 0) {
            if ((processors_cut & ~call->finished[i]) == 0) {
                return;
            }
        }
    }
    check_fail("X", "the processors 0x%x are called cut short, and were not", processors_cut);
}

/* STUCK: each processor has done what the report says. */
static void check_stuck(const struct call *call, const struct check_parts *parts)
{
    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        unsigned wrong = parts->of[RENDEZVOUS_FINISHED] & ~call->finished[i];
        if (call->routines[i] != NULL && wrong != 0) {
            check_fail("X", "the processors 0x%x are called finished, and phase %u is not", wrong,
                       i);
        }
    }
    if (parts->of[RENDEZVOUS_CUT_SHORT] != 0) {
        check_cut_short(call, parts->of[RENDEZVOUS_CUT_SHORT]);
    }
    if (parts->of[RENDEZVOUS_UNFINISHED] == 0) {
        check_fail("X", "the call of processor %u is stuck, and nobody is named", call->caller);
    }
}

/* The parts that a status allows: together they hold exactly the members, each once. */
static void check_parts_fit(const struct call *call, enum rendezvous_status status,
                            const struct check_parts *parts)
{
    static const uint8_t allowed[][CHECK_PARTS] = {
        [RENDEZVOUS_OK] = { [RENDEZVOUS_FINISHED] = true },
        [RENDEZVOUS_OFFLINE] = { [RENDEZVOUS_NOT_ONLINE] = true },
        [RENDEZVOUS_ABSENT] = { [RENDEZVOUS_DID_NOT_COME] = true, [RENDEZVOUS_ARRIVED] = true },
        [RENDEZVOUS_STUCK] = { [RENDEZVOUS_UNFINISHED] = true,
                               [RENDEZVOUS_CUT_SHORT] = true,
                               [RENDEZVOUS_FINISHED] = true },
    };
    unsigned told = 0;

    for (unsigned i = RENDEZVOUS_NOT_ASKED + 1; i < CHECK_PARTS; i++) {
        told |= parts->of[i];
        if (parts->of[i] != 0 &&
            (status >= sizeof allowed / sizeof allowed[0] || !allowed[status][i])) {
            check_fail("X", "status %u, and part %u of the processors 0x%x", status, i,
                       parts->of[i]);
        }
    }
    bool some = status == RENDEZVOUS_OFFLINE || status == RENDEZVOUS_BUSY;
    if (some ? (told & ~(unsigned)call->members) != 0 && !call->everybody
             : told != call->members && call->members != 0) {
        check_fail("X", "the call to the processors 0x%x reports on 0x%x", call->members, told);
    }
}

static bool is_failure_in_time(enum rendezvous_status status)
{
    return status == RENDEZVOUS_BUSY || status == RENDEZVOUS_ABSENT || status == RENDEZVOUS_STUCK;
}

void check_request_end(unsigned slot, enum rendezvous_status status,
                       const struct check_parts *parts)
{
    struct call *call = &check_calls[slot];

    if (call->state == CALL_MADE) {
        check_restored(call);
    }
    if (is_failure_in_time(status)) {
        check_overdue(call, status);
    }
    check_parts_fit(call, status, parts);
    if (status == RENDEZVOUS_OK) {
        check_ran(call);
        *call = (struct call){ .state = CALL_NONE };
        return;
    }
    if (status == RENDEZVOUS_STUCK) {
        check_stuck(call, parts);
    } else {
        check_nothing_ran(call, status);
    }
    call->unfinished = parts->of[RENDEZVOUS_UNFINISHED];
    call->state = status == RENDEZVOUS_STUCK ? CALL_STUCK : CALL_NEVER;
}
