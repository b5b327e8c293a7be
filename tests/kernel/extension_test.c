/*
 * The extension (clause X): chosen processors, phases, deadlines with a status, calls that nobody
 * waits for.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/wait.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"

#define START_MS 50 /* a deadline that is meant to pass */

/* What each processor did in the call under test: its routines write, the caller reads after it. */
static struct {
    alignas(CACHE_PAIR) unsigned runs[RENDEZVOUS_PHASES];
} marks[PROCESSOR_LIMIT];
static struct processor_set targets;
static struct rendezvous_report reports[PROCESSOR_LIMIT];

/* ---- routines ---- */

/* Every target has finished the phases before this one, and none has begun a later one. */
static void check_phase(unsigned phase, uintptr_t present)
{
    processor_set_for_each(processor, &targets) {
        for (unsigned other = 0; other < phase; other++) {
            CHECK(marks[processor].runs[other] == (present >> other & 1));
        }
    }
}

static uintptr_t mark_phase(unsigned phase, uintptr_t present)
{
    unsigned index = arch_processor()->index;

    CHECK(arch_irql() == IRQL_IPI);
    check_phase(phase, present);
    marks[index].runs[phase]++;
    return index << 8 | phase;
}

static ULONG_PTR NTAPI setup(ULONG_PTR argument)
{
    return mark_phase(RENDEZVOUS_SETUP, argument);
}

static ULONG_PTR NTAPI action(ULONG_PTR argument)
{
    return mark_phase(RENDEZVOUS_ACTION, argument);
}

static ULONG_PTR NTAPI teardown(ULONG_PTR argument)
{
    return mark_phase(RENDEZVOUS_TEARDOWN, argument);
}

/* ---- a call and what must come of it ---- */

/* `present`: a bit for each phase; it is the argument, too. */
static struct rendezvous_request request_of(unsigned present)
{
    struct rendezvous_request request = { .targets = &targets,
                                          .argument = present,
                                          .reports = reports,
                                          .report_count = processor_count };
    rendezvous_routine *const routines[] = { setup, action, teardown };

    for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
        request.routines[phase] = (present >> phase & 1) != 0 ? routines[phase] : NULL;
    }
    return request;
}

static void clear(void)
{
    memset(marks, 0, processor_count * sizeof(marks[0]));
    memset(reports, 0xff, processor_count * sizeof(reports[0]));
}

static void choose(unsigned first, unsigned step)
{
    memset(&targets, 0, sizeof(targets));
    for (unsigned i = first; i < processor_count; i += step) {
        processor_set_add(&targets, i);
    }
}

static void choose_only(unsigned processor)
{
    memset(&targets, 0, sizeof(targets));
    processor_set_add(&targets, processor);
}

static void check_nobody_ran(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
            CHECK(marks[i].runs[phase] == 0);
        }
    }
}

/* What a processor that has run everything says: its own value, and times in order. */
static void check_report(unsigned processor, unsigned present)
{
    const struct rendezvous_report *report = &reports[processor];
    unsigned last = (present & 2) != 0   ? RENDEZVOUS_ACTION
                    : (present & 4) != 0 ? RENDEZVOUS_TEARDOWN
                                         : RENDEZVOUS_SETUP;

    CHECK(report->part == RENDEZVOUS_FINISHED);
    CHECK(report->returned == (processor << 8 | last));
    CHECK(report->arrived_ns <= report->released_ns);
    CHECK(report->released_ns <= report->started_ns);
    CHECK(report->started_ns <= report->finished_ns);
}

/* Exactly the targets ran exactly the phases, once, and are reported so. */
static void check_ran(unsigned present)
{
    for (unsigned i = 0; i < processor_count; i++) {
        bool target = processor_set_contains(&targets, i);
        for (unsigned phase = 0; phase < RENDEZVOUS_PHASES; phase++) {
            CHECK(marks[i].runs[phase] == (target ? present >> phase & 1 : 0));
        }
        if (target) {
            check_report(i, present);
        } else {
            CHECK(reports[i].part == RENDEZVOUS_NOT_ASKED);
        }
    }
}

static void call_and_check(unsigned present)
{
    struct rendezvous_request request = request_of(present);
    unsigned irql = arch_irql();

    clear();
    CHECK(rendezvous_call(&request) == RENDEZVOUS_OK);
    CHECK(arch_irql() == irql);
    check_ran(present);
}

/* ---- sets and phases ---- */

