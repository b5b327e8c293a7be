/* SPDX-License-Identifier: MIT */
/* The tests in the image; tests/kernel/ defines these functions. */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <stdbool.h>

#include "kernel/option.h"

/*
 * Is there a test called `name`? If not, says so, with the nearest name and a list of all.
 * IRQL: PASSIVE.
 */
bool test_exists(const char *name);

/*
 * Runs the test called `name`, which exists. `suite` runs all cases; those of fault_test.c and
 * bugcheck_test.c end in a bug check; `fails`, `hangs` and `truncated` go wrong on purpose and
 * prove that a reader of the console notices. Returns false if anything failed. IRQL: PASSIVE.
 */
bool test_run(const char *name);

/* The tests' own options on the command line. */
extern const struct cmdline_option test_options[];

#endif
