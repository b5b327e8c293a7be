/* SPDX-License-Identifier: MIT */
/*
 * Torture: every processor makes random calls of every kind, and the caller and the workers check
 * every property of each call.
 *
 * The loop. Each processor claims one of the remaining calls and chooses its properties at random
 * (torture_random.c): kind, IRQL, interrupt flag, spin lock held or not, processors, phases,
 * deadline. It makes the call (torture_call.c), which is checked from the inside
 * (torture_worker.c) and afterwards (torture_verify.c). Between the calls it sends itself
 * interrupts, arms its timer, disables interrupts for a while (torture_load.c), and takes others
 * offline or brings them back (torture_membership.c). Some of the interrupt handlers call, too.
 *
 * Lanes. A call's record must not be shared, and a handler may run at any moment. So a processor's
 * own work has one lane, and each handler above it has one of its own, with a record and a stream
 * of random numbers. When all lanes are in use, a handler only checks.
 *
 * Sharing. A processor's structure belongs to that processor; the words that others read are
 * atomic. The record of a call is written by its caller before the call and read after it, and used
 * by the workers in between. The test checks, among other things, that the call orders these
 * accesses.
 *
 * A failed check is counted, and the first few are printed; the test goes on. A failure that the
 * kernel itself finds ends in a bug check as usual. The run ends with the metric lines and the
 * summary. tests/kernel/breaks.txt shows the value of the checks: each entry breaks the kernel, and
 * a check catches it.
 */
#include "tests/kernel/torture.h"

#include "kernel/console/cmdline.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"

#define CALLS_DEFAULT  10000
#define CALLS_LIMIT    1000000000000
#define SECONDS_LIMIT  86400
#define SEED_DEFAULT   1
#define FAILURES_SHOWN 3 /* per check */
#define PROGRESS_MS    5000
#define END_PATIENCE   4

/* ---- the command line ---- */

static struct {
    uint64_t calls; /* 0: not given */
    uint64_t seed;
    uint64_t seconds; /* 0: no limit */
} settings = { .seed = SEED_DEFAULT };

static int store_calls(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    settings.calls = number;
    return 0;
}

static int store_seed(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    settings.seed = number;
    return 0;
}

static int store_seconds(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    settings.seconds = number;
    return 0;
}

const struct cmdline_option test_options[] = {
    {
        .name = "calls",
        .minimum = 1,
        .maximum = CALLS_LIMIT,
        .help = "test=torture: number of calls (default: 10000; with seconds= as many as fit)",
        .store = store_calls,
    },
    {
        .name = "seed",
        .maximum = UINT64_MAX,
        .help = "test=torture: the same seed makes the same choices (default 1)",
        .store = store_seed,
    },
    {
        .name = "seconds",
        .minimum = 1,
        .maximum = SECONDS_LIMIT,
        .help = "test=torture: no more calls after this time",
        .store = store_seconds,
    },
    { .name = NULL },
};

/* ---- claims ---- */

static _Atomic uint64_t claimed; /* calls, plus attempts to claim one when none was left */
static _Atomic uint64_t limit;   /* number of calls */
static _Atomic uint32_t failed;  /* number of failed checks */
static uint64_t end_ticks;       /* constant during the run; UINT64_MAX: never */

bool torture_claim(void)
{
    return atomic_fetch_add_explicit(&claimed, 1, memory_order_relaxed) <
           atomic_load_explicit(&limit, memory_order_relaxed);
}

static void look_at_clock(void)
{
    if (arch_ticks() > end_ticks) {
        atomic_store_explicit(&limit, 0, memory_order_relaxed);
    }
}

/* Progress, for people; only on the boot processor. */
static void show_progress(void)
{
    static uint64_t shown_ticks;
    uint64_t now_ticks;

    if (arch_processor()->index != 0) {
        return;
    }
    now_ticks = arch_ticks();
    if (shown_ticks == 0) {
        shown_ticks = now_ticks;
    } else if (now_ticks - shown_ticks > PROGRESS_MS * arch_ticks_per_ms()) {
        shown_ticks = now_ticks;
        log_line("torture: %llu calls so far",
                 (unsigned long long)atomic_load_explicit(&claimed, memory_order_relaxed));
    }
}

