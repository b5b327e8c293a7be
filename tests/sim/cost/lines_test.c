/* SPDX-License-Identifier: MIT */
/*
 * The cost model against answers worked out by hand: one line and the processors that want it. L is
 * the line's transfer time between two processors; an access costs 1 more, a locked one 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/cost/access.h"
#include "tests/sim/cost/bench.h"

static const unsigned all_others[] = { 1, 2, 3, 4, 5, 6, 7 };

/* ---- hits ---- */

static void use_own_line(unsigned processor)
{
    store(&lines[0].word, 1);
    begin(processor);
    (void)load(&lines[0].word);
    store(&lines[0].word, 2);
    add(&lines[0].word);
    end(processor);
}

static void test_own_line_costs_steps_only(void **state)
{
    (void)state;
    run_pair(desktop, 2, use_own_line, do_nothing);
    assert_int_equal(taken_ns(0), 1 + 1 + 5);
}

/* ---- one line back and forth ---- */

/* One round trip: L and the read that finds it, twice. The store starts the transfer. */
static void check_ping_pong(const struct machine *machine, unsigned other, unsigned transfer_ns)
{
    run_pair(machine, other, ping, pong);
    uint64_t round_trip_ns = taken_ns(0) / BENCH_ROUNDS;
    assert_int_equal(round_trip_ns, 2 * (transfer_ns + 1));
}

static void test_ping_pong_is_two_transfers(void **state)
{
    (void)state;
    check_ping_pong(desktop, 1, 8);
    check_ping_pong(desktop, 2, 22);
    check_ping_pong(desktop, 7, 22);
    check_ping_pong(epyc2, 1, 9);
    check_ping_pong(epyc2, 7, 23);
    check_ping_pong(epyc2, 8, 105);
    check_ping_pong(epyc2, 127, 105);
    check_ping_pong(epyc2, 128, 200);
}

/* ---- many readers ---- */

static void write_later(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    store(&lines[0].word, 1);
}

/* The sibling first (L = 8), then each reader 8 ns after the previous one (L = 22). */
static void test_readers_are_served_one_after_another(void **state)
{
    (void)state;
    run(desktop, write_later, all_others, 7, wait_for_word);
    assert_int_equal(between_ns(0, 1), 8 + 1);
    for (unsigned i = 2; i < 8; i++) {
        assert_int_equal(between_ns(0, i), (i - 1) * 8 + 22 + 1);
    }
}

/* ---- many writers ---- */

static void own_first_line(unsigned processor)
{
    (void)processor;
    store(&lines[0].word, 0);
}

static void add_later(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    add(&lines[0].word);
    end(processor);
}

/* A counter: each processor waits for all before it, a whole transfer for each. */
static void test_updates_of_one_line_follow_one_another(void **state)
{
    static const unsigned others[] = { 2, 4, 6 };
    (void)state;
    run(desktop, own_first_line, others, 3, add_later);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(taken_ns(others[i]), (i + 1) * 22 + 5);
    }
    assert_int_equal(lines[0].word, 3);
}

/* ---- invalidation ---- */

static void read_twice(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    (void)load(&lines[0].word);
    access_settle(cpu_self());
    (void)load(&lines[0].word);
    end(processor);
}

static void write_and_rewrite(unsigned processor)
{
    store(&lines[0].word, 1);
    cpu_rest(BENCH_LATER_NS + 10); /* while the reader's first load is on its way */
    store(&lines[0].word, 2);
    (void)processor;
}

static void test_a_copy_is_kept_until_the_next_write(void **state)
{
    (void)state;
    run_pair(desktop, 2, own_first_line, read_twice);
    assert_int_equal(taken_ns(2), 22 + 1);
    /* The line leaves again at 22 and is requested again: the write was not the reader's. */
    run_pair(desktop, 2, write_and_rewrite, read_twice);
    assert_int_equal(taken_ns(2), 22 + 22 + 1);
}

static void write_first_words(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    for (unsigned i = 0; i < 10; i++) {
        add(&lines[0].word);
    }
    end(processor);
}

static void write_neighbours(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    for (unsigned i = 0; i < 10; i++) {
        add(&lines[0].neighbour);
    }
    (void)processor;
}

static void write_other_line(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    for (unsigned i = 0; i < 10; i++) {
        add(&lines[1].word);
    }
    (void)processor;
}

/* Neighbours in a line take turns with every update; the first update is free. */
static void test_false_sharing_costs_transfers(void **state)
{
    (void)state;
    run_pair(desktop, 2, write_first_words, write_other_line);
    assert_int_equal(taken_ns(0), 10 * 5);
    run_pair(desktop, 2, write_first_words, write_neighbours);
    assert_in_range(taken_ns(0), 9 * 2 * 22, 9 * 2 * 22 + 10 * 5);
}

static void store_and_fence(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS);
    begin(processor);
    store(&lines[0].word, 1);
    fence();
    end(processor);
}

static void read_at_once(unsigned processor)
{
    (void)processor;
    (void)load(&lines[0].word);
}

/* The farthest of: the sibling, a processor of the L3, of the socket, and of the other socket. */
static void test_a_fence_waits_for_the_farthest_copy(void **state)
{
    static const unsigned others[] = { 1, 2, 8, 128 };
    static const unsigned way_ns[] = { 9, 23, 105, 200 };
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        run(epyc2, store_and_fence, others, i + 1, read_at_once);
        assert_int_equal(taken_ns(0), way_ns[i] + 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_line_costs_steps_only),
        cmocka_unit_test(test_ping_pong_is_two_transfers),
        cmocka_unit_test(test_readers_are_served_one_after_another),
        cmocka_unit_test(test_updates_of_one_line_follow_one_another),
        cmocka_unit_test(test_a_copy_is_kept_until_the_next_write),
        cmocka_unit_test(test_false_sharing_costs_transfers),
        cmocka_unit_test(test_a_fence_waits_for_the_farthest_copy),
    };
    return cmocka_run_group_tests(tests, bench_set_up, NULL);
}
