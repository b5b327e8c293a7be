/* SPDX-License-Identifier: MIT */
/* The tests that the image carries; tests/kernel/ defines this. */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <stdbool.h>

#include "kernel/option.h"

/*
 * Runs the test called `name`. `suite` is all cases; those of fault_test.c end in a bug check;
 * `fails`, `hangs` and `truncated` go wrong on purpose and prove that whoever reads the console
 * notices. Returns false when anything failed, or when there is no such test. IRQL: PASSIVE.
 */
bool test_run(const char *name);

/* Their options on the command line. */
extern const struct cmdline_option test_options[];

#endif
