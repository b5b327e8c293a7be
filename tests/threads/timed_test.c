/*
 * Contract X on threads: do the clocks agree, and a release at a moment that all have in common.
 *
 * A thread's clock is the host's, or ahead of it or behind by what the test says. What comes of a
 * measurement does not depend on how long anything takes, but for one thing: on a crowded host the
 * way of a message may be too long to tell; then it is measured again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/clocks.h"
#include "kernel/processor.h"
#include "tests/threads/errand.h"

#define SKEW_NS  10000000000 /* longer than any way */
#define ATTEMPTS 100

/* ---- the measurement ---- */

static struct clocks_finding measure_all(void)
{
    struct clocks_finding worst = clocks_measure_all();

    for (unsigned i = 0; i < ATTEMPTS && worst.status == CLOCKS_UNKNOWN; i++) {
        worst = clocks_measure_all();
    }
    return worst;
}

static void find_agreement(unsigned index)
{
    if (index == 0) {
        struct clocks_finding worst = measure_all();
        check(worst.status == CLOCKS_AGREE);
        check(worst.ns <= RENDEZVOUS_RELEASE_LIMIT_NS);
        for (unsigned i = 0; i < processor_count; i++) {
            check(clocks_agree(i));
        }
    }
}

static void equal_clocks_agree(void **state)
{
    (void)state;
    check_on(1, CHECK_PATIENCE_MS, find_agreement);
    check_on(3, CHECK_PATIENCE_MS, find_agreement);
    check_on(MACHINE_PROCESSORS, CHECK_PATIENCE_MS, find_agreement);
}

static void find_skew(unsigned index)
{
    if (index == 0) {
        struct clocks_finding worst = measure_all();
        check(worst.status == CLOCKS_DISAGREE);
        check(worst.processor == 2);
        check(worst.ns > SKEW_NS / 2 && worst.ns <= SKEW_NS);
        check(clocks_agree(0) && clocks_agree(1) && !clocks_agree(2));
        struct clocks_finding one = clocks_measure(2);
        check(one.status == CLOCKS_DISAGREE && one.ns > SKEW_NS / 2 && one.ns <= SKEW_NS);
        check(!clocks_agree(2));
    }
}

static void test_skew(int64_t ahead_ns)
{
    machine_ahead_ns[2] = ahead_ns;
    check_on(3, CHECK_PATIENCE_MS, find_skew);
    machine_ahead_ns[2] = 0;
}

static void a_clock_ahead_is_found(void **state)
{
    (void)state;
    test_skew(SKEW_NS);
}

static void a_clock_behind_is_found(void **state)
{
    (void)state;
    test_skew(-SKEW_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_clocks_agree),
        cmocka_unit_test(a_clock_ahead_is_found),
        cmocka_unit_test(a_clock_behind_is_found),
    };
    return cmocka_run_group_tests_name("timed", tests, NULL, NULL);
}
