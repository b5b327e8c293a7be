/* SPDX-License-Identifier: MIT */
/*
 * The cost model against answers worked out by hand: what overlaps and what waits. A line's
 * transfer takes 22 here; an access costs 1 more, a locked one 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/cost/access.h"
#include "tests/sim/cost/bench.h"
#include "tests/sim/cost/path.h"
#include "tests/sim/sim.h"

/* ---- a scan ---- */

static void raise_flags(unsigned processor)
{
    (void)processor;
    for (unsigned i = 0; i < 16; i++) {
        store(&lines[i].word, 1);
    }
}

static void scan_later(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    for (unsigned i = 0; i < 16; i++) {
        (void)load(&lines[i].word);
    }
    end(processor);
}

/* The first eight leave at 0..7; the ninth when the first arrives, at 22; the last at 29. */
static void test_scan_of_flags_that_are_there_overlaps(void **state)
{
    (void)state;
    run_pair(desktop, 2, raise_flags, scan_later);
    assert_int_equal(taken_ns(2), 29 + 22);
}

static void raise_flags_slowly(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    for (unsigned i = 0; i < 3; i++) {
        cpu_rest(100);
        store(&lines[i].word, 1);
    }
}

static void await_flags(unsigned processor)
{
    for (unsigned i = 0; i < 3; i++) {
        await(&lines[i].word, 1);
    }
    end(processor);
}

/* The last flag comes 2 stores and 300 ns after the beginning. */
static void test_a_wait_for_late_flags_ends_with_the_last(void **state)
{
    (void)state;
    run_pair(desktop, 2, raise_flags_slowly, await_flags);
    assert_int_equal(between_ns(0, 2), 300 + 2 + 22 + 1);
}

/* ---- consecutive stores ---- */

static void write_three(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    store(&lines[0].neighbour, 1);
    store(&lines[0].neighbour, 2);
    store(&lines[0].word, 1);
}

/* The waiter's copy is lost at the first store; what it then fetches has all three. */
static void test_stores_to_one_line_arrive_together(void **state)
{
    (void)state;
    run_pair(desktop, 2, write_three, wait_for_word);
    assert_int_equal(between_ns(0, 2), 22 + 1);
}

static void store_behind_a_busy_line(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    store(&lines[1].word, 1);
    store(&lines[0].word, 1);
}

/* Processor 4 begins to take line 1 10 ns before that; until then 2 has it. */
static void take_second_line_or_wait(unsigned processor)
{
    if (processor == 4) {
        cpu_rest(BENCH_LATER_NS - 10);
        add(&lines[1].word);
    } else {
        store(&lines[1].word, 0);
        wait_for_word(processor);
    }
}

/* So line 1 is available at 12, and the store to line 0 is not seen before. */
static void test_stores_become_visible_in_order(void **state)
{
    static const unsigned others[] = { 2, 4 };
    (void)state;
    run(desktop, store_behind_a_busy_line, others, 2, take_second_line_or_wait);
    assert_int_equal(between_ns(0, 2), 12 + 22 + 1);
}

/* ---- interrupts ---- */

static struct processor_set doorbell_targets;
static uint64_t way_ns; /* of the interrupt, from the end of the last write */

static void ring(unsigned processor)
{
    begin(processor);
    sim_on_send(&doorbell_targets, SIM_CLASS_IPI);
    end(processor);
    way_ns = cpus[1].doorbell.ns - cpu_now(processor);
}

static void test_an_interrupt_takes_a_write_and_a_way(void **state)
{
    (void)state;
    processor_set_add(&doorbell_targets, 1);
    run(epyc2, ring, NULL, 0, NULL);
    assert_int_equal(taken_ns(0), 150);
    assert_int_equal(way_ns, 700);

    processor_set_add(&doorbell_targets, 3); /* two targets: two writes */
    run(epyc2, ring, NULL, 0, NULL);
    assert_int_equal(taken_ns(0), 2 * 150);

    processor_set_copy(&doorbell_targets, &processors_online);
    processor_set_remove(&doorbell_targets, 0);
    run(epyc2, ring, NULL, 0, NULL); /* all others: the shorthand */
    assert_int_equal(taken_ns(0), 150);
}

/* ---- the path ---- */

static uint64_t path_begin_ns;
static struct gate path_end;

static void ping_and_note(unsigned processor)
{
    ping(processor);
    path_end = cpu_here(cpu_self());
    path_begin_ns = cpu_now(processor) - taken_ns(processor);
}

/* From the first store to the last read, nothing is left out, and each transfer shows. */
static void test_the_path_of_ping_pong_is_its_transfers(void **state)
{
    struct path_summary summary;
    unsigned loads = 0;
    uint64_t ns = 0;

    (void)state;
    run_pair(epyc2, 128, ping_and_note, pong);
    (void)path_summarise(path_begin_ns, path_end, &summary);
    for (uint32_t i = 0; path_step(i) != NULL; i++) {
        ns += path_step(i)->to_ns - path_step(i)->from_ns;
        loads += path_event(path_step(i)->event)->kind == EVENT_LOAD;
    }
    assert_int_equal(ns, summary.call_ns);
    assert_int_equal(summary.call_ns, BENCH_ROUNDS * 2 * 201);
    assert_int_equal(loads, 2 * BENCH_ROUNDS);
    assert_int_equal(summary.transfers, 2 * BENCH_ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_of_flags_that_are_there_overlaps),
        cmocka_unit_test(test_a_wait_for_late_flags_ends_with_the_last),
        cmocka_unit_test(test_stores_to_one_line_arrive_together),
        cmocka_unit_test(test_stores_become_visible_in_order),
        cmocka_unit_test(test_an_interrupt_takes_a_write_and_a_way),
        cmocka_unit_test(test_the_path_of_ping_pong_is_its_transfers),
    };
    return cmocka_run_group_tests(tests, bench_set_up, NULL);
}
