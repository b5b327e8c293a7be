/* SPDX-License-Identifier: MIT */
/*
 * One call by rendezvous_call() or rendezvous_begin(), from its request to its end, as an act of a
 * script (scripts.c) asks for it.
 *
 * What a call owns until it is over is poisoned then: its argument, its reports, its completion. A
 * processor that still reads one of them has no order with the poisoning (a race) or reads the
 * poison; one that still writes the completion's status overwrites the poison (K5).
 */
#include "tests/sim/checks.h"
#include "tests/sim/programs.h"

/* A call's argument, and what its routines store. */
struct job {
    uint64_t tag; /* slot + 1, or the poison */
    uint32_t marks[RENDEZVOUS_PHASES][EXPLORE_PROCESSORS];
};

static struct job jobs[CHECK_CALLS];
static struct rendezvous_report reports[CHECK_CALLS][EXPLORE_PROCESSORS];
static struct rendezvous_completion completions[CHECK_CALLS];
static uint32_t late[CHECK_CALLS];         /* processors that did not come, or did not finish */
static uint32_t notes[EXPLORE_PROCESSORS]; /* by each processor, before it could arrive */
static uint32_t befores[CHECK_CALLS];      /* by each caller, before the call */

__attribute__((no_sanitize("thread"))) static unsigned current(void)
{
    return sim_self->index;
}

/* ---- what the checks know, and what the program must not race for ---- */

__attribute__((no_sanitize("thread"))) static const struct call *call_at(unsigned slot)
{
    return &check_calls[slot];
}

__attribute__((no_sanitize("thread"))) static bool is_member(unsigned slot, unsigned processor)
{
    return (call_at(slot)->members >> processor & 1) != 0;
}

__attribute__((no_sanitize("thread"))) static bool has_phase(unsigned slot, unsigned phase)
{
    return call_at(slot)->routines[phase] != NULL;
}

__attribute__((no_sanitize("thread"))) static bool routines_linger(void)
{
    return scenario->script != NULL && scenario->script->lingers;
}

__attribute__((no_sanitize("thread"))) static bool routines_wait(void)
{
    return scenario->script != NULL && scenario->script->waits;
}

/* Does this processor's routine wait, in a scenario where routines do? */
__attribute__((no_sanitize("thread"))) static bool is_waiter(void)
{
    return current() == processor_count - 1 ||
           (scenario->ladder != NULL && scenario->ladder->all_wait);
}

__attribute__((no_sanitize("thread"))) static unsigned routine_quarters(void)
{
    return scenario->ladder != NULL && is_waiter() ? scenario->ladder->routine : 0;
}

/* ---- routines ---- */

/* K8: what was stored before the call, before an arrival, and in the phase before. */
static void look_around(const struct job *job, unsigned slot, unsigned phase)
{
    unsigned last = phase;

    if (befores[slot] == 0) {
        check_fail("K8", "processor %u does not see what the caller stored", current());
    }
    while (last-- != 0 && !has_phase(slot, last)) {
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if (!is_member(slot, i)) {
            continue;
        }
        if (notes[i] == 0 || (last < RENDEZVOUS_PHASES && job->marks[last][i] == 0)) {
            check_fail("K8", "processor %u does not see what processor %u stored before phase %u",
                       current(), i, phase);
        }
    }
}

static uintptr_t run_phase(struct job *job, unsigned phase)
{
    uint64_t tag = job->tag;

    if (tag == PROGRAM_POISON || tag == 0) {
        check_fail("K5", "processor %u reads the argument of a call that is over", current());
        return tag;
    }
    look_around(job, (unsigned)tag - 1, phase);
    while (routines_wait() && is_waiter() && atomic_load(&program_signals) == 0) {
        arch_relax();
    }
    program_sleep(routine_quarters());
    if (routines_linger()) {
        (void)atomic_load(&program_signals); /* a step: others may run meanwhile */
    }
    job->marks[phase][current()] = phase + 1;
    return tag << 16 | phase << 8 | current();
}

