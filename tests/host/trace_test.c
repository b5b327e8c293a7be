/* SPDX-License-Identifier: MIT */
/*
 * kernel/rendezvous/trace.c and trace_dump.c: the content of the rings, what a reader gets while
 * they are written, the order of both rings together, and the lines of a dump.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/silence/trace_dump.h"

#define PROCESSORS 3

static struct processor structures[PROCESSORS];
struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count;

/* ---- what the recorder needs from other files ---- */

static char console[65536];
static uint64_t now_ticks;

void log_line(const char *format, ...)
{
    size_t length = strlen(console);
    va_list arguments;

    va_start(arguments, format);
    length += (size_t)vsnprintf(console + length, sizeof(console) - length, format, arguments);
    va_end(arguments);
    assert_true(length + 1 < sizeof(console));
    console[length] = '\n';
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    snprintf(text, KSYMS_TEXT_SIZE, "routine_%llx", (unsigned long long)address);
    return text;
}

struct processor *sim_processor(void)
{
    return processors[0];
}

uint64_t sim_ticks(void)
{
    return now_ticks;
}

uint64_t arch_ticks_per_ms(void)
{
    return 2000000; /* two per nanosecond */
}

static int set_up(void **state)
{
    (void)state;
    memset(structures, 0, sizeof(structures));
    memset(console, 0, sizeof(console));
    processor_count = PROCESSORS;
    for (unsigned i = 0; i < PROCESSORS; i++) {
        structures[i].index = i;
        processors[i] = &structures[i];
    }
    return 0;
}

/* ---- the rings ---- */

/* Records events whose value and time are derived from their number. */
static void record_many(struct processor *self, uint64_t from, uint64_t count)
{
    for (uint64_t number = from; number < from + count; number++) {
        trace_event(self, TRACE_ARRIVED, 10 * number, number);
    }
}

/* The reader gets the events from `first` to `last`, and no others. */
static void assert_numbers(struct trace_cursor *cursor, uint64_t first, uint64_t last)
{
    struct trace_record record;

    for (uint64_t number = first; number <= last; number++) {
        assert_true(trace_next(cursor, &record));
        assert_int_equal(record.value, number);
        assert_int_equal(record.ticks, 10 * number);
        assert_int_equal(record.event, TRACE_ARRIVED);
    }
    assert_false(trace_next(cursor, &record));
}

static void test_empty(void **state)
{
    struct trace_record record;
    struct trace_cursor cursor = trace_first(processors[0]);

    (void)state;
    assert_false(trace_next(&cursor, &record));
}

static void test_few_events_are_all_there(void **state)
{
    (void)state;
    record_many(processors[0], 0, TRACE_ENTRIES - 1);
    struct trace_cursor cursor = trace_first(processors[0]);
    assert_numbers(&cursor, 0, TRACE_ENTRIES - 2);
}

static void test_old_events_give_way(void **state)
{
    const uint64_t count = 10 * TRACE_ENTRIES + 7;

    (void)state;
    record_many(processors[0], 0, count);
    struct trace_cursor cursor = trace_first(processors[0]);
    assert_numbers(&cursor, count - TRACE_ENTRIES + 1, count - 1);
}

static void test_values_keep_their_sign(void **state)
{
    struct trace_record record;

    (void)state;
    trace_event(processors[0], TRACE_STARTED, 1, 0xffffffff80201234);
    trace_event(processors[0], TRACE_ARRIVED, 2, (1ull << 46) - 1);
    struct trace_cursor cursor = trace_first(processors[0]);
    assert_true(trace_next(&cursor, &record));
    assert_int_equal(record.value, 0xffffffff80201234);
    assert_int_equal(record.event, TRACE_STARTED);
    assert_true(trace_next(&cursor, &record));
    assert_int_equal(record.value, (1ull << 46) - 1);
}

/* The writer was stopped between the words of an entry: the entry that it overwrites is lost. */
static void test_half_written_entry(void **state)
{
    struct trace_ring *ring = &processors[0]->trace;

    (void)state;
    record_many(processors[0], 0, TRACE_ENTRIES);
    atomic_store(&ring->entries[0].ticks, 12345);
    struct trace_cursor cursor = trace_first(processors[0]);
    assert_numbers(&cursor, 1, TRACE_ENTRIES - 1);
}

/* The writer continues after the reader has begun. */
static void test_overwritten_while_read(void **state)
{
    struct trace_record record;

    (void)state;
    record_many(processors[0], 0, TRACE_ENTRIES);
    struct trace_cursor cursor = trace_first(processors[0]);
    assert_true(trace_next(&cursor, &record));
    assert_int_equal(record.value, 1);
    record_many(processors[0], TRACE_ENTRIES, 10);
    assert_numbers(&cursor, 11, TRACE_ENTRIES - 1);
}

static void test_unmaskable_events_are_merged(void **state)
{
    struct trace_record record;
    const uint64_t count = TRACE_NMI_ENTRIES + 5;

    (void)state;
    record_many(processors[0], 0, 30);
    for (uint64_t number = 0; number < count; number++) {
        trace_nmi_event(processors[0], TRACE_NMI, 105 + 10 * number, number);
    }
    struct trace_cursor cursor = trace_first(processors[0]);
    unsigned seen = 0, unmaskable = 0;
    for (uint64_t before = 0; trace_next(&cursor, &record); before = record.ticks) {
        assert_true(record.ticks >= before);
        assert_int_equal(record.value,
                         record.event == TRACE_NMI ? (record.ticks - 105) / 10 : record.ticks / 10);
        seen++;
        unmaskable += record.event == TRACE_NMI;
    }
    assert_int_equal(unmaskable, TRACE_NMI_ENTRIES - 1);
    assert_int_equal(seen, 30 + unmaskable);
}

