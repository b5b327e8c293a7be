/* SPDX-License-Identifier: MIT */
/*
 * How fast the time stamp counter runs. Sources are asked one after the other until two agree
 * within a percent: first the statements of the processor and the hypervisor, then measurements
 * with timers. A source that another one confirms is followed (see clock_choose()). If there is no
 * source at all, the rate is assumed to be one that no processor exceeds: every delay and time-out
 * then lasts at least as long as intended.
 */
#include "arch/x86_64/clock.h"

#include <stddef.h>

#include "arch/x86_64/clock_sources.h"
#include "kernel/arch.h"
#include "kernel/upcall.h"

#define ASSUMED_KHZ 6000000

static uint64_t ticks_per_ms = ASSUMED_KHZ;

struct opinions {
    struct clock_opinion list[CLOCK_STATEMENTS + CLOCK_YARDSTICKS];
    unsigned count;
};

uint64_t arch_ticks_per_ms(void)
{
    return ticks_per_ms;
}

static void add(struct opinions *opinions, const char *source, uint64_t khz)
{
    if (khz != 0) {
        opinions->list[opinions->count++] = (struct clock_opinion){ source, khz };
    }
}

static bool is_settled(const struct opinions *opinions)
{
    const struct clock_opinion *confirmed = NULL;

    if (opinions->count > 1) {
        clock_choose(opinions->list, opinions->count, &confirmed);
    }
    return confirmed != NULL;
}

static uint64_t measure(const struct clock_yardstick *yardstick, const struct firmware *firmware)
{
    struct clock_counter counter;
    uint64_t khz;

    if (!yardstick->start(firmware, &counter)) {
        return 0;
    }
    enum clock_verdict verdict = clock_measure(&counter, &khz);
    yardstick->stop(&counter);
    if (verdict != CLOCK_GOOD) {
        log_line("clock: %s %s", yardstick->name,
                 verdict == CLOCK_STOPPED ? "does not count" : "counts unevenly");
    }
    return khz;
}

static void ask_everybody(const struct firmware *firmware, struct opinions *opinions)
{
    for (unsigned i = 0; i < CLOCK_STATEMENTS; i++) {
        add(opinions, clock_statements[i].name, clock_statements[i].khz());
    }
    for (unsigned i = 0; i < CLOCK_YARDSTICKS && !is_settled(opinions); i++) {
        add(opinions, clock_yardsticks[i].name, measure(&clock_yardsticks[i], firmware));
    }
}

static unsigned long long rounded_mhz(uint64_t khz)
{
    return (khz + 500) / 1000;
}

/* Logs one line for the choice, and one for each source that disagrees with it. */
static void follow(const struct opinions *opinions)
{
    const struct clock_opinion *confirmed;
    const struct clock_opinion *chosen = clock_choose(opinions->list, opinions->count, &confirmed);

    ticks_per_ms = chosen->khz;
    log_line("clock: TSC %llu MHz by %s (%s%s)", rounded_mhz(chosen->khz), chosen->source,
             confirmed != NULL ? confirmed->source : "no other source",
             confirmed != NULL ? " agrees" : " confirms it");
    for (unsigned i = 0; i < opinions->count; i++) {
        if (!clock_agree(opinions->list[i].khz, chosen->khz)) {
            log_line("clock: %llu MHz by %s is ignored", rounded_mhz(opinions->list[i].khz),
                     opinions->list[i].source);
        }
    }
}

void clock_start(const struct firmware *firmware)
{
    struct opinions opinions = { .count = 0 };

    ask_everybody(firmware, &opinions);
    if (opinions.count != 0) {
        follow(&opinions);
    } else {
        log_line("clock: nothing to measure the time stamp counter with; %u MHz assumed, so "
                 "time-outs are too long and times too short",
                 ASSUMED_KHZ / 1000);
    }
}

void clock_delay_us(uint64_t us)
{
    uint64_t began_ticks = arch_ticks();
    uint64_t ticks = us * ticks_per_ms / 1000 + 1;
    while (arch_ticks() - began_ticks < ticks) {
        arch_relax();
    }
}
