/*
 * What the rules do, at each of the places where the kernel calls in.
 *
 * The list of rules grows by the boot processor while no call is under way; a rule is complete
 * before it counts (release, acquire). It is emptied likewise, and then every processor is seen in
 * its idle loop before the next rule is written: one may still be on its way out of a call. What
 * changes in between are the atomic counters of a rule.
 *
 * A doorbell that is held back is a time at which it is due. Whoever waits for anything sends it
 * then, so the time is a minimum. A second one that is held back by the same rule merges with the
 * first, as doorbells do, and both are due when the later is.
 *
 * The storm's interrupts are sent by all processors but their target, at each place that they pass,
 * the next one when the last was answered: so none merges with another, each is expected, and one
 * that nobody sent is still noticed (B5).
 *
 * A wedged processor does not take part in anything: its loop looks at the clock only, and not for
 * a bug check either, so the report tells of it what it would of a processor in a loop of its own.
 */
#include "kernel/inject.h"

#include "kernel/inject_rule.h"
#include "kernel/irql.h"
#include "kernel/log.h"
#include "kernel/processor.h"
#include "kernel/wait.h"
#include "lib/printf.h"
#include "lib/string.h"

#define ANNOUNCED 4 /* so many strikes of a rule are told one by one */

static struct armed {
    struct inject_rule rule;
    _Atomic uint32_t passed;    /* how often what the rule is about has happened */
    _Atomic uint32_t strikes;   /* how often it was interfered with */
    _Atomic uint64_t due_ticks; /* when a doorbell is sent that is held back; 0: none is */
    _Atomic uint32_t sent;      /* unmaskable interrupts to its processor, */
    _Atomic uint32_t answered;  /* and those that it has taken */
    _Atomic bool wedged;        /* its processor is in the loop */
} armed[INJECT_RULE_LIMIT];
static _Atomic unsigned armed_count;

static unsigned count_armed(void)
{
    return atomic_load_explicit(&armed_count, memory_order_acquire);
}

static uint64_t us_to_ticks(uint64_t us)
{
    return us * arch_ticks_per_ms() / 1000;
}

/* ---- striking ---- */

static void announce(struct armed *item)
{
    uint32_t strike = atomic_fetch_add_explicit(&item->strikes, 1, memory_order_relaxed) + 1;

    if (strike <= ANNOUNCED) {
        log_line("inject struck=%s by=%u strike=%u", item->rule.text, arch_processor()->index,
                 strike);
    }
}

/* What the rule is about happens once more: is it meant this time? */
static bool strikes(struct armed *item)
{
    uint32_t number = atomic_fetch_add_explicit(&item->passed, 1, memory_order_relaxed) + 1;

    if (number < item->rule.first || number > item->rule.last) {
        return false;
    }
    announce(item);
    return true;
}

/* ---- doorbells ---- */

static void send_one(const struct inject_rule *rule, unsigned processor)
{
    struct processor_set target = { 0 };

    processor_set_add(&target, processor);
    (rule->wake ? arch_wake : arch_ring_doorbell)(&target);
}

/* Release: who sends it does so after all that the sender had stored before. */
static void hold_back(struct armed *item)
{
    uint64_t due_ticks = arch_ticks() + us_to_ticks(item->rule.amount);
    atomic_store_explicit(&item->due_ticks, due_ticks, memory_order_release);
}

/* Returns true if one is still held back by this rule. */
static bool send_if_due(struct armed *item, uint64_t now_ticks)
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

/* Returns true if a doorbell is still held back. */
static bool send_due(uint64_t now_ticks)
{
    bool holds = false;

    for (unsigned i = 0; i < count_armed(); i++) {
        holds |= send_if_due(&armed[i], now_ticks);
    }
    return holds;
}

/* One of the doorbells that are about to be rung for `targets` goes astray. */
static void lead_astray(struct armed *item, struct processor_set *targets)
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
    for (unsigned i = 0; i < count_armed(); i++) {
        if (concerns_bell(&armed[i].rule, wake, targets) && strikes(&armed[i])) {
            lead_astray(&armed[i], &rest);
        }
    }
    (wake ? arch_wake : arch_ring_doorbell)(&rest);
    (void)send_due(arch_ticks());
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

/* Does nothing for so long; 0: for ever. */
static __attribute__((noinline)) void injected_hang(uint64_t limit_ticks)
{
    uint64_t began_ticks = arch_ticks();

    while (limit_ticks == 0 || arch_ticks() - began_ticks < limit_ticks) {
        arch_relax();
    }
}

