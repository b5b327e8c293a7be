/* SPDX-License-Identifier: MIT */
/*
 * kernel/silence/verdict.c with evidence.c, watchdog.c and trace.c: the verdict on a silent
 * processor, from what it reported or left in its seat and its ring, at each moment that matters.
 * Also watchdog.c's alarm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/entry.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/rendezvous/watchdog.h"
#include "kernel/silence/evidence.h"
#include "kernel/silence/silence.h"
#include "kernel/silence/verdict.h"
#include "tests/host/silent_machine.h"

#define LEADER     0
#define SUSPECT    SILENT_FREEZES
#define CALL       7
#define SENT_TICKS 1000

#define HALF_PATIENCE_TICKS 50000
#define ROUTINE             0xabc

/* ---- what happens ---- */

static int set_up(void **state)
{
    (void)state;
    silent_reset();
    silent_generation = CALL;
    silent_ticks = SENT_TICKS;
    return 0;
}

static struct processor_set only(unsigned processor)
{
    struct processor_set set = { 0 };

    processor_set_add(&set, processor);
    return set;
}

static void sit(enum seat_phase phase, uint64_t call)
{
    struct rendezvous_seat *seat = &processors[SUSPECT]->seat;

    atomic_store(&seat->phase, phase);
    atomic_store(&seat->reached, round_mark(call, ROUND_PENDING));
}

static void record(enum trace_event event, uint64_t ticks, uint64_t value)
{
    trace_event(processors[SUSPECT], event, ticks, value);
    silent_ticks = ticks;
}

static void ask(void)
{
    struct processor_set suspects = only(SUSPECT);
    evidence_ask(&suspects);
}

static void answer(uint64_t ticks)
{
    silent_ticks = ticks;
    silent_self = SUSPECT;
    assert_true(evidence_answer(NULL));
    silent_self = LEADER;
}

/* The suspect is asked, and answers at once. */
static void tell(void)
{
    ask();
    answer(2000);
}

/* The suspect is given up on, with this verdict. */
static void assert_verdict(const char *word, const char *worker)
{
    struct processor_set missing = only(SUSPECT);
    char expected[128];

    silent_ticks += 100;
    memset(silent_console, 0, sizeof(silent_console));
    silence_condemn(&missing, CALL, SENT_TICKS);
    verdict_print_all();
    snprintf(expected, sizeof(expected),
             "watchdog processor=%u verdict=%s worker=%s call=%u at=", SUSPECT, word, worker, CALL);
    if (strncmp(silent_console, expected, strlen(expected)) != 0) {
        fail_msg("%s is not in: %s", expected, silent_console);
    }
}

/* ---- the seat ---- */

static void test_in_worker(void **state)
{
    (void)state;
    record(TRACE_ARRIVED, 1100, CALL);
    record(TRACE_STARTED, 1200, ROUTINE);
    sit(SEAT_RUNNING, CALL);
    tell();
    assert_verdict("in-worker", "routine_abc");
}

static void test_inside(void **state)
{
    (void)state;
    sit(SEAT_FINISHED, CALL);
    tell();
    assert_verdict("not-let-go", "-");
    sit(SEAT_ARRIVED, CALL);
    tell();
    assert_verdict("at-barrier", "-");
}

static void test_previous_call(void **state)
{
    (void)state;
    record(TRACE_ARRIVED, 100, CALL - 1);
    record(TRACE_STARTED, 200, ROUTINE);
    record(TRACE_FINISHED, 300, CALL - 1);
    sit(SEAT_FINISHED, CALL - 1);
    tell();
    assert_verdict("previous-call", "routine_abc");
}

/* It was stopped between the store to its seat and the event: the ring shows an older routine. */
static void test_routine_is_not_recorded_yet(void **state)
{
    (void)state;
    record(TRACE_ARRIVED, 100, CALL - 1);
    record(TRACE_STARTED, 200, ROUTINE);
    record(TRACE_ARRIVED, 1100, CALL);
    sit(SEAT_RUNNING, CALL);
    tell();
    assert_verdict("in-worker", "-");
}

/* ---- the doorbell ---- */

static void test_never_delivered(void **state)
{
    (void)state;
    record(TRACE_INTERRUPT, SENT_TICKS - 1, 0);
    tell();
    assert_verdict("never-delivered", "-");
}

static void test_pending(void **state)
{
    (void)state;
    silent_present.doorbell_pending = true;
    tell();
    assert_verdict("pending", "-");
    silent_present.masked_priority = 14;
    tell();
    assert_verdict("priority", "-");
    silent_present.interrupts_enabled = false;
    tell();
    assert_verdict("masked", "-");
}