static void test_sets(void)
{
    for (unsigned i = 0; i < processor_count; i += 1 + processor_count / 8) {
        choose_only(i);
        call_and_check(1 << RENDEZVOUS_ACTION);
    }
    for (unsigned first = 0; first < 3; first++) {
        for (unsigned step = 1; step < 4; step++) {
            choose(first, step); /* with the caller and without, and empty on a small machine */
            call_and_check(1 << RENDEZVOUS_ACTION);
        }
    }
}

static void test_phases(void)
{
    for (unsigned present = 1; present < 1u << RENDEZVOUS_PHASES; present++) {
        choose(0, 1);
        call_and_check(present);
        choose(1, 2);
        call_and_check(present);
    }
}

static void test_all_online(void)
{
    struct rendezvous_request request = request_of(7);

    choose(0, 1);
    clear();
    request.targets = NULL;
    request.timeout_ms = 600000;
    CHECK(rendezvous_call(&request) == RENDEZVOUS_OK);
    check_ran(7);
}

/* ---- refusals ---- */

static void check_refused(const struct rendezvous_request *request, enum rendezvous_status status)
{
    struct rendezvous_completion completion;

    clear();
    CHECK(rendezvous_call(request) == status);
    CHECK(rendezvous_begin(request, &completion) == status);
    CHECK(rendezvous_test(&completion) == status);
    check_nobody_ran();
}

static void test_refusals(void)
{
    struct rendezvous_request request = request_of(0);

    choose(0, 1);
    check_refused(&request, RENDEZVOUS_INVALID);
    CHECK(reports[0].part == RENDEZVOUS_NOT_ASKED);
    request = request_of(2);
    request.routines[RENDEZVOUS_TEARDOWN] = (rendezvous_routine *)0x8000000000000000;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = request_of(2);
    request.timeout_ms = 600001;
    check_refused(&request, RENDEZVOUS_INVALID);
    request = request_of(2);
    processor_set_add(&targets, PROCESSOR_LIMIT - 1); /* no machine here has so many */
    check_refused(&request, RENDEZVOUS_OFFLINE);
}

/* ---- a processor that does not listen ---- */

static _Atomic bool deaf, listen;

static void be_deaf(void *argument)
{
    (void)argument;
    arch_interrupts_disable();
    atomic_store(&deaf, true);
    while (!atomic_load(&listen)) {
        arch_relax();
    }
    arch_interrupts_enable();
    atomic_store(&deaf, false);
}

/* The last processor, until end_deafness(); false where there is only one. */
static bool begin_deafness(void)
{
    if (processor_count == 1) {
        suite_skip("there is no other processor to be deaf");
        return false;
    }
    atomic_store(&listen, false);
    processor_post(processor_count - 1, be_deaf, NULL);
    while (!atomic_load(&deaf)) {
        arch_relax();
    }
    return true;
}

static void end_deafness(void)
{
    atomic_store(&listen, true);
    processor_await(processor_count - 1);
}

static void test_absent(void)
{
    struct rendezvous_request request = request_of(7);

    if (!begin_deafness()) {
        return;
    }
    for (unsigned round = 0; round < 2; round++) {
        choose(round, 1); /* with the caller and without */
        clear();
        request.timeout_ms = START_MS;
        CHECK(rendezvous_call(&request) == RENDEZVOUS_ABSENT);
        check_nobody_ran();
        CHECK(reports[processor_count - 1].part == RENDEZVOUS_DID_NOT_COME);
        for (unsigned i = round; i < processor_count - 1; i++) { /* late ones are missing, too */
            CHECK(reports[i].part == RENDEZVOUS_ARRIVED ||
                  reports[i].part == RENDEZVOUS_DID_NOT_COME);
        }
    }
    choose(0, 1);
    processor_set_remove(&targets, processor_count - 1);
    call_and_check(7); /* the others go on */
    clear();
    end_deafness();
    check_nobody_ran(); /* nor does the late one */
    choose(0, 1);
    call_and_check(7);
}

/* ---- without waiting ---- */

static enum rendezvous_status await(struct rendezvous_completion *completion)
{
    enum rendezvous_status status;

    while ((status = rendezvous_test(completion)) == RENDEZVOUS_PENDING) {
        arch_relax();
    }
    return status;
}

static void begin_and_check(unsigned present)
{
    struct rendezvous_request request = request_of(present);
    struct rendezvous_completion completion;

    clear();
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    memset(&request, 0xff, sizeof(request)); /* it may die */
    CHECK(await(&completion) == RENDEZVOUS_OK);
    memset(&completion, 0xff, sizeof(completion));
    check_ran(present);
}