static uintptr_t MUSTER_API set_up(uintptr_t argument)
{
    return run_phase((struct job *)argument, RENDEZVOUS_SETUP);
}

static uintptr_t MUSTER_API act(uintptr_t argument)
{
    return run_phase((struct job *)argument, RENDEZVOUS_ACTION);
}

static uintptr_t MUSTER_API tear_down(uintptr_t argument)
{
    return run_phase((struct job *)argument, RENDEZVOUS_TEARDOWN);
}

/* ---- a call, from its request to its end ---- */

/* Prepares the request; `targets` is used if it names any. Returns the members, 0 for all. */
static unsigned prepare(const struct act *work, struct rendezvous_request *request,
                        struct processor_set *targets)
{
    unsigned slot = work->slot, mask = work->targets;

    if (mask == ALL_BUT_LATE) {
        mask = ((1u << processor_count) - 1) & ~late[slot - 1];
    }
    *targets = (struct processor_set){ .words = { mask & ~EVERYBODY } };
    *request = (struct rendezvous_request){
        .targets = mask == EVERYBODY ? NULL : targets,
        .routines = { (work->phases & SETUP) != 0 ? set_up : NULL,
                      (work->phases & ACTION) != 0 ? act : NULL,
                      (work->phases & TEARDOWN) != 0 ? tear_down : NULL },
        .argument = (uintptr_t)&jobs[slot],
        .timeout_ms = work->timeout_ms,
        .release_after_ns = (work->phases & MOMENT) != 0 ? EXPLORE_MOMENT_TICKS : 0,
        .reports = reports[slot],
        .report_count = processor_count,
    };
    jobs[slot].tag = slot + 1;
    befores[slot] = 1;
    return mask & ~EVERYBODY;
}

/* The action's value, or that of the last phase. */
static uintptr_t value_of(unsigned slot, unsigned processor)
{
    unsigned phase = has_phase(slot, RENDEZVOUS_ACTION)     ? RENDEZVOUS_ACTION
                     : has_phase(slot, RENDEZVOUS_TEARDOWN) ? RENDEZVOUS_TEARDOWN
                                                            : RENDEZVOUS_SETUP;
    return (uintptr_t)(slot + 1) << 16 | phase << 8 | processor;
}

/* A finished processor: its routines' stores are visible (K8), and its value is its own (X). */
static void check_finished(unsigned slot, unsigned processor)
{
    const struct rendezvous_report *report = &reports[slot][processor];

    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        if (has_phase(slot, i) && jobs[slot].marks[i][processor] == 0) {
            check_fail("K8", "the caller does not see what processor %u stored in phase %u",
                       processor, i);
        }
    }
    if (report->returned != value_of(slot, processor)) {
        check_fail("X", "processor %u is reported to have returned 0x%llx", processor,
                   (unsigned long long)report->returned);
    }
    if (report->released_ns < report->arrived_ns || report->started_ns < report->released_ns ||
        report->finished_ns < report->started_ns || report->started_ns < report->due_ns) {
        check_fail("X", "processor %u is reported at %lld, %lld, %lld, %lld ns", processor,
                   (long long)report->arrived_ns, (long long)report->released_ns,
                   (long long)report->started_ns, (long long)report->finished_ns);
    }
}

static void read_reports(unsigned slot, struct check_parts *parts)
{
    for (unsigned i = 0; i < CHECK_PARTS; i++) {
        parts->of[i] = 0;
    }
    for (unsigned i = 0; i < processor_count; i++) {
        unsigned part = reports[slot][i].part;
        if (part >= CHECK_PARTS) {
            check_fail("X", "the report of processor %u says %u", i, part);
            continue;
        }
        parts->of[part] |= (uint16_t)(1u << i);
        if (part == RENDEZVOUS_FINISHED) {
            check_finished(slot, i);
        }
    }
}