static void test_taken(void **state)
{
    (void)state;
    record(TRACE_INTERRUPT, SENT_TICKS + 1, 0);
    tell();
    assert_verdict("not-arrived", "-");
    silent_present.doorbell_in_service = true;
    tell();
    assert_verdict("in-service", "-");
}

/* A call that its caller does not wait for: its leader did not ring, or rang later for others. */
static void test_rung_by_another(void **state)
{
    (void)state;
    trace_event(processors[LEADER], TRACE_SENT, 1500, CALL + 1);
    trace_event(processors[LEADER + 1], TRACE_SENT, SENT_TICKS, CALL);
    record(TRACE_INTERRUPT, SENT_TICKS + 1, 0);
    tell();
    assert_verdict("not-arrived", "-");
}

/* ---- time ---- */

/* The verdict depends on its state when it answered, not on what it has done since. */
static void test_came_back_after_the_answer(void **state)
{
    (void)state;
    record(TRACE_ARRIVED, 1100, CALL);
    record(TRACE_STARTED, 1200, ROUTINE);
    sit(SEAT_RUNNING, CALL);
    tell();
    record(TRACE_FINISHED, 2100, CALL);
    record(TRACE_DONE, 2110, CALL);
    sit(SEAT_OUT, CALL);
    assert_verdict("in-worker", "routine_abc");
}

static void test_took_the_doorbell_after_the_answer(void **state)
{
    (void)state;
    silent_present.doorbell_pending = true;
    silent_present.interrupts_enabled = false;
    tell();
    record(TRACE_INTERRUPT, 2100, 0);
    assert_verdict("masked", "-");
}

static void test_answers_of_another_call_do_not_count(void **state)
{
    struct processor_set missing = only(SUSPECT);

    (void)state;
    silent_present.doorbell_pending = true;
    ask();
    answer(500);
    watchdog_step(1, &missing, true); /* the first quarter of this call */
    assert_verdict("not-asked", "-");
}

/* ---- no answer ---- */

static void test_no_answer(void **state)
{
    (void)state;
    sit(SEAT_RUNNING, CALL);
    ask();
    silent_ticks += HALF_PATIENCE_TICKS;
    assert_verdict("no-answer", "-");
    answer(2 * HALF_PATIENCE_TICKS); /* it still finds the question */
}

/* A deadline that is too short for an answer does not prove that the processor is dead. */
static void test_asked_just_now(void **state)
{
    (void)state;
    ask();
    assert_verdict("not-asked", "-");
    answer(2000);
}

/* A deadline that is too short to ask: what the seat and the ring prove still holds. */
static void test_not_asked(void **state)
{
    (void)state;
    assert_verdict("not-asked", "-");
    record(TRACE_INTERRUPT, SENT_TICKS + 1, 0);
    assert_verdict("not-arrived", "-");
    record(TRACE_ARRIVED, 1100, CALL);
    record(TRACE_STARTED, 1200, ROUTINE);
    sit(SEAT_RUNNING, CALL);
    assert_verdict("in-worker", "routine_abc");
    sit(SEAT_RUNNING, CALL - 1);
    assert_verdict("previous-call", "routine_abc");
}

/* ---- bug check 0x101 ---- */

/* The verdicts in the report: the number of `watchdog` lines; the console begins with the first. */
static unsigned report_on(unsigned culprit)
{
    unsigned count = 0;

    memset(silent_console, 0, sizeof(silent_console));
    silent_reports = true;
    silence_suspect(culprit);
    while (verdict_print(count)) {
        count++;
    }
    return count;
}

static void test_culprit_of_the_latest_call(void **state)
{
    struct processor_set missing = only(SUSPECT);

    (void)state;
    processor_set_add(&missing, LEADER + 1);
    sit(SEAT_RUNNING, CALL);
    silence_condemn(&missing, CALL, SENT_TICKS);
    assert_int_equal(report_on(SUSPECT), 2);
    assert_non_null(strstr(silent_console, "watchdog processor=1 verdict=no-answer "));
    assert_non_null(
        strstr(silent_console, "watchdog processor=2 verdict=in-worker worker=- call=7 "));
}

