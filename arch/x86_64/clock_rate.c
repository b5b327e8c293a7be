/* SPDX-License-Identifier: MIT */
/*
 * Measuring. A sample is a reading of the counter between two readings of the time stamp counter.
 * Of several samples, the one whose two readings are closest is used, so that an SMI or a pause of
 * the host during a sample does not count. Two samples some milliseconds apart give a rate. An
 * interruption between the samples does no harm, since both counters keep running, unless it lasts
 * longer than the counter takes to wrap. So a single rate proves nothing: two must agree. As long
 * as they do not, the next rate is measured over a longer time.
 *
 * Bounds. A counter may stand still: some firmware gates the clock of the 8254, whose registers
 * still answer. The time to watch for this is counted in ticks of an unknown rate, so the highest
 * possible rate is assumed. A minimum number of readings is made in any case, since in a slow
 * emulator each may take longer than the whole wait. Their number is also limited, since in an
 * emulator the time stamp counter itself may stand still.
 */
#include "arch/x86_64/clock_rate.h"

#include <stddef.h>

#include "kernel/arch.h"

#define SAMPLE_READS    5
#define WINDOW_US       4000 /* the first two measurements; then double, and double again */
#define ATTEMPTS        6
#define STOPPED_TICKS   10000000ull  /* 1 ms at 10 GHz, in which every counter counts */
#define TOO_SLOW_TICKS  640000000ull /* 64 ms at 10 GHz: four times the longest measurement */
#define READS_LEAST     64
#define READS_LIMIT     1000000
#define LOWEST_KHZ      1000ull
#define HIGHEST_KHZ     20000000ull
#define SAME_RATE_SHARE 256 /* two measurements agree if they differ by at most 1/256 */
#define AGREEMENT_SHARE 100 /* two sources agree if they differ by at most 1/100 */

static uint32_t count_since(const struct clock_counter *counter, uint32_t now, uint32_t then)
{
    return (uint32_t)((now - then) & ((1ull << counter->bits) - 1));
}

struct sample {
    uint64_t ticks;
    uint32_t count;
};

static struct sample take_sample(const struct clock_counter *counter)
{
    struct sample best = { .ticks = 0 };
    uint64_t best_width = UINT64_MAX;

    for (unsigned i = 0; i < SAMPLE_READS; i++) {
        uint64_t before = arch_ticks();
        uint32_t count = counter->read(counter);
        uint64_t width = arch_ticks() - before;
        if (width < best_width) {
            best_width = width;
            best = (struct sample){ before + width / 2, count };
        }
    }
    return best;
}

/* Waits until `counts` have passed since `began`; false if the counter is stopped or too slow. */
static bool await_counts(const struct clock_counter *counter, struct sample began, uint32_t counts)
{
    for (unsigned reads = 0; reads < READS_LIMIT; reads++) {
        uint32_t passed = count_since(counter, counter->read(counter), began.count);
        if (passed >= counts) {
            return true;
        }
        uint64_t limit = passed == 0 ? STOPPED_TICKS : TOO_SLOW_TICKS;
        if (reads >= READS_LEAST && arch_ticks() - began.ticks > limit) {
            return false;
        }
        arch_relax();
    }
    return false;
}

/*
 * Measures the rate over one window; *khz is 0 if something disturbed it. Returns false if the
 * counter stands still.
 */
static bool measure_window(const struct clock_counter *counter, uint64_t window_us, uint64_t *khz)
{
    uint32_t window = (uint32_t)(counter->hz * window_us / 1000000);
    struct sample began = take_sample(counter);

    *khz = 0;
    if (!await_counts(counter, began, window)) {
        return false;
    }
    struct sample ended = take_sample(counter);
    uint64_t ticks = ended.ticks - began.ticks;
    uint32_t counts = count_since(counter, ended.count, began.count);
    if (counts != 0) {
        *khz = ticks * counter->hz / counts / 1000; /* may overflow after a long pause: harmless */
    }
    return true;
}

bool clock_is_plausible(uint64_t khz)
{
    return khz >= LOWEST_KHZ && khz <= HIGHEST_KHZ;
}

static bool within(uint64_t left, uint64_t right, unsigned share)
{
    uint64_t apart = left > right ? left - right : right - left;
    return apart <= left / share;
}

static bool has_same_rate(const uint64_t *rates, unsigned count, uint64_t khz)
{
    for (unsigned i = 0; i < count; i++) {
        if (within(rates[i], khz, SAME_RATE_SHARE)) {
            return true;
        }
    }
    return false;
}

enum clock_verdict clock_measure(const struct clock_counter *counter, uint64_t *khz)
{
    uint64_t rates[ATTEMPTS];
    unsigned count = 0;

    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint64_t rate;
        *khz = 0;
        if (!measure_window(counter, (uint64_t)WINDOW_US << attempt / 2, &rate)) {
            return CLOCK_STOPPED;
        }
        if (!clock_is_plausible(rate)) {
            continue;
        }
        if (has_same_rate(rates, count, rate)) {
            *khz = rate;
            return CLOCK_GOOD;
        }
        rates[count++] = rate;
    }
    return CLOCK_UNEVEN;
}

bool clock_agree(uint64_t left_khz, uint64_t right_khz)
{
    return within(left_khz, right_khz, AGREEMENT_SHARE);
}

const struct clock_opinion *clock_choose(const struct clock_opinion *opinions, unsigned count,
                                         const struct clock_opinion **confirmed)
{
    const struct clock_opinion *highest = &opinions[0];

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = i + 1; j < count; j++) {
            if (clock_agree(opinions[i].khz, opinions[j].khz)) {
                *confirmed = &opinions[j];
                return &opinions[i];
            }
        }
        highest = opinions[i].khz > highest->khz ? &opinions[i] : highest;
    }
    *confirmed = NULL;
    return highest;
}

/*
 * The signature has its stepping masked out. The manual's table also has a row for model 0x55. It
 * is left out, since the servers of that model run at 25 MHz and the workstations at 24: their rate
 * is measured.
 * Source: Intel SDM vol. 3B, "Nominal Core Crystal Clock Frequency".
 */
static const struct {
    uint32_t signature;
    uint32_t crystal_hz;
} crystals[] = {
    { 0x406e0, 24000000 }, { 0x506e0, 24000000 }, /* 6th generation Core */
    { 0x806e0, 24000000 }, { 0x906e0, 24000000 }, /* 7th */
    { 0x506c0, 19200000 },                        /* Atom, Goldmont */
};

static uint64_t known_crystal_hz(uint32_t signature)
{
    for (unsigned i = 0; i < sizeof(crystals) / sizeof(crystals[0]); i++) {
        if (crystals[i].signature == (signature & 0x0fff0ff0)) {
            return crystals[i].crystal_hz;
        }
    }
    return 0;
}

uint64_t clock_crystal_khz(uint32_t denominator, uint32_t numerator, uint32_t crystal_hz,
                           uint32_t signature)
{
    uint64_t hz = crystal_hz != 0 ? crystal_hz : known_crystal_hz(signature);
    uint64_t khz = denominator == 0 ? 0 : hz * numerator / denominator / 1000;

    return clock_is_plausible(khz) ? khz : 0;
}
