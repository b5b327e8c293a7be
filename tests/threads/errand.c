/* SPDX-License-Identifier: MIT */
#include "tests/threads/errand.h"

#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"

#define SEAL 0x5ea1000000000000u

static unsigned members(const struct errand *errand)
{
    return (unsigned)__builtin_popcount(errand->targets);
}

/* How often `processor` should have run `phase`. */
static unsigned runs(const struct errand *errand, unsigned phase, unsigned processor)
{
    return errand->phases >> phase & errand->targets >> processor & 1;
}

/* K8: everything stored in a phase is seen in the next. */
static void check_phases_are_over(const struct errand *errand, unsigned phases)
{
    for (unsigned phase = 0; phase < phases; phase++) {
        for (unsigned i = 0; i < MACHINE_PROCESSORS; i++) {
            check(errand->ran[phase][i] == runs(errand, phase, i));
        }
    }
}

static uintptr_t run_phase(struct errand *errand, unsigned phase)
{
    unsigned self = arch_processor()->index;

    check(arch_irql() == IRQL_IPI);
    check(runs(errand, phase, self) == 1);
    check_phases_are_over(errand, phase);
    errand->ran[phase][self]++;
    atomic_fetch_add_explicit(&errand->inside[phase], 1, memory_order_relaxed);
    check_await(&errand->inside[phase], members(errand)); /* K3: all are inside together */
    return SEAL + (phase << 8) + self;
}

CHECK_ROUTINE set_up(uintptr_t argument)
{
    return run_phase((struct errand *)argument, RENDEZVOUS_SETUP);
}

CHECK_ROUTINE act(uintptr_t argument)
{
    return run_phase((struct errand *)argument, RENDEZVOUS_ACTION);
}

CHECK_ROUTINE tear_down(uintptr_t argument)
{
    return run_phase((struct errand *)argument, RENDEZVOUS_TEARDOWN);
}

struct rendezvous_request errand_prepare(struct errand *errand, unsigned targets, unsigned phases,
                                         uint32_t timeout_ms)
{
    static rendezvous_routine *const routines[] = { set_up, act, tear_down };
    struct rendezvous_request request = { .targets = &errand->target_set,
                                          .argument = (uintptr_t)errand,
                                          .timeout_ms = timeout_ms,
                                          .reports = errand->reports,
                                          .report_count = MACHINE_PROCESSORS + 1 };

    memset(errand, 0, sizeof(*errand));
    memset(errand->reports, 0xdd, sizeof(errand->reports));
    errand->targets = targets;
    errand->phases = phases;
    errand->target_set.words[0] = targets;
    for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
        request.routines[phase] = phases >> phase & 1 ? routines[phase] : NULL;
    }
    return request;
}

/* The reported value: the action's, or the last phase's. */
static uintptr_t value_of(const struct errand *errand, unsigned processor)
{
    unsigned last = 31 - (unsigned)__builtin_clz(errand->phases);
    unsigned phase = errand->phases & ERRAND_ACTION ? RENDEZVOUS_ACTION : last;
    return SEAL + (phase << 8) + processor;
}

static void check_finished(const struct errand *errand, unsigned processor)
{
    const struct rendezvous_report *report = &errand->reports[processor];

    check(report->part == RENDEZVOUS_FINISHED);
    check(report->returned == value_of(errand, processor));
    check(report->arrived_ns <= report->released_ns);
    check(report->released_ns <= report->started_ns);
    check(report->started_ns <= report->finished_ns);
}

void errand_check(struct errand *errand, enum rendezvous_status status)
{
    if (status == RENDEZVOUS_OK) {
        check_phases_are_over(errand, RENDEZVOUS_PHASES);
    }
    for (unsigned i = 0; i <= MACHINE_PROCESSORS; i++) {
        bool is_target = errand->targets >> i & 1;
        if (!is_target) {
            check(errand->reports[i].part == RENDEZVOUS_NOT_ASKED);
        } else if (status == RENDEZVOUS_OK) {
            check_finished(errand, i);
        }
    }
    for (unsigned phase = 0; status != RENDEZVOUS_OK && phase < RENDEZVOUS_PHASES; phase++) {
        check(atomic_load_explicit(&errand->inside[phase], memory_order_relaxed) == 0);
    }
    memset(errand, 0xdd, sizeof(*errand));
    atomic_signal_fence(memory_order_seq_cst); /* the compiler keeps the memset */
}
