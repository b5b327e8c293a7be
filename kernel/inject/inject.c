/* SPDX-License-Identifier: MIT */
/*
 * What the rules do, at each place where the kernel calls in.
 *
 * The list of rules. The boot processor adds rules while no call is under way; a rule is complete
 * before it is counted (release, acquire). The boot processor also empties the list while no call
 * is under way. It then sees every processor in its idle loop before it writes the next rule, since
 * a processor may still be on its way out of a call. In between, only the atomic counters of a rule
 * change.
 *
 * Doorbells held back. Each is represented by the time at which it is due. A processor that waits
 * for anything, or idles, sends it once that time has come, so the time is a minimum. While a
 * doorbell is held back, no such processor halts, so at least the one that held it back is awake
 * to send it. A second doorbell held back by the same rule merges with the first, as doorbells do,
 * and both are due at the later time.
 *
 * Storms. The interrupts are sent by all processors except their target, at each place that they
 * pass. The next one is sent after the last was answered. So none merges with another, each is
 * expected, and an interrupt that nobody sent is still noticed (B5). There is one exception: if the
 * watchdog asks at the same time, its question may be answered before its own interrupt comes.
 *
 * Wedges. A wedged processor takes part in nothing. Its loop looks only at the clock, not even for
 * a bug check, so the report shows it as it would show a processor in a loop of its own.
 */
#include "kernel/console/log.h"
#include "kernel/inject/armed.h"
#include "kernel/inject/inject.h"
#include "kernel/processors/life.h"

#define ANNOUNCED 4 /* this many strikes of a rule are printed, one line each */

struct inject_armed inject_armed[INJECT_RULE_LIMIT];
_Atomic unsigned inject_armed_count;

static uint64_t us_to_ticks(uint64_t us)
{
    return us * arch_ticks_per_ms() / 1000;
}

/* ---- striking ---- */

void inject_announce(struct inject_armed *item)
{
    uint32_t strike = atomic_fetch_add_explicit(&item->strikes, 1, memory_order_relaxed) + 1;

    if (strike <= ANNOUNCED) {
        log_line("inject struck=%s by=%u strike=%u", item->rule.text, arch_processor()->index,
                 strike);
    }
}

/* The event of the rule has happened once more. Is this one of the times that the rule names? */
static bool hits(struct inject_armed *item)
{
    uint32_t number = atomic_fetch_add_explicit(&item->passed, 1, memory_order_relaxed) + 1;

    if (number < item->rule.first || number > item->rule.last) {
        return false;
    }
    inject_announce(item);
    return true;
}

/* ---- doorbells ---- */

static void send_one(const struct inject_rule *rule, unsigned processor)
{
    struct processor_set target = { 0 };

    processor_set_add(&target, processor);
    (rule->wake ? arch_wake : arch_ring_doorbell)(&target);
}

/* Release: it is sent after all earlier stores of this processor, as a doorbell must be. */
static void hold_back(struct inject_armed *item)
{
    uint64_t due_ticks = arch_ticks() + us_to_ticks(item->rule.amount);
    atomic_store_explicit(&item->due_ticks, due_ticks, memory_order_release);
}

/* Returns true if this rule still holds one back. */
static bool send_if_due(struct inject_armed *item, uint64_t now_ticks)
{
    uint64_t due_ticks = atomic_load_explicit(&item->due_ticks, memory_order_acquire);

    if (due_ticks == 0) {
        return false;
    }
    if (now_ticks < due_ticks) {
        return true;
    }
    if (atomic_compare_exchange_strong_explicit(&item->due_ticks, &due_ticks, 0,
                                                memory_order_acq_rel, memory_order_relaxed)) {
        send_one(&item->rule, item->rule.processor);
    }
    return false;
}

bool inject_send_due(uint64_t now_ticks)
{
    bool holds = false;

    for (unsigned i = 0; i < inject_count_armed(); i++) {
        holds |= send_if_due(&inject_armed[i], now_ticks);
    }
    return holds;
}

/* Among the doorbells about to be rung for `targets`, the one of this rule goes astray. */
static void lead_astray(struct inject_armed *item, struct processor_set *targets)
{
    const struct inject_rule *rule = &item->rule;

    if (rule->kind == INJECT_DELAY || rule->kind == INJECT_DUPLICATE) {
        hold_back(item);
    }
    if (rule->kind != INJECT_DUPLICATE) {
        processor_set_remove(targets, rule->processor);
    }
    if (rule->kind == INJECT_MISDIRECT) {
        processor_set_add(targets, rule->other);
    }
}

static bool concerns_bell(const struct inject_rule *rule, bool wake,
                          const struct processor_set *targets)
{
    return rule->kind <= INJECT_MISDIRECT && rule->wake == wake &&
           processor_set_contains(targets, rule->processor);
}

static void ring(const struct processor_set *targets, bool wake)
{
    struct processor_set rest;

    processor_set_copy(&rest, targets);
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        if (concerns_bell(&inject_armed[i].rule, wake, targets) && hits(&inject_armed[i])) {
            lead_astray(&inject_armed[i], &rest);
        }
    }
    (wake ? arch_wake : arch_ring_doorbell)(&rest);
    (void)inject_send_due(arch_ticks());
}

