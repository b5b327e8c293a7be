/* SPDX-License-Identifier: MIT */
/*
 * Medians over any number of calls in fixed memory, off the path of almost every call.
 *
 * What is counted for every call is known without looking at the members' seats: how many members
 * there were, what the leader's routine returned, and whether a member found its own part irregular
 * (K1, K4: round_note_irregular()). It is counted when others may have the turn already, so the
 * counters are atomic.
 *
 * The seats are read for a sample: the first call of each worker, and a few of the others. When the
 * samples are full, every second one is dropped and the spacing doubles, so that 10 calls and 10
 * million calls fit alike. (Where calls overlap, a sample may be one call early or late.) The seats
 * of an irregular call are read, too. So the smallest number that ran, and the lowest IRQL, are
 * those of all calls.
 *
 * A worker gets its entry with its first sample, in a call that holds the turn. Another processor
 * that looks for the entry finds it complete (release and acquire of worker_count).
 */
#include "kernel/silence/stats.h"

#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/ticks.h"
#include "lib/string.h"

#define WORKER_LIMIT 32
#define SAMPLE_LIMIT 1024 /* even */
#define SPACING      16   /* a power of two: at first, one call in 16 is sampled */

/* One processor's part in one call, relative to the send. */
struct row {
    uint64_t arrived_ticks;
    uint64_t started_ticks;
    uint64_t finished_ticks;
    uintptr_t returned;
    unsigned irql;
};

/* A summary of the seats in one call. */
struct summary {
    uint64_t skew_ticks; /* between the first and the last start of the routine */
    unsigned missed;     /* members that did not run it */
    unsigned irql;       /* the lowest */
};

struct stats_worker {
    arch_worker *worker;

    /* Over all calls. */
    _Atomic uint64_t calls;
    _Atomic unsigned processors; /* the largest number */
    _Atomic uintptr_t returned;  /* in the latest call */

    /* Over the calls whose seats were read. Used by the holder of the turn. */
    _Atomic uint64_t spacing; /* one call in this many is sampled */
    unsigned samples;
    uint64_t round_trip_ticks[SAMPLE_LIMIT];
    uint64_t skew_ticks[SAMPLE_LIMIT];
    unsigned missed;                    /* the largest number */
    unsigned irql;                      /* the lowest */
    uint64_t table_call;                /* the number of the call in the table, from 1 */
    struct processor_set table_members; /* the processors that took part in it */
    struct row *table;                  /* a row per processor; NULL if memory was short */
};

static struct stats_worker workers[WORKER_LIMIT];
static _Atomic unsigned worker_count;
static _Atomic uint64_t uncounted_calls; /* of workers beyond the limit */
static arch_worker *left_out;            /* the kernel's own */

/* Acquire: that many are complete. */
static unsigned count_workers(void)
{
    return atomic_load_explicit(&worker_count, memory_order_acquire);
}

/* The entry of `worker`; NULL if it has none yet. */
static struct stats_worker *find_worker(arch_worker *worker)
{
    unsigned count = count_workers();

    for (unsigned i = 0; i < count; i++) {
        if (workers[i].worker == worker) {
            return &workers[i];
        }
    }
    return NULL;
}

/* True for the 1st, 2nd, 3rd, 5th, 9th ... call, and for one call in each spacing. */
static bool is_due(const struct stats_worker *stats)
{
    uint64_t calls = atomic_load_explicit(&stats->calls, memory_order_relaxed);
    uint64_t spacing = atomic_load_explicit(&stats->spacing, memory_order_relaxed);

    return (calls & (calls - 1)) == 0 || (calls & (spacing - 1)) == 0;
}

void stats_begin(struct rendezvous_result *result)
{
    if (result->worker == left_out) {
        return;
    }
    result->stats = find_worker(result->worker);
    result->sampled =
        result->stats != NULL ? is_due(result->stats) : count_workers() < WORKER_LIMIT;
}

/* Makes an entry for the worker if one is left. The caller has the turn. */
static struct stats_worker *add_worker(arch_worker *worker)
{
    unsigned count = count_workers();

