/* SPDX-License-Identifier: MIT */
#include "tests/sim/cost/bench.h"

#include <stdatomic.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/cost/access.h"
#include "tests/sim/cost/symbols.h"
#include "tests/sim/sim.h"

struct bench_line lines[BENCH_WORDS];
const struct machine *desktop, *epyc2;

static uint64_t began_ns[BENCH_PROCESSORS], ended_ns[BENCH_PROCESSORS];

int bench_set_up(void **state)
{
    (void)state;
    symbols_load();
    sim_create(BENCH_PROCESSORS);
    desktop = machine_find("desktop");
    epyc2 = machine_find("epyc2");
    return 0;
}

/* ---- bodies ---- */

static uint64_t use(uint64_t *word, enum sim_operation operation, uint64_t operand, int order)
{
    return sim_on_access(&(struct sim_access){
        .address = word, .operation = operation, .size = 8, .order = order, .operand = operand });
}

uint64_t load(uint64_t *word)
{
    return use(word, SIM_LOAD, 0, memory_order_acquire);
}

void store(uint64_t *word, uint64_t value)
{
    (void)use(word, SIM_STORE, value, memory_order_release);
}

void add(uint64_t *word)
{
    (void)use(word, SIM_ADD, 1, memory_order_seq_cst);
}

void fence(void)
{
    sim_on_fence(memory_order_seq_cst, NULL);
}

void await(uint64_t *word, uint64_t value)
{
    while (load(word) != value) {
        sim_on_relax();
    }
}

void begin(unsigned processor)
{
    began_ns[processor] = cpu_now(processor);
}

void end(unsigned processor)
{
    access_settle(cpu_self());
    ended_ns[processor] = cpu_now(processor);
}

void do_nothing(unsigned processor)
{
    (void)processor;
}

void wait_for_word(unsigned processor)
{
    await(&lines[0].word, 1);
    end(processor);
}

void ping(unsigned processor)
{
    cpu_rest(BENCH_LATER_NS); /* by then the other processor waits */
    cpu_forget();
    begin(processor);
    for (uint64_t i = 1; i <= BENCH_ROUNDS; i++) {
        store(&lines[0].word, 2 * i - 1);
        await(&lines[0].word, 2 * i);
    }
    end(processor);
}

void pong(unsigned processor)
{
    (void)processor;
    for (uint64_t i = 1; i <= BENCH_ROUNDS; i++) {
        await(&lines[0].word, 2 * i - 1);
        store(&lines[0].word, 2 * i);
    }
}

/* ---- runs ---- */

void run(const struct machine *machine, bench_body *first, const unsigned *others, unsigned count,
         bench_body *rest)
{
    cpu_start(machine);
    for (unsigned i = 0; i < BENCH_WORDS; i++) {
        lines[i].word = lines[i].neighbour = 0;
    }
    cpu_begin(0, first);
    for (unsigned i = 0; i < count; i++) {
        cpu_begin(others[i], rest);
    }
    assert_int_equal(cpu_run(), 0);
}

void run_pair(const struct machine *machine, unsigned other, bench_body *first, bench_body *second)
{
    run(machine, first, &other, 1, second);
}

uint64_t taken_ns(unsigned processor)
{
    return ended_ns[processor] - began_ns[processor];
}

uint64_t between_ns(unsigned first, unsigned last)
{
    return ended_ns[last] - began_ns[first];
}
