/* SPDX-License-Identifier: MIT */
/*
 * A bench for the cost model: words, each on a line of its own, and processors that use them as
 * instrumented code would.
 */
#ifndef COST_BENCH_H
#define COST_BENCH_H

#include <stdint.h>

#include "tests/sim/cost/cpu.h"
#include "tests/sim/cost/machines.h"

#define BENCH_PROCESSORS 256 /* those of the largest machine here */
#define BENCH_WORDS      32
#define BENCH_ROUNDS     100

/* By then every processor has the lines that it used first, and the waiting ones are waiting. */
#define BENCH_LATER_NS 1000

struct bench_line {
    _Alignas(CACHE_LINE) uint64_t word;
    uint64_t neighbour;
};

extern struct bench_line lines[BENCH_WORDS];

/* Transfer times: to the sibling 8, else 22; and sibling 9, L3 23, socket 105, else 200. */
extern const struct machine *desktop, *epyc2;

/* Builds the machine. Once. */
int bench_set_up(void **state);

/* ---- for the bodies of processors ---- */

typedef void bench_body(unsigned processor);

uint64_t load(uint64_t *word);
void store(uint64_t *word, uint64_t value); /* release */
void add(uint64_t *word);                   /* locked */
void fence(void);
void await(uint64_t *word, uint64_t value);

/* The time that counts, by processor: the begin, and the end once all loads have arrived. */
void begin(unsigned processor);
void end(unsigned processor);

bench_body do_nothing;
bench_body wait_for_word; /* 1 in line 0, then end() */
bench_body ping, pong;    /* in line 0, BENCH_ROUNDS times; ping forgets all events before */

/* ---- for tests ---- */

/* Runs bodies on processor 0 and on others until all have ended. */
void run(const struct machine *machine, bench_body *first, const unsigned *others, unsigned count,
         bench_body *rest);
void run_pair(const struct machine *machine, unsigned other, bench_body *first, bench_body *second);

uint64_t taken_ns(unsigned processor);
/* From begin() of one to end() of another. */
uint64_t between_ns(unsigned first, unsigned last);

#endif
