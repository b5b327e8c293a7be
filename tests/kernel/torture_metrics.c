/* SPDX-License-Identifier: MIT */
/*
 * The figures at the end, one per line: `metric name=NAME value=NUMBER unit=UNIT`.
 */
#include "kernel/console/log.h"
#include "tests/kernel/torture.h"

#define SUB_BITS 4

static const struct {
    const char *name;
    const char *unit;
} metrics[COUNT_KINDS] = {
    [COUNT_GENERIC] = { "calls_generic", "calls" },
    [COUNT_TLB] = { "calls_tlb", "calls" },
    [COUNT_PHASED] = { "calls_phased", "calls" },
    [COUNT_POSTED] = { "calls_posted", "calls" },
    [COUNT_IRQL_PASSIVE] = { "calls_passive", "calls" },
    [COUNT_IRQL_APC] = { "calls_apc", "calls" },
    [COUNT_IRQL_DISPATCH] = { "calls_dispatch", "calls" },
    [COUNT_IRQL_DEVICE] = { "calls_device", "calls" },
    [COUNT_IRQL_SYNCH] = { "calls_synch", "calls" },
    [COUNT_IRQL_CLOCK] = { "calls_clock", "calls" },
    [COUNT_MASKED] = { "calls_masked", "calls" },
    [COUNT_LOCKED] = { "calls_locked", "calls" },
    [COUNT_FROM_HANDLER] = { "calls_from_handlers", "calls" },
    [COUNT_SUBSET] = { "calls_subset", "calls" },
    [COUNT_TARGET_OFFLINE] = { "calls_offline", "calls" },
    [COUNT_BUSY] = { "calls_busy", "calls" },
    [COUNT_ABSENT] = { "calls_absent", "calls" },
    [COUNT_BESIDE_CHANGE] = { "calls_beside_change", "calls" },
    [COUNT_ROUTINES] = { "routines", "runs" },
    [COUNT_ROUTINES_MASKED] = { "routines_masked", "runs" },
    [COUNT_ROUTINES_VERIFIED] = { "routines_verified", "runs" },
    [COUNT_INTERRUPTS] = { "interrupts", "interrupts" },
    [COUNT_TIMERS] = { "timers", "interrupts" },
    [COUNT_DEAF] = { "deaf", "periods" },
    [COUNT_WENT] = { "went_offline", "changes" },
    [COUNT_CAME] = { "came_online", "changes" },
    [COUNT_CHANGE_PENDING] = { "changes_pending", "changes" },
    [COUNT_CHANGE_OCCUPIED] = { "changes_occupied", "changes" },
};

/* ---- durations ---- */

/* The octave in the upper bits, and below it the bits that follow the leading one. */
static unsigned bucket_of(uint64_t ns)
{
    if (ns < 1u << SUB_BITS) {
        return (unsigned)ns;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(ns);
    return (octave - SUB_BITS + 1) << SUB_BITS |
           (unsigned)(ns >> (octave - SUB_BITS) & ((1u << SUB_BITS) - 1));
}

/* The shortest duration in a bucket. */
static uint64_t ns_of(unsigned bucket)
{
    unsigned octave = bucket >> SUB_BITS, rest = bucket & ((1u << SUB_BITS) - 1);
    return octave == 0 ? rest : (uint64_t)(1u << SUB_BITS | rest) << (octave - 1);
}

void torture_measure(struct torture_histogram *histogram, uint64_t ns)
{
    histogram->buckets[bucket_of(ns)]++;
    histogram->largest = ns > histogram->largest ? ns : histogram->largest;
}

static void add_histogram(struct torture_histogram *sum, const struct torture_histogram *one)
{
    sum->largest = one->largest > sum->largest ? one->largest : sum->largest;
    for (unsigned i = 0; i < TORTURE_BUCKETS; i++) {
        sum->buckets[i] += one->buckets[i];
    }
}

static uint64_t median_ns(const struct torture_histogram *histogram)
{
    uint64_t total = 0, below = 0;
    unsigned bucket = 0;

    for (unsigned i = 0; i < TORTURE_BUCKETS; i++) {
        total += histogram->buckets[i];
    }
    while (bucket < TORTURE_BUCKETS - 1 && 2 * (below + histogram->buckets[bucket]) < total) {
        below += histogram->buckets[bucket++];
    }
    return ns_of(bucket);
}

/* ---- the lines ---- */

static void print(const char *name, uint64_t value, const char *unit)
{
    log_line("metric name=torture_%s value=%llu unit=%s", name, (unsigned long long)value, unit);
}

static void print_histogram(const char *median_name, const char *largest_name,
                            const struct torture_histogram *histogram)
{
    print(median_name, median_ns(histogram), "ns");
    print(largest_name, histogram->largest, "ns");
}

uint64_t torture_total(enum torture_count kind)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < processor_count; i++) {
        const struct torture_processor *processor = &torture_processors[i];
        total += processor->worker_counts[kind];
        for (unsigned lane = 0; lane < TORTURE_LANES; lane++) {
            total += processor->lanes[lane].counts[kind];
        }
    }
    return total;
}

void torture_print_metrics(uint64_t calls, uint64_t elapsed_ticks)
{
    static struct torture_histogram round_trips, skews; /* zero, and used once */
    uint64_t elapsed_us = elapsed_ticks * 1000 / arch_ticks_per_ms() + 1;

    print("duration", elapsed_us / 1000, "ms");
    print("rate", calls * 1000000 / elapsed_us, "calls/s");
    for (unsigned kind = 0; kind < COUNT_KINDS; kind++) {
        print(metrics[kind].name, torture_total((enum torture_count)kind), metrics[kind].unit);
    }
    for (unsigned i = 0; i < processor_count; i++) {
        add_histogram(&round_trips, &torture_processors[i].round_trips);
        add_histogram(&skews, &torture_processors[i].skews);
    }
    print_histogram("round_trip_median", "round_trip_max", &round_trips);
    print_histogram("skew_median", "skew_max", &skews);
}