    if (count == WORKER_LIMIT) {
        return NULL;
    }
    struct stats_worker *stats = &workers[count];
    if (stats->table == NULL) {
        const size_t size = processor_count * sizeof(struct row);
        stats->table = arch_allocate_pages(size);
        if (stats->table != NULL) {
            memset(stats->table, 0, size);
        }
    }
    *stats = (struct stats_worker){
        .worker = worker, .spacing = SPACING, .irql = IRQL_HIGH, .table = stats->table
    };
    atomic_store_explicit(&worker_count, count + 1, memory_order_release);
    return stats;
}

static void thin_samples(struct stats_worker *stats)
{
    for (unsigned i = 0; i < SAMPLE_LIMIT / 2; i++) {
        stats->round_trip_ticks[i] = stats->round_trip_ticks[2 * i];
        stats->skew_ticks[i] = stats->skew_ticks[2 * i];
    }
    stats->samples = SAMPLE_LIMIT / 2;
    atomic_store_explicit(&stats->spacing,
                          2 * atomic_load_explicit(&stats->spacing, memory_order_relaxed),
                          memory_order_relaxed);
}

static void add_sample(struct stats_worker *stats, const struct rendezvous_result *result,
                       uint64_t skew_ticks)
{
    if (stats->samples == SAMPLE_LIMIT) {
        thin_samples(stats);
    }
    stats->round_trip_ticks[stats->samples] = result->end_ticks - result->sent_ticks;
    stats->skew_ticks[stats->samples] = skew_ticks;
    stats->samples++;
    processor_set_copy(&stats->table_members, result->members);
    stats->table_call = atomic_load_explicit(&stats->calls, memory_order_relaxed) + 1;
}

/* In one pass, so that each seat is fetched once. `table` gets the times; it may be NULL. */
static struct summary summarise(const struct rendezvous_result *result, struct row *table)
{
    struct summary summary = { .irql = IRQL_HIGH };
    uint64_t first = UINT64_MAX, last = 0;

    processor_set_for_each(processor, result->members) {
        const struct rendezvous_seat *seat = &processors[processor]->seat;
        first = seat->started_ticks < first ? seat->started_ticks : first;
        last = seat->started_ticks > last ? seat->started_ticks : last;
        summary.irql = seat->irql < summary.irql ? seat->irql : summary.irql;
        summary.missed += seat->ran != result->generation;
        if (table != NULL) {
            table[processor] = (struct row){
                .arrived_ticks = seat->arrived_ticks - result->sent_ticks,
                .started_ticks = seat->started_ticks - result->sent_ticks,
                .finished_ticks = seat->finished_ticks - result->sent_ticks,
                .returned = seat->returned,
                .irql = seat->irql,
            };
        }
    }
    summary.skew_ticks = last - first;
    return summary;
}

void stats_sample(struct rendezvous_result *result)
{
    if (result->status != RENDEZVOUS_OK || result->worker == left_out) {
        return;
    }
    struct stats_worker *stats = find_worker(result->worker);
    stats = stats != NULL ? stats : add_worker(result->worker);
    if (stats == NULL) {
        return;
    }
    struct summary summary = summarise(result, stats->table);
    stats->missed = summary.missed > stats->missed ? summary.missed : stats->missed;
    stats->irql = summary.irql < stats->irql ? summary.irql : stats->irql;
    add_sample(stats, result, summary.skew_ticks);
    result->stats = stats;
}

/* Other processors may raise it at the same time. */
static void raise_to(_Atomic unsigned *most, unsigned value)
{
    unsigned seen = atomic_load_explicit(most, memory_order_relaxed);

    while (seen < value && !atomic_compare_exchange_weak_explicit(
                               most, &seen, value, memory_order_relaxed, memory_order_relaxed)) {
    }
}