static void test_no_wait(void)
{
    choose(0, 1);
    begin_and_check(2);
    begin_and_check(7);
    choose_only(0);
    begin_and_check(2);
    choose(1, 1);
    if (processor_count > 1) {
        begin_and_check(5);
    }
    uintptr_t interrupts = arch_interrupts_save();
    choose(0, 1);
    begin_and_check(2); /* this processor takes part while it asks */
    arch_interrupts_restore(interrupts);
}

/* Two calls in a row that nobody has waited for: the second begins when the first is over. */
static void test_no_wait_twice(void)
{
    struct rendezvous_request request = request_of(2);
    struct rendezvous_completion first, second;

    choose(0, 1);
    clear();
    CHECK(rendezvous_begin(&request, &first) == RENDEZVOUS_PENDING);
    CHECK(rendezvous_begin(&request, &second) == RENDEZVOUS_PENDING);
    CHECK(rendezvous_test(&first) == RENDEZVOUS_OK);
    CHECK(await(&second) == RENDEZVOUS_OK);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(marks[i].runs[RENDEZVOUS_ACTION] == 2);
    }
}

/* Nobody comes: the call is withdrawn by who asks, and until then all others have to wait. */
static void test_no_wait_absent(void)
{
    struct rendezvous_request request = request_of(2);
    struct rendezvous_request other = request_of(2);
    struct rendezvous_completion completion;

    if (!begin_deafness()) {
        return;
    }
    choose_only(processor_count - 1);
    clear();
    request.timeout_ms = START_MS;
    CHECK(rendezvous_begin(&request, &completion) == RENDEZVOUS_PENDING);
    other.reports = NULL;
    other.report_count = 0;
    other.timeout_ms = 1;
    CHECK(rendezvous_call(&other) == RENDEZVOUS_BUSY);
    CHECK(await(&completion) == RENDEZVOUS_ABSENT);
    CHECK(reports[processor_count - 1].part == RENDEZVOUS_DID_NOT_COME);
    end_deafness();
    check_nobody_ran();
    choose(0, 1);
    begin_and_check(2);
}

/* ---- a routine that does not return ---- */

static ULONG_PTR NTAPI stay(ULONG_PTR argument)
{
    mark_phase(RENDEZVOUS_SETUP, argument);
    while (arch_processor()->index == processor_count - 1 && !atomic_load(&listen)) {
        arch_relax();
    }
    return 0;
}

/* A shorter patience, in proportion to the machine: what is meant to pass takes seconds else. */
static void test_stuck(void)
{
    struct rendezvous_request request = request_of(7);
    uint32_t patience_ms = wait_patience_ms();

    if (processor_count == 1) {
        suite_skip("there is no other processor to be stuck");
        return;
    }
    choose(0, 1);
    clear();
    atomic_store(&listen, false);
    request.routines[RENDEZVOUS_SETUP] = stay;
    wait_set_patience_ms(patience_ms / 20);
    CHECK(rendezvous_call(&request) == RENDEZVOUS_STUCK);
    wait_set_patience_ms(patience_ms);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(marks[i].runs[RENDEZVOUS_SETUP] == 1);
        CHECK(marks[i].runs[RENDEZVOUS_ACTION] == 0);
        CHECK(reports[i].part ==
              (i == processor_count - 1 ? RENDEZVOUS_UNFINISHED : RENDEZVOUS_CUT_SHORT));
    }
    processor_set_remove(&targets, processor_count - 1);
    call_and_check(7); /* the others go on */
    clear();
    end_deafness();
    choose(0, 1);
    call_and_check(7);
    CHECK(marks[processor_count - 1].runs[RENDEZVOUS_ACTION] == 1);
}

const struct suite_case extension_cases[] = {
    { "X C4 K4 the targets run it once, nobody else does, the caller in the set or not",
      test_sets },
    { "X every combination of phases, each begun when all have finished the last", test_phases },
    { "X all online processors, with a deadline", test_all_online },
    { "X what cannot be is refused: no routine, one nowhere, a bad deadline, an absent target",
      test_refusals },
    { "X a target that does not arrive: nobody runs, a status tells, the others go on",
      test_absent },
    { "X a call without waiting: the first to arrive leads it", test_no_wait },
    { "X two calls without waiting, one after the other", test_no_wait_twice },
    { "X without waiting, and nobody arrives: who asks withdraws it, others are told BUSY",
      test_no_wait_absent },
    { "X a routine that does not return: no further phase begins, the others go on", test_stuck },
    { NULL, NULL },
};