static void ring_doorbell(const struct processor_set *targets)
{
    ring(targets, false);
}

static void ring_wake(const struct processor_set *targets)
{
    ring(targets, true);
}

/* ---- wedges, pauses and faults ---- */

/* Does nothing for `limit_ticks`; 0: for ever. */
static __attribute__((noinline)) void injected_hang(uint64_t limit_ticks)
{
    uint64_t began_ticks = arch_ticks();

    while (limit_ticks == 0 || arch_ticks() - began_ticks < limit_ticks) {
        arch_relax();
    }
}

static void wedge(struct inject_armed *item)
{
    /* Release: await_wedge() waits for this. */
    atomic_store_explicit(&item->wedged, true, memory_order_release);
    injected_hang((uint64_t)item->rule.amount * arch_ticks_per_ms());
    atomic_store_explicit(&item->wedged, false, memory_order_release);
}

static void pause_for(uint64_t us)
{
    uintptr_t interrupts = arch_interrupts_save();
    injected_hang(us_to_ticks(us));
    arch_interrupts_restore(interrupts);
}

void inject_act(struct inject_armed *item)
{
    switch (item->rule.kind) {
    case INJECT_WEDGE:
        wedge(item);
        log_line("inject released=%s processor=%u", item->rule.text, item->rule.processor);
        break;
    case INJECT_PAUSE:
        pause_for(item->rule.amount);
        break;
    case INJECT_FAULT:
        arch_raise_fault(item->rule.fault);
        break;
    default:
        break;
    }
}

/* Called like the worker itself: on the same stack, with the same ABI. */
static uintptr_t __attribute__((ms_abi)) injected_worker(uintptr_t argument)
{
    inject_act((struct inject_armed *)argument);
    return 0;
}

/* ---- the unmaskable interrupt ---- */

void inject_send_unmaskable(const struct inject_rule *rule)
{
    struct processor_set target = { 0 };

    processor_set_add(&target, rule->processor);
    arch_send_unmaskable(&target);
}

/* Sends the next interrupt of the storm if the last was answered; only one processor does. */
static void storm(struct inject_armed *item, const struct processor *self)
{
    uint32_t sent = atomic_load_explicit(&item->sent, memory_order_relaxed);
    uint32_t answered = atomic_load_explicit(&item->answered, memory_order_relaxed);

    if (item->rule.kind == INJECT_STORM && item->rule.processor != self->index &&
        sent == answered && sent < item->rule.amount &&
        processor_is_running(item->rule.processor) &&
        atomic_compare_exchange_strong_explicit(&item->sent, &sent, sent + 1, memory_order_relaxed,
                                                memory_order_relaxed)) {
        inject_send_unmaskable(&item->rule);
    }
}

static void storm_on(const struct processor *self)
{
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        storm(&inject_armed[i], self);
    }
}

/*
 * An injected interrupt may answer the watchdog's question before the watchdog's own interrupt
 * comes. That one then belongs to no open question, and is expected here. Each element is used only
 * by its processor, in the interrupt's handler.
 */
static bool one_may_follow[PROCESSOR_LIMIT];

static bool has_followed(const struct processor *self, bool injected, bool asked)
{
    bool follows = one_may_follow[self->index] && !injected && !asked;

    one_may_follow[self->index] = (one_may_follow[self->index] && !follows) || (injected && asked);
    return follows;
}

/*
 * Serves every rule that waits for it, since two interrupts may have merged. It must not print: the
 * interrupt may have come in the middle of the log's own work.
 */
bool inject_answer(bool asked)
{
    const struct processor *self = arch_processor();
    bool expected = false;

    for (unsigned i = 0; i < inject_count_armed(); i++) {
        struct inject_armed *item = &inject_armed[i];
        uint32_t sent = atomic_load_explicit(&item->sent, memory_order_relaxed);
        if (item->rule.processor != self->index ||
            atomic_load_explicit(&item->answered, memory_order_relaxed) == sent) {
            continue;
        }
        atomic_store_explicit(&item->answered, sent, memory_order_relaxed);
        expected = true;
        if (item->rule.kind == INJECT_WEDGE) {
            wedge(item);
        } else {
            atomic_fetch_add_explicit(&item->strikes, 1, memory_order_relaxed);
        }
    }
    return has_followed(self, expected, asked) || expected;
}

/* ---- the places ---- */

static void reach(enum hook_point point)
{
    const struct processor *self = arch_processor();

    for (unsigned i = 0; i < inject_count_armed(); i++) {
        struct inject_armed *item = &inject_armed[i];
        if (item->rule.kind < INJECT_WEDGE || item->rule.kind > INJECT_PAUSE ||
            item->rule.processor != self->index || item->rule.place != point || !hits(item)) {
            continue;
        }
        if (point == HOOK_WORKER) {
            (void)arch_call_worker(injected_worker, (uintptr_t)item);
        } else {
            inject_act(item);
        }
    }
    storm_on(self);
}

static bool pass(void)
{
    storm_on(arch_processor());
    return inject_send_due(arch_ticks());
}

const struct hooks inject_hooks = {
    .reach = reach,
    .ring = ring_doorbell,
    .wake = ring_wake,
    .pass = pass,
};