/* The kernel has let go of them; after STUCK the argument may still be read. */
static void poison(unsigned slot, enum rendezvous_status status)
{
    if (status != RENDEZVOUS_STUCK) {
        jobs[slot].tag = PROGRAM_POISON;
    }
    for (unsigned i = 0; i < processor_count; i++) {
        reports[slot][i].part = CHECK_PARTS;
    }
}

/* As a set: the processor whose routine waits, where any does. */
static uint32_t last_processor(void)
{
    return 1u << (processor_count - 1);
}

static void conclude(const struct act *work, enum rendezvous_status status)
{
    struct check_parts parts;

    if ((work->may >> status & 1) == 0) {
        check_fail("X", "processor %u gets status %u", current(), status);
    }
    read_reports(work->slot, &parts);
    late[work->slot] =
        (uint32_t)parts.of[RENDEZVOUS_UNFINISHED] | parts.of[RENDEZVOUS_DID_NOT_COME];
    if (routines_wait() && status == RENDEZVOUS_STUCK && late[work->slot] != last_processor()) {
        check_fail("X", "the processors 0x%x are called unfinished", (unsigned)late[work->slot]);
    }
    check_request_end(work->slot, status, &parts);
    poison(work->slot, status);
}

void request_call(const struct act *work)
{
    struct rendezvous_request request;
    struct processor_set targets;

    unsigned members = prepare(work, &request, &targets);
    check_request_begin(work->slot, &request, (uint16_t)members);
    conclude(work, rendezvous_call(&request));
}

void request_begin(const struct act *work)
{
    struct rendezvous_request request;
    struct processor_set targets;

    unsigned members = prepare(work, &request, &targets);
    check_request_begin(work->slot, &request, (uint16_t)members);
    enum rendezvous_status status = rendezvous_begin(&request, &completions[work->slot]);
    if (status == RENDEZVOUS_PENDING) {
        check_request_posted(work->slot);
    } else {
        conclude(work, status);
    }
}

/* A call that is long overdue may be reported STUCK while it goes on. */
static bool is_over(struct rendezvous_completion *completion)
{
    return atomic_load_explicit(&completion->status, memory_order_relaxed) != RENDEZVOUS_PENDING;
}

/* Is there anything to finish? A call that was not begun is over. */
__attribute__((no_sanitize("thread"))) static bool is_posted(unsigned slot)
{
    return check_calls[slot].state == CALL_POSTED;
}

static void poison_completion(struct rendezvous_completion *completion)
{
    completion->generation = PROGRAM_POISON;
    completion->patience.began_ticks = UINT64_MAX;
    atomic_store_explicit(&completion->status, PROGRAM_POISON, memory_order_relaxed);
}

void request_finish(const struct act *work, enum rendezvous_status wanted)
{
    struct rendezvous_completion *completion = &completions[work->slot];
    enum rendezvous_status status;

    if (!is_posted(work->slot)) {
        return;
    }
    do {
        arch_relax();
        status = rendezvous_test(completion);
    } while (status == RENDEZVOUS_PENDING ||
             (wanted == RENDEZVOUS_PENDING && !is_over(completion)));
    if (wanted == RENDEZVOUS_PENDING) {
        conclude(work, rendezvous_test(completion)); /* the final status */
        poison_completion(completion);
    } else if (status != wanted) {
        check_fail("X", "processor %u gets status %u", current(), status);
    }
}

void request_note(unsigned processor)
{
    notes[processor] = 1;
    program_note(processor);
}

/* A completion belongs to the caller again once it was seen to be over. */
__attribute__((no_sanitize("thread"))) void request_check_end(void)
{
    for (unsigned i = 0; i < CHECK_CALLS; i++) {
        uint32_t status = completions[i].status;
        if (completions[i].generation == PROGRAM_POISON && status != PROGRAM_POISON) {
            check_fail("K5", "the completion of call %u was set once more, to %u", i, status);
        }
    }
}
