/* SPDX-License-Identifier: MIT */
/* A worker that counts its runs on each processor: for K4 in every test that makes many calls. */
#ifndef TESTS_KERNEL_COUNTING_H
#define TESTS_KERNEL_COUNTING_H

#include <wdm.h>

#include <stdint.h>

/* Returns its argument XORed with the processor's index. */
ULONG_PTR NTAPI counting_worker(ULONG_PTR argument);

void counting_clear(void);

/* Checks that every processor has run it `expected` times since then. */
void counting_check(uint64_t expected);

/* The number of calls of each processor in a test where all call. */
unsigned counting_calls_each(void);

/* The number that the contract's acceptance asks for, even where that is slow. */
#define COUNTING_CALLS_EACH 128

#endif