static void wedge(struct armed *item)
{
    /* Release, for who waits until the processor is there. */
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

static void act(struct armed *item)
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

/* In the place of the routine, on its stack, by its ABI. */
static uintptr_t __attribute__((ms_abi)) injected_worker(uintptr_t argument)
{
    act((struct armed *)argument);
    return 0;
}

/* ---- the unmaskable interrupt ---- */

static void send_unmaskable(const struct inject_rule *rule)
{
    struct processor_set target = { 0 };

    processor_set_add(&target, rule->processor);
    arch_send_unmaskable(&target);
}

/* The next of the storm, if the last was answered; only one processor sends it. */
static void storm(struct armed *item, const struct processor *self)
{
    uint32_t sent = atomic_load_explicit(&item->sent, memory_order_relaxed);
    uint32_t answered = atomic_load_explicit(&item->answered, memory_order_relaxed);

    if (item->rule.kind == INJECT_STORM && item->rule.processor != self->index &&
        sent == answered && sent < item->rule.amount &&
        processor_is_running(item->rule.processor) &&
        atomic_compare_exchange_strong_explicit(&item->sent, &sent, sent + 1, memory_order_relaxed,
                                                memory_order_relaxed)) {
        send_unmaskable(&item->rule);
    }
}

static void storm_on(const struct processor *self)
{
    for (unsigned i = 0; i < count_armed(); i++) {
        storm(&armed[i], self);
    }
}

/* For all rules that wait for it, since two may have merged. It may have interrupted the log. */
static bool answer(void)
{
    const struct processor *self = arch_processor();
    bool expected = false;

    for (unsigned i = 0; i < count_armed(); i++) {
        struct armed *item = &armed[i];
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
    return expected;
}

/* ---- the places ---- */

static void reach(enum inject_point point)
{
    const struct processor *self = arch_processor();

    for (unsigned i = 0; i < count_armed(); i++) {
        struct armed *item = &armed[i];
        if (item->rule.kind < INJECT_WEDGE || item->rule.kind > INJECT_PAUSE ||
            item->rule.processor != self->index || item->rule.point != point || !strikes(item)) {
            continue;
        }
        if (point == INJECT_WORKER) {
            (void)arch_call_worker(injected_worker, (uintptr_t)item);
        } else {
            act(item);
        }
    }
    storm_on(self);
}

static bool turn(void)
{
    storm_on(arch_processor());
    return send_due(arch_ticks());
}

static const struct inject_hooks hooks = {
    .reach = reach,
    .ring = ring_doorbell,
    .wake = ring_wake,
    .turn = turn,
    .answer = answer,
};
const struct inject_hooks *inject_hooks;

void inject_prepare(void)
{
    inject_hooks = &hooks;
}

/* ---- arming ---- */

/* The idle processor of a wedge. */
static void sit_masked(void *argument)
{
    arch_interrupts_disable();
    act(argument);
    arch_interrupts_enable();
}

static void sit_at_high_level(void *argument)
{
    unsigned old_irql = irql_raise(IRQL_HIGH);
    act(argument);
    irql_lower(old_irql);
}

/* A wedge that is at no point of a call begins now. */
static bool begins_at_once(const struct inject_rule *rule)
{
    return rule->kind == INJECT_WEDGE && rule->point > INJECT_COLLECT;
}

static void await_wedge(struct armed *item)
{
    struct wait wait = wait_begin(1);

    while (!atomic_load_explicit(&item->wedged, memory_order_acquire)) {
        if (wait_turn(&wait) == WAIT_EXPIRED) {
            log_line("inject=%s: processor %u does not come", item->rule.text,
                     item->rule.processor);
            return;
        }
    }
}

static void begin_wedge(struct armed *item)
{
    announce(item);
    if (item->rule.point == INJECT_UNMASKABLE) {
        atomic_store_explicit(&item->sent, 1, memory_order_relaxed);
        send_unmaskable(&item->rule);
    } else {
        (void)processor_post(item->rule.processor,
                             item->rule.point == INJECT_MASKED ? sit_masked : sit_at_high_level,
                             item);
    }
    await_wedge(item);
}

/* Why the rule cannot be armed, NULL if it can. */
static const char *refused(const struct inject_rule *rule)
{
    if (rule->processor >= processor_count || !processor_is_online(rule->processor) ||
        rule->other >= processor_count) {
        return "there is no such processor online";
    }
    if (begins_at_once(rule) && rule->processor == arch_processor()->index) {
        return "this processor is the one that arms it";
    }
    return count_armed() == INJECT_RULE_LIMIT ? inject_expected(rule->text) : NULL;
}

/* Returns its number, or -1. */
static int arm(const struct inject_rule *rule)
{
    const char *reason = refused(rule);
    unsigned number = count_armed();

    if (reason != NULL) {
        log_line("inject=%s: %s: ignored", rule->text, reason);
        return -1;
    }
    memset(&armed[number], 0, sizeof(armed[number]));
    armed[number].rule = *rule;
    atomic_store_explicit(&armed_count, number + 1, memory_order_release);
    if (begins_at_once(rule)) {
        begin_wedge(&armed[number]);
    }
    return (int)number;
}

int inject_arm(const char *text)
{
    struct inject_rule rule;

    if (inject_parse(text, &rule) != 0) {
        log_line("inject=%s: expected %s: ignored", text, inject_expected(text));
        return -1;
    }
    return arm(&rule);
}

/* Those that begin at once come first: the work that is posted for them rings a doorbell, too. */
static void arm_all(const struct inject_rule *rules, unsigned count, bool at_once)
{
    for (unsigned i = 0; i < count; i++) {
        if (begins_at_once(&rules[i]) == at_once) {
            (void)arm(&rules[i]);
        }
    }
}

void inject_start(const struct inject_rule *rules, unsigned count)
{
    char line[LOG_LINE_SIZE];
    size_t length = 0;

    arm_all(rules, count, true);
    arm_all(rules, count, false);
    for (unsigned i = 0; i < count_armed(); i++) {
        length += printf_format(line + length, sizeof(line) - length, "%s%s", i == 0 ? "" : ",",
                                armed[i].rule.text);
    }
    if (length != 0) {
        log_line("inject armed=%s", line);
    }
}

uint32_t inject_strikes(int number)
{
    return atomic_load_explicit(&armed[number].strikes, memory_order_relaxed);
}

static void do_nothing(void *argument)
{
    (void)argument;
}

void inject_disarm(void)
{
    (void)send_due(UINT64_MAX);
    atomic_store_explicit(&armed_count, 0, memory_order_release);
    for (unsigned i = 1; i < processor_count; i++) {
        (void)processor_post(i, do_nothing, NULL);
    }
    for (unsigned i = 1; i < processor_count; i++) {
        processor_await(i);
    }
}

void inject_conclude(void)
{
    for (unsigned i = 0; i < count_armed(); i++) {
        log_line("inject rule=%s strikes=%u", armed[i].rule.text, inject_strikes((int)i));
    }
}
