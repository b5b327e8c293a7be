/* SPDX-License-Identifier: MIT */
#include "tests/kernel/suite.h"

#include "kernel/console/log.h"
#include "kernel/test.h"
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

bool test_run(const char *name)
{
    bool ok;

    if (strcmp(name, "suite") == 0) {
        return run_lists(case_lists, sizeof(case_lists) / sizeof(case_lists[0]));
    }
    if (strcmp(name, "storm") == 0) {
        return run_lists((const struct suite_case *const[]){ storm_full_cases }, 1);
    }
    if (fabric_run(name, &ok)) {
        return ok;
    }
    if (strcmp(name, "apic") == 0) {
        return apic_run();
    }
    if (strcmp(name, "torture") == 0) {
        return torture_run();
    }
    if (strcmp(name, "silent_change") == 0) {
        return run_lists((const struct suite_case *const[]){ silent_change_cases }, 1);
    }
    if (strcmp(name, "fails") == 0) {
        return run_single("a case that fails on purpose", fail_on_purpose);
    }
    if (strcmp(name, "hangs") == 0) {
        return run_single("a case that hangs on purpose", hang_on_purpose);
    }
    if (strcmp(name, "truncated") == 0) {
        log_line("1..2");
        log_line("ok 1 - a log that ends early on purpose");
        return true;
    }
    if (fault_run(name) || bugcheck_test_run(name)) {
        log_line("the fault '%s' did not end in a bug check", name);
        return false;
    }
    log_line("there is no test '%s'", name);
    return false;
}
