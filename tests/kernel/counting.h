/* SPDX-License-Identifier: MIT */
/*
 * A worker that counts its runs on each processor: K4 in every test that makes many calls.
 */
#ifndef TESTS_KERNEL_COUNTING_H
#define TESTS_KERNEL_COUNTING_H

#include <wdm.h>

#include <stdint.h>

/* Returns its argument XORed with the processor's index. */
ULONG_PTR NTAPI counting_worker(ULONG_PTR argument);

void counting_clear(void);

/* Checks that every processor has run the worker `expected` times since then. */
void counting_check(uint64_t expected);

/* How many calls each processor makes in a test in which all call. */
unsigned counting_calls_each(void);

/* As many as the contract requires, even on large machines, where that takes long. */
#define COUNTING_CALLS_EACH 128

#endif