/* Prints the first few failures of each check, so that a frequent one does not hide the others. */
void torture_fail(const struct torture_record *record, struct torture_place *place)
{
    static const char *const kinds[] = { "KeIpiGenericCall", "tlb_flush", "rendezvous_call",
                                         "rendezvous_begin" };
    char call[64] = "in no known call";

    atomic_fetch_add_explicit(&failed, 1, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&place->failures, 1, memory_order_relaxed) >= FAILURES_SHOWN) {
        return;
    }
    if (record != NULL) {
        printf_format(call, sizeof(call), "call %#llx of processor %u (%s)",
                      (unsigned long long)record->id, record->caller, kinds[record->action.kind]);
    }
    log_line("# processor %u, %s, seed %llu, %s:%d: %s: %s", arch_processor()->index, call,
             (unsigned long long)settings.seed, place->file, place->line, place->clause,
             place->condition);
}

/* ---- a processor ---- */

struct torture_processor *torture_processors;

/* Loops that were started and have not ended (release: publishes their counts). */
static _Atomic uint32_t looping;

struct torture_processor *torture_self(void)
{
    return &torture_processors[arch_processor()->index];
}

/* Only handlers that interrupt this code change the depth, and they restore it. */
struct torture_lane *torture_enter_lane(struct torture_processor *self)
{
    uint32_t depth = atomic_load_explicit(&self->depth, memory_order_relaxed) + 1;
    atomic_store_explicit(&self->depth, depth, memory_order_relaxed);
    return depth < TORTURE_LANES ? &self->lanes[depth] : NULL;
}

void torture_leave_lane(struct torture_processor *self)
{
    uint32_t depth = atomic_load_explicit(&self->depth, memory_order_relaxed);
    atomic_store_explicit(&self->depth, depth - 1, memory_order_relaxed);
}

static void act(struct torture_processor *self, struct torture_lane *lane)
{
    struct torture_action action;

    torture_request_load(self, &lane->stream);
    torture_choose(lane, IRQL_PASSIVE, &action);
    torture_call(self, lane, &action);
    torture_linger(&lane->stream, &self->stored);
    torture_be_deaf(self, lane);
    torture_await_interrupts(self);
    (void)torture_test_post(self);
    torture_change(lane);
    look_at_clock();
    show_progress();
}

/* Runs until there are no calls left, or the processor has to go offline. */
static void torture_loop(void *argument)
{
    struct torture_processor *self = torture_self();

    (void)argument;
    /* An interrupt requested by a routine while this processor went offline was lost. */
    atomic_store_explicit(&self->requested, 0, memory_order_relaxed);
    atomic_store_explicit(&self->flag, FLAG_SET, memory_order_relaxed);
    while (!torture_must_leave(self) && torture_claim()) {
        act(self, &self->lanes[0]);
    }
    torture_finish_post(self);
    atomic_store_explicit(&self->flag, FLAG_UNKNOWN, memory_order_relaxed);
    atomic_fetch_sub_explicit(&looping, 1, memory_order_release);
}

/* Only after this may another processor ask it to leave: the work would be posted too late. */
void torture_start_loop(unsigned processor)
{
    atomic_fetch_add_explicit(&looping, 1, memory_order_relaxed);
    if (work_post(processor, torture_loop, NULL) != 0) {
        TORTURE_FAIL(NULL, "C4", "work is posted to an online processor");
        atomic_fetch_sub_explicit(&looping, 1, memory_order_relaxed);
    }
    atomic_store(&torture_processors[processor].stage, STAGE_RUNNING);
}

/* ---- before and after ---- */

/* Page-aligned and cleared; NULL if memory is short. */
static void *allocate(size_t size)
{
    void *memory = arch_allocate_pages(size);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
}

