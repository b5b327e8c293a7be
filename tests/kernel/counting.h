/* SPDX-License-Identifier: MIT */
/*
 * A worker that counts its runs on each processor: K4 in every test that makes many calls.
 */
#ifndef TESTS_KERNEL_COUNTING_H
#define TESTS_KERNEL_COUNTING_H

#include <wdm.h>

#include <stdint.h>

/* Returns its argument with the processor's index laid over it. */
ULONG_PTR NTAPI counting_worker(ULONG_PTR argument);

void counting_clear(void);

/* Every processor has run it `expected` times since then. */
void counting_check(uint64_t expected);

/* How many calls each processor makes in a test where all do. */
unsigned counting_calls_each(void);

/* As many as the contract's acceptance asks for, on large machines too, where that takes long. */
#define COUNTING_CALLS_EACH 128

#endif
