/*
 * The figures at the end, a line each: `metric name=NAME value=NUMBER unit=UNIT`.
 */
#include "kernel/log.h"
#include "lib/string.h"
#include "tests/kernel/torture.h"

#define SUB_BITS 4

static const struct {
    const char *name;
    const char *unit;
} metrics[COUNT_KINDS] = {
    [COUNT_GENERIC] = { "calls_generic", "calls" },
    [COUNT_TLB] = { "calls_tlb", "calls" },
    [COUNT_IRQL_PASSIVE] = { "calls_passive", "calls" },
    [COUNT_IRQL_APC] = { "calls_apc", "calls" },
    [COUNT_IRQL_DISPATCH] = { "calls_dispatch", "calls" },
    [COUNT_IRQL_DEVICE] = { "calls_device", "calls" },
    [COUNT_IRQL_SYNCH] = { "calls_synch", "calls" },
    [COUNT_IRQL_CLOCK] = { "calls_clock", "calls" },
    [COUNT_MASKED] = { "calls_masked", "calls" },
    [COUNT_LOCKED] = { "calls_locked", "calls" },
    [COUNT_FROM_HANDLER] = { "calls_from_handlers", "calls" },
    [COUNT_WORKERS] = { "routines", "runs" },
    [COUNT_WORKERS_MASKED] = { "routines_polled", "runs" },
    [COUNT_INTERRUPTS] = { "interrupts", "interrupts" },
    [COUNT_TIMERS] = { "timers", "interrupts" },
};

/* ---- durations ---- */

/* The octave in the upper bits, the bits behind the leading one below. */
static unsigned bucket_of(uint64_t ticks)
{
    if (ticks < 1u << SUB_BITS) {
        return (unsigned)ticks;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(ticks);
    return (octave - SUB_BITS + 1) << SUB_BITS |
           (unsigned)(ticks >> (octave - SUB_BITS) & ((1u << SUB_BITS) - 1));
}

/* The least duration in a bucket. */
static uint64_t ticks_of(unsigned bucket)
{
    unsigned octave = bucket >> SUB_BITS, rest = bucket & ((1u << SUB_BITS) - 1);
    return octave == 0 ? rest : (uint64_t)(1u << SUB_BITS | rest) << (octave - 1);
}

void torture_measure(struct torture_histogram *histogram, uint64_t ticks)
{
    histogram->buckets[bucket_of(ticks)]++;
    histogram->largest = ticks > histogram->largest ? ticks : histogram->largest;
}

static void add_histogram(struct torture_histogram *sum, const struct torture_histogram *one)
{
    sum->largest = one->largest > sum->largest ? one->largest : sum->largest;
    for (unsigned i = 0; i < TORTURE_BUCKETS; i++) {
        sum->buckets[i] += one->buckets[i];
    }
}

static uint64_t median_ticks(const struct torture_histogram *histogram)
{
    uint64_t total = 0, below = 0;
    unsigned bucket = 0;

    for (unsigned i = 0; i < TORTURE_BUCKETS; i++) {
        total += histogram->buckets[i];
    }
    while (bucket < TORTURE_BUCKETS - 1 && 2 * (below + histogram->buckets[bucket]) < total) {
        below += histogram->buckets[bucket++];
    }
    return ticks_of(bucket);
}

/* ---- the lines ---- */

static void print(const char *name, uint64_t value, const char *unit)
{
    log_line("metric name=torture_%s value=%llu unit=%s", name, (unsigned long long)value, unit);
}

static uint64_t to_ns(uint64_t ticks)
{
    return ticks * 1000000 / arch_ticks_per_ms();
}

static void print_histogram(const char *median_name, const char *largest_name,
                            const struct torture_histogram *histogram)
{
    print(median_name, to_ns(median_ticks(histogram)), "ns");
    print(largest_name, to_ns(histogram->largest), "ns");
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
    static struct torture_histogram round_trips;
    uint64_t elapsed_us = elapsed_ticks * 1000 / arch_ticks_per_ms() + 1;

    print("duration", elapsed_us / 1000, "ms");
    print("rate", calls * 1000000 / elapsed_us, "calls/s");
    for (unsigned kind = 0; kind < COUNT_KINDS; kind++) {
        print(metrics[kind].name, torture_total((enum torture_count)kind), metrics[kind].unit);
    }
    memset(&round_trips, 0, sizeof(round_trips));
    for (unsigned i = 0; i < processor_count; i++) {
        add_histogram(&round_trips, &torture_processors[i].round_trips);
    }
    print_histogram("round_trip_median", "round_trip_max", &round_trips);
}