static bool prepare_record(struct torture_record *record)
{
    record->parts = allocate(processor_count * sizeof(struct torture_part));
    record->membership = allocate(processor_count * sizeof(uint32_t));
    record->reports = allocate(processor_count * sizeof(struct rendezvous_report));
    return record->parts != NULL && record->membership != NULL && record->reports != NULL;
}

static bool prepare_alias(struct torture_processor *processor)
{
    processor->alias_pages[0] = allocate(2 * PAGE_SIZE);
    if (processor->alias_pages[0] == NULL) {
        return false;
    }
    processor->alias_pages[1] = processor->alias_pages[0] + PAGE_SIZE / sizeof(uint64_t);
    processor->alias = arch_create_alias(processor->alias_pages[0]);
    return processor->alias != NULL;
}

/* Streams with independent initial states, which come from the seed's own stream. */
static bool prepare_processor(struct torture_processor *processor, struct torture_stream *seeds)
{
    processor->worker_stream.state = torture_random(seeds);
    for (unsigned depth = 0; depth < TORTURE_LANES; depth++) {
        struct torture_lane *lane = &processor->lanes[depth];
        lane->depth = depth;
        lane->stream.state = torture_random(seeds);
        if (!prepare_record(&lane->record)) {
            return false;
        }
    }
    return prepare_record(&processor->post.record) && prepare_alias(processor);
}

static bool prepare(void)
{
    struct torture_stream seeds = { .state = settings.seed };

    torture_processors = allocate(processor_count * sizeof(struct torture_processor));
    if (torture_processors == NULL) {
        return false;
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if (!prepare_processor(&torture_processors[i], &seeds)) {
            return false;
        }
    }
    torture_connect_load();
    return true;
}

static void set_limits(void)
{
    uint64_t calls = settings.calls;

    if (calls == 0) {
        calls = settings.seconds != 0 ? CALLS_LIMIT : CALLS_DEFAULT;
    }
    atomic_store_explicit(&limit, calls, memory_order_relaxed);
    end_ticks = settings.seconds == 0
                    ? UINT64_MAX
                    : arch_ticks() + settings.seconds * 1000 * arch_ticks_per_ms();
}

/* ---- the run ---- */

/* All calls are claimed, so each loop ends after its current call. */
static void await_loops(void)
{
    struct wait wait = wait_begin(END_PATIENCE);
    uint32_t seen = 0, now;

    while ((now = atomic_load_explicit(&looping, memory_order_acquire)) != 0) {
        if (now != seen) {
            seen = now;
            wait_progress(&wait);
        }
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            TORTURE_FAIL(NULL, "C1", "every loop ends");
            return;
        }
    }
}

/* Checks that callers account for every routine that ran. Returns the number of calls. */
static uint64_t conclude(void)
{
    struct torture_lane *lane = &torture_processors[0].lanes[0];
    uint64_t calls = 0;

    torture_bring_back(lane);
    for (unsigned kind = 0; kind < TORTURE_KINDS; kind++) {
        calls += torture_total(COUNT_GENERIC + kind);
    }
    TORTURE_CHECK(NULL, "K4",
                  torture_total(COUNT_ROUTINES) == torture_total(COUNT_ROUTINES_VERIFIED));
    return calls;
}

bool torture_run(void)
{
    if (!prepare()) {
        log_line("torture: memory is short");
        return false;
    }
    set_limits();
    uint64_t began_ticks = arch_ticks();
    for (unsigned i = 1; i < processor_count; i++) {
        torture_start_loop(i);
    }
    atomic_fetch_add_explicit(&looping, 1, memory_order_relaxed);
    torture_loop(NULL);
    await_loops();
    uint64_t elapsed_ticks = arch_ticks() - began_ticks;
    uint64_t calls = conclude();
    unsigned failures = atomic_load_explicit(&failed, memory_order_relaxed);
    torture_print_metrics(calls, elapsed_ticks);
    log_line("torture processors=%u calls=%llu failed=%u status=%s", processor_count,
             (unsigned long long)calls, failures, failures == 0 ? "ok" : "failed");
    return failures == 0;
}