static void test_culprit_of_a_later_call(void **state)
{
    struct processor_set missing = only(SUSPECT);

    (void)state;
    processor_set_add(&missing, LEADER + 1);
    silence_condemn(&missing, CALL, SENT_TICKS);
    silent_generation = CALL + 3;
    sit(SEAT_RUNNING, CALL + 3);
    assert_int_equal(report_on(SUSPECT), 1);
    assert_memory_equal(silent_console, "watchdog processor=2 verdict=in-worker worker=- call=10 ",
                        56);
}

/* It kept a processor waiting that did not ring it: the doorbell is irrelevant. */
static void test_culprit_in_no_call(void **state)
{
    (void)state;
    assert_int_equal(report_on(SUSPECT), 1);
    assert_memory_equal(silent_console, "watchdog processor=2 verdict=outside worker=- ", 46);
}

/* Its frozen state is newer than its answer to another processor that waited for it. */
static void test_culprit_has_answered_before(void **state)
{
    (void)state;
    sit(SEAT_RUNNING, CALL);
    tell();
    sit(SEAT_OUT, CALL);
    assert_int_equal(report_on(SUSPECT), 1);
    assert_memory_equal(silent_console, "watchdog processor=2 verdict=outside worker=- ", 46);
}

static void test_culprit_that_is_none(void **state)
{
    struct processor_set missing = only(SUSPECT);

    (void)state;
    silence_condemn(&missing, CALL, SENT_TICKS);
    assert_int_equal(report_on(UINT32_MAX), 0);
    assert_string_equal(silent_console, "");
}

/* ---- the alarm in routines ---- */

/* An alarm that goes off between two routines does not count for the second. */
static void test_alarm_between_routines(void **state)
{
    struct processor *self = processors[SUSPECT];

    (void)state;
    silent_self = SUSPECT;
    watchdog_guard_routine(self, silent_ticks);
    assert_int_equal(silent_alarms, 1);
    watchdog_guard_routine(self, silent_ticks + 1);
    assert_int_equal(silent_alarms, 1); /* an alarm is already set */
    silent_ticks += HALF_PATIENCE_TICKS / 2;
    sit(SEAT_OUT, CALL);
    watchdog_alarm(NULL);
    watchdog_guard_routine(self, silent_ticks + 1);
    assert_int_equal(silent_alarms, 2);
}

/* A processor that has finished watches the leader's routine, but not with a halt's alarm. */
static void test_alarm_looks_after_the_leader(void **state)
{
    (void)state;
    silent_self = SUSPECT;
    watchdog_guard_routine(processors[SUSPECT], silent_ticks);
    atomic_store(&processors[LEADER]->seat.phase, SEAT_RUNNING);
    watchdog_alarm(NULL);
    assert_int_equal(silent_alarms, 2);
    processors[SUSPECT]->alarm.until_ticks = 0; /* as a halt does */
    watchdog_alarm(NULL);
    assert_int_equal(silent_alarms, 2);
    watchdog_guard_routine(processors[SUSPECT], silent_ticks);
    atomic_store(&processors[LEADER]->seat.phase, SEAT_OUT);
    watchdog_alarm(NULL);
    assert_int_equal(silent_alarms, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_in_worker, set_up),
        cmocka_unit_test_setup(test_inside, set_up),
        cmocka_unit_test_setup(test_previous_call, set_up),
        cmocka_unit_test_setup(test_routine_is_not_recorded_yet, set_up),
        cmocka_unit_test_setup(test_never_delivered, set_up),
        cmocka_unit_test_setup(test_pending, set_up),
        cmocka_unit_test_setup(test_taken, set_up),
        cmocka_unit_test_setup(test_rung_by_another, set_up),
        cmocka_unit_test_setup(test_came_back_after_the_answer, set_up),
        cmocka_unit_test_setup(test_took_the_doorbell_after_the_answer, set_up),
        cmocka_unit_test_setup(test_answers_of_another_call_do_not_count, set_up),
        cmocka_unit_test_setup(test_no_answer, set_up),
        cmocka_unit_test_setup(test_asked_just_now, set_up),
        cmocka_unit_test_setup(test_not_asked, set_up),
        cmocka_unit_test_setup(test_culprit_of_the_latest_call, set_up),
        cmocka_unit_test_setup(test_culprit_of_a_later_call, set_up),
        cmocka_unit_test_setup(test_culprit_in_no_call, set_up),
        cmocka_unit_test_setup(test_culprit_has_answered_before, set_up),
        cmocka_unit_test_setup(test_culprit_that_is_none, set_up),
        cmocka_unit_test_setup(test_alarm_between_routines, set_up),
        cmocka_unit_test_setup(test_alarm_looks_after_the_leader, set_up),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
