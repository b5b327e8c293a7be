/*
 * Tests that run in the kernel, on a real or emulated machine, and print TAP on the console.
 */
#ifndef TESTS_KERNEL_SUITE_H
#define TESTS_KERNEL_SUITE_H

#include <stdbool.h>

/* One case. Its name begins with the clauses that it asserts. */
struct suite_case {
    const char *name;
    void (*run)(void);
};

/* The case that runs has failed: prints why, once for each failed check. */
void suite_fail(const char *file, int line, const char *condition);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            suite_fail(__FILE__, __LINE__, #condition);                                            \
        }                                                                                          \
    } while (0)

/* The case that runs cannot run here; loud, with its reason. */
void suite_skip(const char *reason);

/*
 * Runs the test called `name`: `suite` is all cases; others exist to prove that the harness sees a failure.
 * Returns false when anything failed, or when there is no such test. IRQL: PASSIVE.
 */
bool suite_run(const char *name);

#endif
