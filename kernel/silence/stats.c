/* SPDX-License-Identifier: MIT */
/*
 * Medians over any number of calls in fixed memory, off the path of almost every call.
 *
 * What is counted of every call is known without a look at the members' seats: how many there were,
 * what the leader's routine returned, and whether a member found its own part irregular (K1, K4:
 * round_note_irregular()). It is counted when others have their turn already, so in atomic words.
 *
 * The seats are looked at for a sample: the first call of each worker, and few of the others.
 * When the samples are full every second one is dropped and the spacing doubles, so that 10 calls
 * and 10 million are served alike. (Where calls overlap, a sample may be one call early or late.)
 * An irregular call is looked at, too, so that the least that ran, and the lowest IRQL, are those
 * of all calls.
 *
 * A worker gets its place with its first sample, in a call that holds the turn; whoever else looks
 * for it finds it complete (release, acquire of worker_count).
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
#define SPACING      16   /* a power of two: one call of so many is sampled, at first */

/* One processor's part in one call, relative to the send. */
struct row {
    uint64_t arrived_ticks;
    uint64_t started_ticks;
    uint64_t finished_ticks;
    uintptr_t returned;
    unsigned irql;
};

/* What the seats say of one call. */
struct summary {
    uint64_t skew_ticks; /* between the first and the last start of the routine */
    unsigned missed;     /* members that did not run it */
    unsigned irql;       /* the lowest */
};

struct stats_worker {
    arch_worker *worker;

    /* Of all calls. */
    _Atomic uint64_t calls;
    _Atomic unsigned processors; /* the most */
    _Atomic uintptr_t returned;  /* by the latest */

    /* Of those that were looked at; the holder of the turn's. */
    _Atomic uint64_t spacing; /* every so many calls are sampled */
    unsigned samples;
    uint64_t round_trip_ticks[SAMPLE_LIMIT];
    uint64_t skew_ticks[SAMPLE_LIMIT];
    unsigned missed;                    /* the most */
    unsigned irql;                      /* the lowest */
    uint64_t table_call;                /* which call, from 1 */
    struct processor_set table_members; /* who took part in it */
    struct row *table;                  /* a row a processor; NULL when there was no memory */
};

static struct stats_worker workers[WORKER_LIMIT];
static _Atomic unsigned worker_count;
static _Atomic uint64_t uncounted_calls; /* of workers beyond the limit */
static arch_worker *left_out;            /* the kernel's own */

/* Acquire: so many are complete. */
static unsigned count_workers(void)
{
    return atomic_load_explicit(&worker_count, memory_order_acquire);
}

/* NULL: it has no place yet. */
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

/* The first call, and few of the next: the 2nd, 3rd, 5th, 9th; then one in a spacing. */
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

/* With the turn in hand: a place for the worker, where there is one left. */
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

/* One pass, since each line of a seat comes here once. `table`: for their times; may be NULL. */
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

/* Others may raise it at the same time. */
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

/* Sorts in place: a shell sort is short, and a thousand values need no better. */
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
        log_line("  no two workers ran at the same time here, as if the machine played its "
                 "processors in turn: a race would not show. Try THREAD=multi or ACCEL=bochs.");
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
