/* SPDX-License-Identifier: MIT */
/*
 * kernel/silence/stats.c: the `call` line is right for all calls, although few are sampled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/silence/stats.h"

#define PROCESSORS 3
#define LEADER     0
#define RETURNED   0x70

static struct processor structures[PROCESSORS];
static struct processor_set members;
static char console[65536];

/* ---- what the file needs from other files ---- */

struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count = PROCESSORS;

void log_line(const char *format, ...)
{
    size_t length = strlen(console);
    va_list arguments;

    va_start(arguments, format);
    length += (size_t)vsnprintf(console + length, sizeof(console) - length, format, arguments);
    va_end(arguments);
    assert_true(length + 1 < sizeof(console));
    strcat(console, "\n");
}

void log_text(const char *text, size_t length)
{
    (void)text;
    (void)length;
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    snprintf(text, KSYMS_TEXT_SIZE, "routine_%llx", (unsigned long long)address);
    return text;
}

uint32_t arch_hardware_id(unsigned processor)
{
    return processor;
}

uint64_t arch_ticks_per_ms(void)
{
    return 1000000; /* a tick is a nanosecond */
}

void *arch_allocate_pages(size_t size)
{
    return calloc(1, size);
}

/* ---- calls ---- */

static uint64_t generation;
static unsigned sampled; /* calls whose seats were read */

static int set_up(void **state)
{
    (void)state;
    stats_reset();
    stats_leave_out(NULL);
    console[0] = '\0';
    sampled = 0;
    memset(&members, 0, sizeof(members));
    for (unsigned i = 0; i < PROCESSORS; i++) {
        processors[i] = &structures[i];
        processor_set_add(&members, i);
    }
    return 0;
}

/* All members have run it, at IPI_LEVEL. */
static struct rendezvous_result begin(uintptr_t worker)
{
    generation++;
    for (unsigned i = 0; i < PROCESSORS; i++) {
        structures[i].seat.ran = generation;
        structures[i].seat.irql = IRQL_IPI;
        structures[i].seat.started_ticks = 100 + 10 * i;
    }
    struct rendezvous_result result = { .members = &members,
                                        .processors = PROCESSORS,
                                        .worker = (arch_worker *)worker,
                                        .generation = generation,
                                        .takes_part = true,
                                        .returned = RETURNED,
                                        .end_ticks = 500 };
    stats_begin(&result);
    return result;
}

/* Like report_conclude(). */
static void end(struct rendezvous_result *result, bool irregular)
{
    if (result->sampled || irregular) {
        sampled++;
        stats_sample(result);
    }
    stats_count(result);
}

static void make_calls(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct rendezvous_result result = begin(0xa);
        end(&result, false);
    }
}

/* The machine-readable line contains these words. */
static void assert_line(const char *words)
{
    console[0] = '\0';
    (void)stats_print();
    if (strstr(console, words) == NULL) {
        print_error("no '%s' in:\n%s", words, console);
        fail();
    }
}

/* ---- the tests ---- */

static void every_call_is_counted(void **state)
{
    (void)state;
    make_calls(5000);
    assert_line("call worker=routine_a calls=5000 processors=3 ran=3 irql=14 returned=0x70 "
                "round_trip_ns=500 skew_ns=20 status=ok");
}

static void few_calls_are_sampled(void **state)
{
    (void)state;
    make_calls(1);
    assert_int_equal(sampled, 1);
    make_calls(299);
    sampled = 0;
    make_calls(2000);
    assert_in_range(sampled, 2000 / 16, 2000 / 10);
    make_calls(1000000);
    sampled = 0;
    make_calls(2000);
    assert_in_range(sampled, 0, 20);
}

static void an_irregular_call_is_seen_though_it_is_not_sampled(void **state)
{
    (void)state;
    make_calls(3);
    struct rendezvous_result result = begin(0xa);
    assert_false(result.sampled);
    structures[1].seat.irql = IRQL_CLOCK;
    structures[2].seat.ran = generation - 1;
    end(&result, true);
    make_calls(100);
    assert_line("calls=104 processors=3 ran=2 irql=13");
    assert_int_equal(stats_print(), 1);
}

