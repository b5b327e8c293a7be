/*
 * Medians over any number of calls in fixed memory: each worker keeps up to SAMPLE_LIMIT samples,
 * evenly spaced. When they are full every second one is dropped and the spacing doubles, so that 10
 * calls and 10 million are served alike, and nothing depends on chance. The table of a call is
 * copied with a sample only, which keeps the copy off the path of almost every call.
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
    unsigned processors;
    unsigned missed; /* of these, how many did not run it */
    unsigned irql;   /* the lowest */
};

struct worker_stats {
    arch_worker *worker;
    uint64_t calls;
    uint64_t spacing; /* every so many calls are sampled */
    unsigned samples;
    uint64_t round_trip_ticks[SAMPLE_LIMIT];
    uint64_t skew_ticks[SAMPLE_LIMIT];
    unsigned processors;                /* the most of all calls */
    unsigned missed;                    /* the most of all calls */
    unsigned irql;                      /* the least of all calls */
    uintptr_t returned;                 /* by the latest call */
    uint64_t table_call;                /* which call, from 1 */
    struct processor_set table_members; /* who took part in it */
    struct row *table;                  /* a row a processor; NULL when there was no memory */
};

static struct worker_stats workers[WORKER_LIMIT];
static unsigned worker_count;
static uint64_t unrecorded_calls; /* of workers beyond the limit */
static arch_worker *left_out;     /* the kernel's own */

static struct worker_stats *find_worker(arch_worker *worker)
{
    for (unsigned i = 0; i < worker_count; i++) {
        if (workers[i].worker == worker) {
            return &workers[i];
        }
    }
    if (worker_count == WORKER_LIMIT) {
        return NULL;
    }
    struct worker_stats *stats = &workers[worker_count++];
    if (stats->table == NULL) {
        const size_t size = processor_count * sizeof(struct row);
        stats->table = arch_allocate_pages(size);
        if (stats->table != NULL) {
            memset(stats->table, 0, size);
        }
    }
    *stats = (struct worker_stats){
        .worker = worker, .spacing = 1, .irql = IRQL_HIGH, .table = stats->table
    };
    return stats;
}

static void thin_samples(struct worker_stats *stats)
{
    for (unsigned i = 0; i < SAMPLE_LIMIT / 2; i++) {
        stats->round_trip_ticks[i] = stats->round_trip_ticks[2 * i];
        stats->skew_ticks[i] = stats->skew_ticks[2 * i];
    }
    stats->samples = SAMPLE_LIMIT / 2;
    stats->spacing *= 2;
}

static void add_sample(struct worker_stats *stats, const struct rendezvous_result *result,
                       uint64_t skew_ticks)
{
    if (stats->samples == SAMPLE_LIMIT) {
        thin_samples(stats);
    }
    stats->round_trip_ticks[stats->samples] = result->end_ticks - result->sent_ticks;
    stats->skew_ticks[stats->samples] = skew_ticks;
    stats->samples++;
    processor_set_copy(&stats->table_members, result->members);
    stats->table_call = stats->calls;
}

/* One pass, since each line of a seat comes here once. `table`: for their times, or NULL. */
static struct summary summarise(const struct rendezvous_result *result, struct row *table)
{
    struct summary summary = { .irql = IRQL_HIGH };
    uint64_t first = UINT64_MAX, last = 0;

    processor_set_for_each(processor, result->members) {
        const struct rendezvous_seat *seat = &processors[processor]->seat;
        first = seat->started_ticks < first ? seat->started_ticks : first;
        last = seat->started_ticks > last ? seat->started_ticks : last;
        summary.irql = seat->irql < summary.irql ? seat->irql : summary.irql;
        summary.processors++;
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

/* What the leader's own routine returned is the latest; a leader that has none leaves it. */
static void note_returned(struct worker_stats *stats, const struct rendezvous_result *result)
{
    const struct processor *self = arch_processor();

    if (processor_set_contains(result->members, self->index)) {
        stats->returned = self->seat.returned;
    }
}

void stats_record(const struct rendezvous_result *result, arch_worker *worker)
{
    if (result->status != RENDEZVOUS_OK || worker == left_out) {
        return;
    }
    struct worker_stats *stats = find_worker(worker);
    if (stats == NULL) {
        unrecorded_calls++;
        return;
    }
    bool sampled = stats->calls % stats->spacing == 0;
    struct summary summary = summarise(result, sampled ? stats->table : NULL);
    stats->calls++;
    if (summary.processors > stats->processors) {
        stats->processors = summary.processors;
    }
    stats->missed = summary.missed > stats->missed ? summary.missed : stats->missed;
    stats->irql = summary.irql < stats->irql ? summary.irql : stats->irql;
    note_returned(stats, result);
    if (sampled) {
        add_sample(stats, result, summary.skew_ticks);
    }
}

void stats_leave_out(arch_worker *worker)
{
    left_out = worker;
}

void stats_reset(void)
{
    worker_count = 0;
    unrecorded_calls = 0;
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

static void print_table(const struct worker_stats *stats, const char *name)
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
}

unsigned stats_print(void)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < worker_count; i++) {
        struct worker_stats *stats = &workers[i];
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
    if (unrecorded_calls != 0) {
        log_line("%llu calls of workers beyond the first %u were not measured",
                 (unsigned long long)unrecorded_calls, WORKER_LIMIT);
    }
    return failed;
}
