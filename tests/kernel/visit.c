/* SPDX-License-Identifier: MIT */
#include "tests/kernel/visit.h"

#include "lib/string.h"
#include "tests/kernel/suite.h"

/*
 * The number of processors that change in one test, spread over all of them, and of the requester's
 * own calls between two changes. On a large machine each of these waits for a call by every other
 * processor.
 */
#define LARGE         16
#define CHANGED_LIMIT (processor_count > LARGE ? 3u : 8u)
#define CALLS_BETWEEN (processor_count > LARGE ? 1u : 4u)

/*
 * Per processor, how many of its changes have begun or ended. The value modulo 4 means: online,
 * leaving, offline, coming.
 */
enum { STEADY_ONLINE, IS_LEAVING, STEADY_OFFLINE, IS_COMING };
static _Atomic uint32_t changes[PROCESSOR_LIMIT];

struct visit {
    _Atomic uint8_t runs[PROCESSOR_LIMIT];
    uint32_t before[PROCESSOR_LIMIT];
};

ULONG_PTR NTAPI visit_count(ULONG_PTR argument)
{
    struct visit *visit = (struct visit *)argument;
    return atomic_fetch_add(&visit->runs[arch_processor()->index], 1);
}

static void check_visit(const struct visit *visit, unsigned processor)
{
    unsigned runs = visit->runs[processor];
    uint32_t before = visit->before[processor];

    CHECK(runs <= 1);
    if (atomic_load(&changes[processor]) == before && before % 2 == 0) {
        CHECK(runs == (before % 4 == STEADY_ONLINE));
    }
}

/* A processor that was online during the whole call has run it; one that was offline has not. */
void visit_call_with(PKIPI_BROADCAST_WORKER worker)
{
    struct visit visit;

    memset(&visit, 0, sizeof(visit));
    for (unsigned i = 0; i < processor_count; i++) {
        visit.before[i] = atomic_load(&changes[i]);
    }
    CHECK(KeIpiGenericCall(worker, (ULONG_PTR)&visit) == 0);
    for (unsigned i = 0; i < processor_count; i++) {
        check_visit(&visit, i);
    }
}

void visit_call(void)
{
    visit_call_with(visit_count);
}

void visit_note_change(unsigned processor)
{
    atomic_fetch_add(&changes[processor], 1);
}

bool visit_is_changing(void)
{
    unsigned changing = 0;
    for (unsigned i = 0; i < processor_count; i++) {
        changing |= atomic_load(&changes[i]) % 2;
    }
    return changing != 0;
}

void visit_go(unsigned processor)
{
    visit_note_change(processor);
    CHECK(processor_offline(processor) == PROCESSOR_CHANGED);
    CHECK(!processor_is_online(processor));
    visit_note_change(processor);
}

void visit_come(unsigned processor)
{
    visit_note_change(processor);
    CHECK(processor_online(processor) == PROCESSOR_CHANGED);
    CHECK(processor_is_online(processor));
    visit_note_change(processor);
}

void visit_go_and_come(unsigned processor)
{
    visit_go(processor);
    for (unsigned i = 0; i < CALLS_BETWEEN; i++) {
        visit_call();
    }
    visit_come(processor);
    for (unsigned i = 0; i < CALLS_BETWEEN; i++) {
        visit_call();
    }
}

void visit_for_some(void (*change)(unsigned processor))
{
    unsigned last = processor_count - 1;
    unsigned steps = last < CHANGED_LIMIT ? last : CHANGED_LIMIT;

    for (unsigned i = 0; i < steps; i++) {
        change(steps == 1 ? 1 : 1 + i * (last - 1) / (steps - 1));
    }
}

bool visit_is_alone(void)
{
    if (processor_count == 1) {
        suite_skip("no other processor can go offline");
    }
    return processor_count == 1;
}