static void the_latest_returned_and_the_widest_set_count(void **state)
{
    (void)state;
    make_calls(3);
    struct rendezvous_result result = begin(0xa);
    assert_false(result.sampled);
    result.processors = PROCESSORS + 4;
    result.returned = 0x1234;
    end(&result, false);
    assert_line("calls=4 processors=7 ran=7 irql=14 returned=0x1234");
    result = begin(0xa);
    result.takes_part = false; /* a leader that is not a member returns nothing */
    result.returned = 0x5678;
    end(&result, false);
    assert_line("calls=5 processors=7 ran=7 irql=14 returned=0x1234");
}

static void a_call_that_failed_or_is_the_kernels_counts_for_nothing(void **state)
{
    (void)state;
    struct rendezvous_result result = begin(0xa);
    result.status = RENDEZVOUS_ABSENT;
    end(&result, false);
    stats_leave_out((arch_worker *)0xb);
    result = begin(0xb);
    assert_false(result.sampled);
    end(&result, true);
    assert_int_equal(stats_print(), 0);
    assert_string_equal(console, "");
}

static void workers_beyond_the_limit_are_counted_together(void **state)
{
    (void)state;
    for (uintptr_t worker = 1; worker <= 34; worker++) {
        struct rendezvous_result result = begin(worker);
        end(&result, false);
    }
    assert_line("2 calls of workers beyond the first 32 were not measured");
}

/* The table about a call whose members ran at these times, each from start to finish. */
static bool says_that_none_overlap(const uint64_t times[PROCESSORS][2])
{
    stats_reset();
    console[0] = '\0';
    struct rendezvous_result result = begin(0xa);
    for (unsigned i = 0; i < PROCESSORS; i++) {
        structures[i].seat.started_ticks = times[i][0];
        structures[i].seat.finished_ticks = times[i][1];
    }
    end(&result, false);
    (void)stats_print();
    return strstr(console, "\n  no two workers ran at the same time here, ") != NULL;
}

static void workers_that_do_not_overlap_are_reported(void **state)
{
    (void)state;
    assert_true(says_that_none_overlap((uint64_t[][2]){ { 10, 19 }, { 20, 29 }, { 30, 39 } }));
    assert_true(says_that_none_overlap((uint64_t[][2]){ { 30, 39 }, { 10, 19 }, { 20, 29 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 10, 20 }, { 20, 29 }, { 30, 39 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 10, 19 }, { 20, 31 }, { 30, 39 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 10, 99 }, { 20, 29 }, { 30, 39 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 20, 29 }, { 30, 39 }, { 10, 99 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 10, 10 }, { 10, 10 }, { 10, 10 } }));
}

/* By the clock of the sender, another processor may have started before the send. */
static void times_before_the_send_are_compared_rightly(void **state)
{
    const uint64_t before = UINT64_MAX - 4;

    (void)state;
    assert_true(says_that_none_overlap((uint64_t[][2]){ { before, 1 }, { 20, 29 }, { 30, 39 } }));
    assert_false(says_that_none_overlap((uint64_t[][2]){ { before, 21 }, { 20, 29 }, { 30, 39 } }));
}

static void one_worker_alone_overlaps_with_nobody(void **state)
{
    (void)state;
    processor_set_remove(&members, 1);
    processor_set_remove(&members, 2);
    assert_false(says_that_none_overlap((uint64_t[][2]){ { 10, 19 }, { 20, 29 }, { 30, 39 } }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_call_is_counted, set_up),
        cmocka_unit_test_setup(few_calls_are_sampled, set_up),
        cmocka_unit_test_setup(an_irregular_call_is_seen_though_it_is_not_sampled, set_up),
        cmocka_unit_test_setup(the_latest_returned_and_the_widest_set_count, set_up),
        cmocka_unit_test_setup(a_call_that_failed_or_is_the_kernels_counts_for_nothing, set_up),
        cmocka_unit_test_setup(workers_beyond_the_limit_are_counted_together, set_up),
        cmocka_unit_test_setup(workers_that_do_not_overlap_are_reported, set_up),
        cmocka_unit_test_setup(times_before_the_send_are_compared_rightly, set_up),
        cmocka_unit_test_setup(one_worker_alone_overlaps_with_nobody, set_up),
    };

    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
