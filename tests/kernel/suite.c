/* SPDX-License-Identifier: MIT */
#include "tests/kernel/suite.h"

#include "kernel/console/log.h"
#include "kernel/test.h"
#include "lib/nearest.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "tests/kernel/apic.h"
#include "tests/kernel/fabric.h"

static const struct suite_case *const case_lists[] = {
    membership_cases, change_cases,          call_cases,     entry_cases,
    extension_cases,  extension_fault_cases, timed_cases,    inject_cases,
    storm_cases,      concurrency_cases,     priority_cases, machine_cases,
};

static _Atomic unsigned failed_checks;
static const char *skip_reason;

void suite_fail(const char *file, int line, const char *condition)
{
    atomic_fetch_add(&failed_checks, 1);
    log_line("# processor %u, %s:%d: %s", arch_processor()->index, file, line, condition);
}

void suite_skip(const char *reason)
{
    skip_reason = reason;
}

void suite_run_everywhere(work_routine *work, void *argument)
{
    for (unsigned i = 1; i < processor_count; i++) {
        (void)work_post(i, work, argument); /* fails for an offline processor */
    }
    work(argument);
    for (unsigned i = 1; i < processor_count; i++) {
        work_await(i);
    }
}

bool suite_doorbell_pending(void)
{
    struct arch_snapshot snapshot;
    arch_take_snapshot(&snapshot, NULL, (uintptr_t)__builtin_frame_address(0));
    return snapshot.doorbell_pending;
}

static unsigned count_cases(const struct suite_case *const *lists, unsigned list_count)
{
    unsigned count = 0;
    for (unsigned i = 0; i < list_count; i++) {
        for (const struct suite_case *test = lists[i]; test->name != NULL; test++) {
            count++;
        }
    }
    return count;
}

static bool run_case(const struct suite_case *test, unsigned number)
{
    atomic_store(&failed_checks, 0);
    skip_reason = NULL;
    test->run();
    bool ok = atomic_load(&failed_checks) == 0;
    log_line("%s %u - %s%s%s", ok ? "ok" : "not ok", number, test->name,
             skip_reason != NULL ? " # SKIP " : "", skip_reason != NULL ? skip_reason : "");
    return ok;
}

static bool run_lists(const struct suite_case *const *lists, unsigned list_count)
{
    unsigned number = 0, failed = 0;

    log_line("1..%u", count_cases(lists, list_count));
    for (unsigned i = 0; i < list_count; i++) {
        for (const struct suite_case *test = lists[i]; test->name != NULL; test++) {
            failed += !run_case(test, ++number);
        }
    }
    return failed == 0;
}

static void fail_on_purpose(void)
{
    CHECK(processor_count == 0);
}

static void hang_on_purpose(void)
{
    for (;;) {
        arch_relax();
    }
}

static bool run_single(const char *name, void (*run)(void))
{
    const struct suite_case cases[] = { { name, run }, { NULL, NULL } };
    const struct suite_case *const lists[] = { cases };
    return run_lists(lists, 1);
}

/* ---- the tests by name ---- */

static bool run_suite(void)
{
    return run_lists(case_lists, sizeof(case_lists) / sizeof(case_lists[0]));
}

static bool run_storm(void)
{
    return run_lists((const struct suite_case *const[]){ storm_full_cases }, 1);
}

static bool run_silent_change(void)
{
    return run_lists((const struct suite_case *const[]){ silent_change_cases }, 1);
}

static bool run_failing(void)
{
    return run_single("a case that fails on purpose", fail_on_purpose);
}

static bool run_hanging(void)
{
    return run_single("a case that hangs on purpose", hang_on_purpose);
}

static bool run_truncated(void)
{
    log_line("1..2");
    log_line("ok 1 - a log that ends early on purpose");
    return true;
}

static const struct {
    const char *name;
    bool (*run)(void);
} tests[] = {
    { "suite", run_suite },   { "torture", torture_run },
    { "storm", run_storm },   { "silent_change", run_silent_change },
    { "apic", apic_run },     { "fails", run_failing },
    { "hangs", run_hanging }, { "truncated", run_truncated },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

static const char *own_name(unsigned nth)
{
    return nth < TESTS ? tests[nth].name : NULL;
}

static const struct {
    const char *title;
    const char *(*name)(unsigned nth);
} name_lists[] = {
    { "tests", own_name },
    { "tests of the interrupt fabric", fabric_name },
    { "tests that end in a bug check", fault_name },
    { "tests of failures during a bug check", bugcheck_test_name },
};

#define NAME_LISTS (sizeof(name_lists) / sizeof(name_lists[0]))

static void print_names(unsigned list)
{
    char line[LOG_LINE_SIZE];
    size_t length = 0;
    const char *name;

    for (unsigned nth = 0; (name = name_lists[list].name(nth)) != NULL; nth++) {
        length += printf_format(line + length, sizeof(line) - length, " %s", name);
    }
    log_line("%s:%s", name_lists[list].title, line);
}

bool test_exists(const char *name)
{
    struct nearest nearest;

    nearest_begin(&nearest, name, strlen(name));
    for (unsigned i = 0; i < NAME_LISTS; i++) {
        const char *offered;
        for (unsigned nth = 0; (offered = name_lists[i].name(nth)) != NULL; nth++) {
            if (strcmp(offered, name) == 0) {
                return true;
            }
            nearest_offer(&nearest, offered);
        }
    }
    log_line("there is no test '%s'%s%s%s", name, nearest.name != NULL ? "; did you mean " : "",
             nearest.name != NULL ? nearest.name : "", nearest.name != NULL ? "?" : "");
    for (unsigned i = 0; i < NAME_LISTS; i++) {
        print_names(i);
    }
    return false;
}

bool test_run(const char *name)
{
    bool ok;

    for (unsigned i = 0; i < TESTS; i++) {
        if (strcmp(name, tests[i].name) == 0) {
            return tests[i].run();
        }
    }
    if (fabric_run(name, &ok)) {
        return ok;
    }
    (void)(fault_run(name) || bugcheck_test_run(name));
    log_line("the fault '%s' did not end in a bug check", name);
    return false;
}