void stats_count(const struct rendezvous_result *result)
{
    struct stats_worker *stats = result->stats;

    if (result->status != RENDEZVOUS_OK || result->worker == left_out) {
        return;
    }
    if (stats == NULL) {
        atomic_fetch_add_explicit(&uncounted_calls, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&stats->calls, 1, memory_order_relaxed);
    raise_to(&stats->processors, result->processors);
    if (result->takes_part) {
        atomic_store_explicit(&stats->returned, result->returned, memory_order_relaxed);
    }
}

void stats_leave_out(arch_worker *worker)
{
    left_out = worker;
}

void stats_reset(void)
{
    atomic_store_explicit(&worker_count, 0, memory_order_relaxed);
    atomic_store_explicit(&uncounted_calls, 0, memory_order_relaxed);
}

/* Sorts in place. A shell sort is short, and good enough for a thousand values. */
static uint64_t median(uint64_t *values, unsigned count)
{
    for (unsigned gap = count / 2; gap > 0; gap /= 2) {
        for (unsigned i = gap; i < count; i++) {
            uint64_t value = values[i];
            unsigned at = i;
            for (; at >= gap && values[at - gap] > value; at -= gap) {
                values[at] = values[at - gap];
            }
            values[at] = value;
        }
    }
    return values[count / 2];
}

static bool overlap(const struct row *left, const struct row *right)
{
    return (int64_t)(left->started_ticks - right->finished_ticks) <= 0 &&
           (int64_t)(right->started_ticks - left->finished_ticks) <= 0;
}

/* Did any two members of the call in the table run the routine at the same time? */
static bool any_overlap(const struct stats_worker *stats)
{
    processor_set_for_each(left, &stats->table_members) {
        processor_set_for_each(right, &stats->table_members) {
            if (left != right && overlap(&stats->table[left], &stats->table[right])) {
                return true;
            }
        }
    }
    return false;
}

/*
 * An emulator with one thread runs one virtual processor at a time, for a slice of time. A short
 * routine ends within the slice, so an unlocked counter looks right there. A reader of the table
 * should know.
 */
static void print_overlap(const struct stats_worker *stats)
{
    if (processor_set_count(&stats->table_members) > 1 && !any_overlap(stats)) {
        log_line("  no two workers ran at the same time here, so a race between them would not "
                 "show");
        log_line("  (in an emulator, THREAD=multi or ACCEL=bochs lets them overlap)");
    }
}

static void print_table(const struct stats_worker *stats, const char *name)
{
    if (stats->table == NULL) {
        return;
    }
    log_text("\n", 1);
    log_line("%s: call %llu of %llu, times in ns after the send", name,
             (unsigned long long)stats->table_call, (unsigned long long)stats->calls);
    log_line("  processor  APIC id  IRQL     arrived     started    finished  returned");
    for (unsigned i = 0; i < processor_count; i++) {
        const struct row *row = &stats->table[i];
        if (!processor_set_contains(&stats->table_members, i)) {
            continue;
        }
        log_line("  %9u %8u %5u %11lld %11lld %11lld  0x%llx", i, arch_hardware_id(i), row->irql,
                 (long long)ticks_ns_since(row->arrived_ticks, 0),
                 (long long)ticks_ns_since(row->started_ticks, 0),
                 (long long)ticks_ns_since(row->finished_ticks, 0),
                 (unsigned long long)row->returned);
    }
    print_overlap(stats);
}

unsigned stats_print(void)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < count_workers(); i++) {
        struct stats_worker *stats = &workers[i];
        char name[KSYMS_TEXT_SIZE];
        bool ok = stats->missed == 0 && stats->irql == IRQL_IPI;

        ksyms_describe((uintptr_t)stats->worker, name);
        print_table(stats, name);
        log_line("call worker=%s calls=%llu processors=%u ran=%u irql=%u returned=0x%llx "
                 "round_trip_ns=%llu skew_ns=%llu status=%s",
                 name, (unsigned long long)stats->calls, stats->processors,
                 stats->processors - stats->missed, stats->irql,
                 (unsigned long long)stats->returned,
                 (unsigned long long)ticks_to_ns(median(stats->round_trip_ticks, stats->samples)),
                 (unsigned long long)ticks_to_ns(median(stats->skew_ticks, stats->samples)),
                 ok ? "ok" : "failed");
        failed += !ok;
    }
    if (uncounted_calls != 0) {
        log_line("%llu calls of workers beyond the first %u were not measured",
                 (unsigned long long)uncounted_calls, WORKER_LIMIT);
    }
    return failed;
}
