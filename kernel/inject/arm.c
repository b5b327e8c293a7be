/* SPDX-License-Identifier: MIT */
/*
 * Arming and disarming rules: those of the command line at the start, those of a test as it runs.
 */
#include "kernel/console/log.h"
#include "kernel/inject/armed.h"
#include "kernel/inject/inject.h"
#include "kernel/irql.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"
#include "kernel/rendezvous/wait.h"
#include "lib/printf.h"
#include "lib/string.h"

void inject_prepare(void)
{
    hooks = &inject_hooks;
}

/* ---- the rules of the command line ---- */

static struct inject_rule asked[INJECT_RULE_LIMIT];
static unsigned asked_count;

static int store(struct cmdline *cmdline, const char *text, uint64_t number)
{
    struct inject_rule rule;

    (void)cmdline;
    (void)number;
    if (inject_parse(text, &rule) != 0 || asked_count == INJECT_RULE_LIMIT) {
        return -1;
    }
    asked[asked_count++] = rule;
    return 0;
}

const struct cmdline_option inject_options[] = {
    {
        .name = "inject",
        .text = "KIND:PROCESSOR:..., at most 8 times",
        .expected = inject_expected,
        .help = "make an interrupt go astray, or a processor hang or fault (a test aid)",
        .essential = true,
        .store = store,
    },
    { .name = NULL },
};

bool inject_is_asked(void)
{
    return asked_count != 0;
}

/* ---- wedges that begin at once ---- */

/* Work for the idle processor that is to hang. */
static void sit_masked(void *argument)
{
    arch_interrupts_disable();
    inject_act(argument);
    arch_interrupts_enable();
}

static void sit_at_high_level(void *argument)
{
    unsigned old_irql = irql_raise(IRQL_HIGH);
    inject_act(argument);
    irql_lower(old_irql);
}

/* Does it begin as soon as it is armed? A wedge that is not at a point of a call does. */
static bool begins_at_once(const struct inject_rule *rule)
{
    return rule->kind == INJECT_WEDGE && rule->place >= HOOK_POINTS;
}

static void await_wedge(struct inject_armed *item)
{
    struct wait wait = wait_begin(1);

    while (!atomic_load_explicit(&item->wedged, memory_order_acquire)) {
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            log_line("inject=%s: processor %u did not get there in time", item->rule.text,
                     item->rule.processor);
            return;
        }
    }
}

static void begin_wedge(struct inject_armed *item)
{
    inject_announce(item);
    if (item->rule.place == INJECT_UNMASKABLE) {
        atomic_store_explicit(&item->sent, 1, memory_order_relaxed);
        inject_send_unmaskable(&item->rule);
    } else {
        (void)work_post(item->rule.processor,
                        item->rule.place == INJECT_MASKED ? sit_masked : sit_at_high_level, item);
    }
    await_wedge(item);
}

/* A wedged processor takes no work, so posting more would mean waiting for ever. */
static bool is_wedged(unsigned processor)
{
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        const struct inject_rule *rule = &inject_armed[i].rule;
        if (begins_at_once(rule) && rule->processor == processor) {
            return true;
        }
    }
    return false;
}

/* Why the rule cannot be armed, NULL if it can. */
static const char *refused(const struct inject_rule *rule)
{
    if (rule->processor >= processor_count || !processor_is_online(rule->processor) ||
        rule->other >= processor_count) {
        return "it is about a processor that is not online";
    }
    if (begins_at_once(rule) && rule->processor == arch_processor()->index) {
        return "processor 0, which arms it, cannot wait for itself";
    }
    if (begins_at_once(rule) && is_wedged(rule->processor)) {
        return "another rule has wedged that processor";
    }
    return inject_count_armed() == INJECT_RULE_LIMIT ? inject_expected(rule->text) : NULL;
}

/* Returns the number of the armed rule, or -1. */
static int arm(const struct inject_rule *rule)
{
    const char *reason = refused(rule);
    unsigned number = inject_count_armed();

    if (reason != NULL) {
        log_line("inject=%s: %s: refused", rule->text, reason);
        return -1;
    }
    memset(&inject_armed[number], 0, sizeof(inject_armed[number]));
    inject_armed[number].rule = *rule;
    atomic_store_explicit(&inject_armed_count, number + 1, memory_order_release);
    if (begins_at_once(rule)) {
        begin_wedge(&inject_armed[number]);
    }
    return (int)number;
}

int inject_arm(const char *text)
{
    struct inject_rule rule;

    if (inject_parse(text, &rule) != 0) {
        log_line("inject=%s: expected %s: refused", text, inject_expected(text));
        return -1;
    }
    return arm(&rule);
}

/* Stops at the first rule that cannot be armed. */
static bool arm_all(bool at_once)
{
    for (unsigned i = 0; i < asked_count; i++) {
        if (begins_at_once(&asked[i]) == at_once && arm(&asked[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* Those that begin at once are armed first: the work posted for them also rings a doorbell. */
bool inject_start(void)
{
    char line[LOG_LINE_SIZE];
    size_t length = 0;

    if (!arm_all(true) || !arm_all(false)) {
        return false;
    }
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        length += printf_format(line + length, sizeof(line) - length, "%s%s", i == 0 ? "" : ",",
                                inject_armed[i].rule.text);
    }
    if (length != 0) {
        log_line("inject armed=%s", line);
    }
    return true;
}

uint32_t inject_strikes(int number)
{
    return atomic_load_explicit(&inject_armed[number].strikes, memory_order_relaxed);
}

static void do_nothing(void *argument)
{
    (void)argument;
}

/*
 * Only its rule distinguishes an injected unmaskable interrupt from one that nobody sent. So the
 * rule must stay until the last interrupt is answered. Then `sent` is set to the full amount, as if
 * all had been sent, so that no processor sends another.
 */
static void end_storm(struct inject_armed *item)
{
    uint64_t limit_ticks = patience_ticks();
    uint64_t began_ticks = arch_ticks();
    uint32_t answered;

    do {
        arch_relax();
        answered = atomic_load_explicit(&item->answered, memory_order_relaxed);
    } while (!atomic_compare_exchange_strong_explicit(&item->sent, &answered, item->rule.amount,
                                                      memory_order_relaxed, memory_order_relaxed) &&
             arch_ticks() - began_ticks < limit_ticks);
}

void inject_disarm(void)
{
    (void)inject_send_due(UINT64_MAX);
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        if (inject_armed[i].rule.kind == INJECT_STORM) {
            end_storm(&inject_armed[i]);
        }
    }
    atomic_store_explicit(&inject_armed_count, 0, memory_order_release);
    for (unsigned i = 1; i < processor_count; i++) {
        (void)work_post(i, do_nothing, NULL);
    }
    for (unsigned i = 1; i < processor_count; i++) {
        work_await(i);
    }
}

void inject_conclude(void)
{
    for (unsigned i = 0; i < inject_count_armed(); i++) {
        log_line("inject rule=%s strikes=%u", inject_armed[i].rule.text, inject_strikes((int)i));
    }
}
