/* SPDX-License-Identifier: MIT */
/*
 * Contract K on threads: one call at a time, and every clause that does not need a real processor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/check.h"

#define ROUNDS 20

/* ---- K1..K6, K9, K10: from every legal level, interrupts enabled and disabled ---- */

static void call_from_every_level(unsigned index)
{
    if (index != processor_count - 1) {
        return;
    }
    for (unsigned irql = IRQL_PASSIVE; irql < IRQL_IPI; irql++) {
        arch_irql_write(irql);
        check_call(rendezvous_run_everywhere);
        arch_interrupts_disable();
        check_call(rendezvous_run_everywhere);
        arch_interrupts_enable();
        arch_irql_write(IRQL_PASSIVE);
    }
}

static unsigned two_from_each_level(unsigned processors)
{
    (void)processors;
    return 2 * IRQL_IPI;
}

static void a_call_from_any_level_meets_everybody(void **state)
{
    (void)state;
    check_on_machines(call_from_every_level, two_from_each_level);
}

/* ---- K6, K7: the argument arrives unchanged, the caller's own value is returned ---- */

static const uintptr_t arguments[] = { 0, 1, 1ull << 63, UINTPTR_MAX, (uintptr_t)arguments };

#define ARGUMENTS (sizeof(arguments) / sizeof(arguments[0]))

static uintptr_t seen[MACHINE_PROCESSORS];

CHECK_ROUTINE note_argument(uintptr_t argument)
{
    seen[arch_processor()->index] = argument;
    return argument ^ arch_processor()->index;
}

static void pass_arguments(unsigned index)
{
    if (index != 0) {
        return;
    }
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        check(rendezvous_run_everywhere(note_argument, arguments[i]) == arguments[i]);
        for (unsigned p = 0; p < processor_count; p++) {
            check(seen[p] == arguments[i]);
        }
    }
}

static unsigned one_for_each_argument(unsigned processors)
{
    (void)processors;
    return ARGUMENTS;
}

static void the_argument_arrives_as_it_is(void **state)
{
    (void)state;
    check_on_machines(pass_arguments, one_for_each_argument);
}

/*
 * ---- K8: every routine sees what any processor stored before it arrived ----
 *
 * Plain words throughout. `ready` is relaxed, so that only the call carries the stores from their
 * writers to the routines; `round` is not relaxed, since only it carries the way back.
 */

static unsigned stored[MACHINE_PROCESSORS];
static unsigned sums[MACHINE_PROCESSORS];
static _Atomic unsigned ready, current_round;

CHECK_ROUTINE add_up(uintptr_t argument)
{
    unsigned sum = 0;

    (void)argument;
    for (unsigned p = 0; p < processor_count; p++) {
        sum += stored[p];
    }
    sums[arch_processor()->index] = sum;
    return 0;
}

static void store_for_all(unsigned index, unsigned round)
{
    check_await(&current_round, round);
    (void)atomic_load_explicit(&current_round, memory_order_acquire);
    stored[index] = round + index;
    atomic_fetch_add_explicit(&ready, 1, memory_order_relaxed);
}

static void collect_sums(unsigned round)
{
    unsigned others = processor_count - 1;

    check_await(&ready, others);
    atomic_store_explicit(&ready, 0, memory_order_relaxed);
    stored[0] = round;
    rendezvous_run_everywhere(add_up, 0);
    for (unsigned p = 0; p < processor_count; p++) {
        check(sums[p] == processor_count * round + others * processor_count / 2);
    }
}

static void exchange_plain_words(unsigned index)
{
    for (unsigned round = 1; round <= ROUNDS; round++) {
        if (index != 0) {
            store_for_all(index, round);
        } else {
            atomic_store_explicit(&current_round, round, memory_order_release);
            collect_sums(round);
        }
    }
}

static unsigned one_a_round(unsigned processors)
{
    (void)processors;
    return ROUNDS;
}

static void a_call_carries_what_was_stored_before_it(void **state)
{
    (void)state;
    check_on_machines(exchange_plain_words, one_a_round);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_from_any_level_meets_everybody),
        cmocka_unit_test(the_argument_arrives_as_it_is),
        cmocka_unit_test(a_call_carries_what_was_stored_before_it),
    };
    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
