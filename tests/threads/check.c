/* SPDX-License-Identifier: MIT */
#include "tests/threads/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "tests/threads/host.h"

#define SEAL           0x5ea1000000000000u
#define SPINNING_LIMIT 3 /* more spinning threads keep each other from running for seconds */

/* ---- claims ---- */

static struct {
    _Atomic(const char *) wrong;
    const char *file;
    int line;
} first_failure;

void check_that(const char *wrong, const char *file, int line)
{
    const char *nothing = NULL;

    if (wrong != NULL && atomic_compare_exchange_strong(&first_failure.wrong, &nothing, wrong)) {
        first_failure.file = file;
        first_failure.line = line;
    }
}

static void report_failure(unsigned processors)
{
    const char *way = wait_get_policy() == WAIT_HALT ? "halt" : "spin";
    const char *wrong = atomic_exchange(&first_failure.wrong, NULL);

    if (wrong != NULL) {
        fail_msg("%s:%d: not so with %u processors that %s: %s", first_failure.file,
                 first_failure.line, processors, way, wrong);
    }
}

static void run_on(unsigned processors, void (*program)(unsigned index))
{
    host_calls = host_incomplete_calls = 0;
    machine_run(processors, program);
    report_failure(processors);
}

static void run_and_count(unsigned processors, void (*program)(unsigned index), unsigned calls)
{
    run_on(processors, program);
    assert_int_equal(host_calls, calls);
    assert_int_equal(host_incomplete_calls, 0);
}

void check_on_machines(void (*program)(unsigned index), unsigned (*calls)(unsigned processors))
{
    static const unsigned sizes[] = { 1, 2, 3, 5, MACHINE_PROCESSORS };

    patience_set_ms(CHECK_PATIENCE_MS);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i] <= SPINNING_LIMIT) {
            wait_set_policy(WAIT_SPIN);
            run_and_count(sizes[i], program, calls(sizes[i]));
        }
        wait_set_policy(WAIT_HALT);
        run_and_count(sizes[i], program, calls(sizes[i]));
    }
}

void check_on(unsigned processors, uint32_t patience_ms, void (*program)(unsigned index))
{
    patience_set_ms(patience_ms);
    if (processors <= SPINNING_LIMIT) {
        wait_set_policy(WAIT_SPIN);
        run_on(processors, program);
    }
    wait_set_policy(WAIT_HALT);
    run_on(processors, program);
}

/* ---- the routine that meets its siblings ---- */

void check_await(_Atomic unsigned *word, unsigned value)
{
    uint64_t began = arch_ticks();

    while (atomic_load_explicit(word, memory_order_relaxed) != value) {
        arch_relax();
        if (arch_ticks() - began > CHECK_PATIENCE_MS * arch_ticks_per_ms()) {
            check(!"the awaited value came");
            return;
        }
    }
}

/* K1, K2: no processor can have left yet, since all must still meet. */
static void check_everybody_is_stopped(unsigned processors)
{
    check(arch_irql() == IRQL_IPI);
    for (unsigned i = 0; i < processors; i++) {
        check(machine_irql(i) == IRQL_IPI);
    }
}

CHECK_ROUTINE meet_all(uintptr_t argument)
{
    struct check_request *request = (struct check_request *)argument;
    unsigned self = arch_processor()->index;

    check(request->seal == SEAL);
    check_everybody_is_stopped(request->processors);
    request->ran[self]++;
    atomic_fetch_add_explicit(&request->inside, 1, memory_order_relaxed);
    check_await(&request->inside, request->processors); /* K3: all are inside together */
    request->finished[self] = self + 1; /* the caller knows it only through its return (K5, K8) */
    return SEAL + self;
}

void check_call(check_entry *call)
{
    struct check_request request = { .seal = SEAL, .processors = processor_count };
    bool enabled = arch_interrupts_enabled();
    unsigned irql = arch_irql();

    uintptr_t returned = call(meet_all, (uintptr_t)&request);
    check(returned == SEAL + arch_processor()->index);
    check(arch_irql() == irql);
    check(arch_interrupts_enabled() == enabled);
    for (unsigned i = 0; i < request.processors; i++) {
        check(request.ran[i] == 1);
        check(request.finished[i] == i + 1);
    }
    memset(&request, 0xdd, sizeof(request));
    atomic_signal_fence(memory_order_seq_cst); /* the compiler keeps the memset */
}