static _Atomic bool writer_is_done;

static void *write_on(void *argument)
{
    record_many(argument, 0, 3000000);
    atomic_store(&writer_is_done, true);
    return NULL;
}

/* While the writer runs, a reader gets only recorded events, each once and in order. */
static void test_reader_beside_writer(void **state)
{
    pthread_t writer;
    struct trace_record record;
    uint64_t read = 0;

    (void)state;
    atomic_store(&writer_is_done, false);
    assert_int_equal(pthread_create(&writer, NULL, write_on, processors[1]), 0);
    for (bool last = false; !last;) {
        last = atomic_load(&writer_is_done);
        uint64_t expected = 0;
        struct trace_cursor cursor = trace_first(processors[1]);
        while (trace_next(&cursor, &record)) {
            assert_int_equal(record.event, TRACE_ARRIVED);
            assert_int_equal(record.ticks, 10 * record.value);
            assert_true(record.value >= expected);
            expected = record.value + 1;
            read++;
        }
    }
    pthread_join(writer, NULL);
    assert_true(read >= TRACE_ENTRIES - 1);
}

/* ---- the dump ---- */

/* What `self` records in call `generation`, 1000 ticks after the last. */
static void take_part(struct processor *self, uint64_t generation)
{
    uint64_t ticks = 1000000 + 1000 * generation + 2 * self->index;

    trace_event(self, self->index == 0 ? TRACE_SENT : TRACE_INTERRUPT, ticks,
                self->index == 0 ? generation : 2);
    trace_event(self, TRACE_ARRIVED, ticks + 100, generation);
    trace_event(self, TRACE_STARTED, ticks + 200, 0xabc);
    trace_event(self, TRACE_DONE, ticks + 300, generation);
}

static void make_calls(uint64_t count)
{
    for (uint64_t generation = 1; generation <= count; generation++) {
        for (unsigned i = 0; i < PROCESSORS; i++) {
            take_part(processors[i], generation);
        }
    }
    now_ticks = 1000000 + 1000 * (count + 1);
}

static void assert_console(const char *expected)
{
    assert_string_equal(console, expected);
}

static void test_dump_of_the_last_call(void **state)
{
    (void)state;
    make_calls(3);
    trace_print(1);
    assert_console(
        "trace begin processors=3 ticks_per_ms=2000000 base_ticks=1003000 now_ns=500\n"
        "trace processor=0 sent=3@0 arrived=3@50 started=routine_abc@100 done=3@150\n"
        "trace processor=1 interrupt=2@1 arrived=3@51 started=routine_abc@101 done=3@151\n"
        "trace processor=2 interrupt=2@2 arrived=3@52 started=routine_abc@102 done=3@152\n"
        "trace end printed=12 left_out=24\n");
}

static void test_dump_of_a_bug_check(void **state)
{
    (void)state;
    make_calls(4);
    trace_dump_bugcheck(2);
    assert_non_null(strstr(console, "base_ticks=1001000 now_ns=2000\n"));
    assert_null(strstr(console, "trace processor=1 interrupt=2@501 "));
    assert_non_null(strstr(console, "trace processor=1 interrupt=2@1001 arrived=3@1051 "));
    assert_non_null(strstr(console, "trace processor=1 interrupt=2@1501 arrived=4@1551 "));
    /* All events of the culprit, and of processor 0, which stops. */
    assert_non_null(strstr(console, "trace processor=0 sent=1@0 "));
    assert_non_null(strstr(console, "trace processor=2 interrupt=2@2 arrived=1@52 "));
    assert_non_null(strstr(console, "trace end printed=40 left_out=8\n"));
}

static void test_dump_of_nothing(void **state)
{
    (void)state;
    now_ticks = 700;
    trace_dump_bugcheck(PROCESSORS + 5);
    assert_console("trace begin processors=3 ticks_per_ms=2000000 base_ticks=700 now_ns=0\n"
                   "trace end printed=0 left_out=0\n");
}

/* A very long call has more than one line; an hour of ticks does not overflow. */
static void test_long_lines_and_times(void **state)
{
    const uint64_t hour_ticks = 3600ull * 1000 * 2000000;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        trace_event(processors[1], TRACE_FINISHED, i * hour_ticks, 1);
    }
    trace_print(1);
    assert_non_null(strstr(console, " finished=1@140400000000000\n"));
    for (char *line = strtok(console, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) < LOG_LINE_SIZE);
        assert_memory_equal(line, "trace ", 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_empty, set_up),
        cmocka_unit_test_setup(test_few_events_are_all_there, set_up),
        cmocka_unit_test_setup(test_old_events_give_way, set_up),
        cmocka_unit_test_setup(test_values_keep_their_sign, set_up),
        cmocka_unit_test_setup(test_half_written_entry, set_up),
        cmocka_unit_test_setup(test_overwritten_while_read, set_up),
        cmocka_unit_test_setup(test_unmaskable_events_are_merged, set_up),
        cmocka_unit_test_setup(test_reader_beside_writer, set_up),
        cmocka_unit_test_setup(test_dump_of_the_last_call, set_up),
        cmocka_unit_test_setup(test_dump_of_a_bug_check, set_up),
        cmocka_unit_test_setup(test_dump_of_nothing, set_up),
        cmocka_unit_test_setup(test_long_lines_and_times, set_up),
    };

    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
