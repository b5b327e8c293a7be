/* SPDX-License-Identifier: MIT */
#include "tests/kernel/trial.h"

#include "kernel/irql.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"

struct trial_mark trial_marks[PROCESSOR_LIMIT];
struct processor_set trial_targets;
struct rendezvous_report trial_reports[PROCESSOR_LIMIT];

/* ---- routines ---- */

/* Every target has finished the phases before this one, and none has begun a later one. */
static void check_phase(unsigned phase, uintptr_t present)
{
    processor_set_for_each(processor, &trial_targets) {
        for (unsigned other = 0; other < phase; other++) {
            CHECK(trial_marks[processor].runs[other] == (present >> other & 1));
        }
    }
}

uintptr_t trial_mark_phase(unsigned phase, uintptr_t present)
{
    unsigned index = arch_processor()->index;

    CHECK(arch_irql() == IRQL_IPI);
    check_phase(phase, present);
    trial_marks[index].runs[phase]++;
    return index << 8 | phase;
}

static ULONG_PTR NTAPI setup(ULONG_PTR argument)
{
    return trial_mark_phase(RENDEZVOUS_SETUP, argument);
}

static ULONG_PTR NTAPI action(ULONG_PTR argument)
{
    return trial_mark_phase(RENDEZVOUS_ACTION, argument);
}

static ULONG_PTR NTAPI teardown(ULONG_PTR argument)
{
    return trial_mark_phase(RENDEZVOUS_TEARDOWN, argument);
}

/* ---- a call and its result ---- */

/* `present` has a bit for each phase, and is also the argument. */
struct rendezvous_request trial_request(unsigned present)
{
    struct rendezvous_request request = { .targets = &trial_targets,
                                          .argument = present,
                                          .reports = trial_reports,
                                          .report_count = processor_count };
    rendezvous_routine *const routines[] = { setup, action, teardown };

    for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
        request.routines[phase] = (present >> phase & 1) != 0 ? routines[phase] : NULL;
    }
    return request;
}

void trial_clear(void)
{
    memset(trial_marks, 0, processor_count * sizeof(trial_marks[0]));
    memset(trial_reports, 0xff, processor_count * sizeof(trial_reports[0]));
}

void trial_choose(unsigned first, unsigned step)
{
    memset(&trial_targets, 0, sizeof(trial_targets));
    for (unsigned i = first; i < processor_count; i += step) {
        processor_set_add(&trial_targets, i);
    }
}

void trial_choose_only(unsigned processor)
{
    memset(&trial_targets, 0, sizeof(trial_targets));
    processor_set_add(&trial_targets, processor);
}

void trial_check_nobody_ran(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
            CHECK(trial_marks[i].runs[phase] == 0);
        }
    }
}

/* The report of a processor that ran everything: its own value, and times in order. */
static void check_report(unsigned processor, unsigned present)
{
    const struct rendezvous_report *report = &trial_reports[processor];
    unsigned last = (present & 2) != 0   ? RENDEZVOUS_ACTION
                    : (present & 4) != 0 ? RENDEZVOUS_TEARDOWN
                                         : RENDEZVOUS_SETUP;

    CHECK(report->part == RENDEZVOUS_FINISHED);
    CHECK(report->returned == (processor << 8 | last));
    CHECK(report->arrived_ns <= report->released_ns);
    CHECK(report->released_ns <= report->started_ns);
    CHECK(report->started_ns <= report->finished_ns);
}

/* Exactly the targets ran exactly the phases, once, and the reports say so. */
void trial_check_ran(unsigned present)
{
    for (unsigned i = 0; i < processor_count; i++) {
        bool target = processor_set_contains(&trial_targets, i);
        for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
            CHECK(trial_marks[i].runs[phase] == (target ? present >> phase & 1 : 0));
        }
        if (target) {
            check_report(i, present);
        } else {
            CHECK(trial_reports[i].part == RENDEZVOUS_NOT_ASKED);
            CHECK(trial_reports[i].returned == 0 && trial_reports[i].arrived_ns == 0);
        }
    }
}

void trial_call(unsigned present)
{
    struct rendezvous_request request = trial_request(present);
    unsigned irql = arch_irql();

    trial_clear();
    CHECK(rendezvous_call(&request) == RENDEZVOUS_OK);
    CHECK(arch_irql() == irql);
    trial_check_ran(present);
}

enum rendezvous_status trial_await(struct rendezvous_completion *completion)
{
    enum rendezvous_status status;

    while ((status = rendezvous_test(completion)) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    return status;
}

/* If the caller was a target, its times count from the send, by its own clock. */
static void check_times(const struct rendezvous_report *own, uint64_t began_ticks)
{
    uint64_t elapsed_ns = (arch_ticks() - began_ticks) * 1000000 / arch_ticks_per_ms();

    if (own->part == RENDEZVOUS_FINISHED) {
        CHECK(own->arrived_ns >= 0);
        CHECK((uint64_t)own->finished_ns <= elapsed_ns);
    }
}

void trial_begin(unsigned present)
{
    struct rendezvous_request request = trial_request(present);
    struct rendezvous_completion completion;
    uint64_t began_ticks = arch_ticks();

    trial_clear();
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    memset(&request, 0xff, sizeof(request)); /* the request need not outlive the call */
    CHECK(trial_await(&completion) == RENDEZVOUS_OK);
    memset(&completion, 0xff, sizeof(completion));
    trial_check_ran(present);
    check_times(&trial_reports[arch_processor()->index], began_ticks);
}
