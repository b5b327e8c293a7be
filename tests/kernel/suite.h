/* SPDX-License-Identifier: MIT */
/*
 * Tests that run in the kernel, on a real or emulated machine, and print TAP on the console.
 */
#ifndef TESTS_KERNEL_SUITE_H
#define TESTS_KERNEL_SUITE_H

#include <stdbool.h>

#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"

/* One case. Its name begins with the clauses of the contract that it asserts. */
struct suite_case {
    const char *name;
    void (*run)(void);
};

/*
 * The cases of each file; a row without a name ends the list. Those of membership_cases come first,
 * so that all others run on processors that have been offline.
 */
extern const struct suite_case membership_cases[];
extern const struct suite_case change_cases[];
extern const struct suite_case call_cases[];
extern const struct suite_case entry_cases[];
extern const struct suite_case concurrency_cases[];
extern const struct suite_case priority_cases[];
extern const struct suite_case machine_cases[];
extern const struct suite_case storm_cases[];
extern const struct suite_case extension_cases[];
extern const struct suite_case extension_fault_cases[];
extern const struct suite_case inject_cases[];
extern const struct suite_case timed_cases[];

/* More cases, which are not part of the suite. */
extern const struct suite_case storm_full_cases[];
extern const struct suite_case silent_change_cases[];

/* Prints why the current case has failed; the case goes on. IRQL: any, any processor. */
void suite_fail(const char *file, int line, const char *condition);

#define CHECK(condition)                                \
    do {                                                \
        if (!(condition)) {                             \
            suite_fail(__FILE__, __LINE__, #condition); \
        }                                               \
    } while (0)

/* The current case cannot run on this machine, for this reason. */
void suite_skip(const char *reason);

/* Has every online processor run `work(argument)` at PASSIVE_LEVEL, and waits for all of them. */
void suite_run_everywhere(work_routine *work, void *argument);

/* Is a rendezvous doorbell pending here, held back by the IRQL or the interrupt flag? */
bool suite_doorbell_pending(void);

/* Random calls on all processors, each one checked (torture.c); false if a check failed. */
bool torture_run(void);

/* Runs the test `name` that ends in a bug check (fault_test.c); false if there is no such test. */
bool fault_run(const char *name);

/* The same for failures during a bug check (bugcheck_test.c). */
bool bugcheck_test_run(const char *name);

/* The names of the tests of these two files, from 0 on; NULL after the last. */
const char *fault_name(unsigned nth);
const char *bugcheck_test_name(unsigned nth);

#endif
