/* SPDX-License-Identifier: MIT */
/*
 * Bug checks under bad conditions. Each is a run of its own, `test=NAME`, as in fault_test.c; the
 * script that starts it (tests/bugcheck.t) checks the output.
 */
#include <wdm.h>

#include "arch/x86_64/lapic.h"
#include "arch/x86_64/lapic_registers.h"
#include "arch/x86_64/trap.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "tests/kernel/suite.h"

#define NOWHERE ((void *)0x8000000000000000) /* not canonical: each access is a fault */

static _Atomic bool ready;

static void await_ready(void)
{
    while (!atomic_load(&ready)) {
        arch_relax();
    }
}

/* The list of processors is damaged: each part of the report that looks at number 1 faults. */
static void damaged_processors(void)
{
    processors[1] = NOWHERE;
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

/* The frame pointer leads nowhere. */
static void corrupt_frame(void)
{
    __asm__ volatile("movq %0, %%rbp\n\tud2" : : "r"(NOWHERE));
}

/* The interrupt controller cannot be reached: no processor freezes, and the first look faults. */
static void no_controller(void)
{
    lapic = NOWHERE;
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

/* The list of processors is damaged when the callbacks are called. */
static VOID NTAPI damage(PVOID Buffer, ULONG Length)
{
    (void)Buffer;
    (void)Length;
    log_line("the list of processors is damaged now");
    for (unsigned i = 0; i < processor_count; i++) {
        processors[i] = NOWHERE;
    }
}

static KBUGCHECK_CALLBACK_RECORD records[2];
static unsigned char component[] = "test";

static void damaged_late(void)
{
    CHECK(KeRegisterBugCheckCallback(&records[0], damage, NULL, 0, component));
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

/* Every processor stops at the same moment, each with its own code. */
static _Atomic unsigned together;

static ULONG_PTR NTAPI stop_with_own_code(ULONG_PTR argument)
{
    unsigned index = arch_processor()->index;

    atomic_fetch_add(&together, 1);
    while (atomic_load(&together) < processor_count) {
        arch_relax();
    }
    KeBugCheckEx(0xe0000000 + index, index, argument, 0, 0);
}

static void different_codes(void)
{
    KeIpiGenericCall(stop_with_own_code, 7);
}

/* The last processor stays in the handler of an unmaskable interrupt, and so takes no other. */
static bool hold_last(struct trap_frame *frame)
{
    if (frame->vector != TRAP_NMI || arch_processor()->index != processor_count - 1) {
        return false;
    }
    atomic_store(&ready, true);
    for (;;) {
        arch_relax();
    }
}

/* One that prints in the meantime freezes all the same, since printing polls. */
static bool print_on_last(struct trap_frame *frame)
{
    if (frame->vector != TRAP_NMI || arch_processor()->index != processor_count - 1) {
        return false;
    }
    atomic_store(&ready, true);
    for (;;) {
        log_line("still here");
    }
}

static void stop_beside(trap_hook *hook)
{
    trap_set_hook(hook);
    lapic_send(arch_hardware_id(processor_count - 1), LAPIC_NMI | LAPIC_ASSERT);
    await_ready();
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

static void no_answer(void)
{
    stop_beside(hold_last);
}

static void no_answer_but_prints(void)
{
    stop_beside(print_on_last);
}

/*
 * A processor is stuck in a registration with the lock held, since its record faults. A callback
 * can register and deregister all the same.
 */
static bool hold_fault(struct trap_frame *frame)
{
    if (frame->vector != TRAP_GENERAL_PROTECTION) {
        return false;
    }
    atomic_store(&ready, true);
    for (;;) {
        arch_relax();
    }
}

static void register_nowhere(void *argument)
{
    (void)argument;
    KeRegisterBugCheckCallback(NOWHERE, damage, NULL, 0, component);
}

static VOID NTAPI say_here(PVOID Buffer, ULONG Length)
{
    (void)Buffer;
    log_line("called although it was deregistered, %u", Length);
}

static VOID NTAPI register_another(PVOID Buffer, ULONG Length)
{
    (void)Buffer;
    unsigned registered =
        KeRegisterBugCheckCallback(&records[1], say_here, NULL, Length, component);
    unsigned again = KeRegisterBugCheckCallback(&records[1], say_here, NULL, Length, component);
    unsigned withdrawn = KeDeregisterBugCheckCallback(&records[1]);
    log_line("registered: %u, again: %u, deregistered: %u", registered, again, withdrawn);
}

static void frozen_in_registration(void)
{
    CHECK(KeRegisterBugCheckCallback(&records[0], register_another, NULL, 1, component));
    trap_set_hook(hold_fault);
    work_post(processor_count - 1, register_nowhere, NULL);
    await_ready();
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

/* An unmaskable interrupt to the reporter changes nothing. */
static VOID NTAPI interrupt_self(PVOID Buffer, ULONG Length)
{
    (void)Buffer;
    (void)Length;
    for (unsigned i = 0; i < 3; i++) {
        lapic_send(arch_hardware_id(arch_processor()->index), LAPIC_NMI | LAPIC_ASSERT);
    }
    log_line("interrupted, and still here at IRQL %u", arch_irql());
}

static void interrupted_reporter(void)
{
    CHECK(KeRegisterBugCheckCallback(&records[0], interrupt_self, NULL, 0, component));
    KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "damaged_processors", damaged_processors },
    { "damaged_late", damaged_late },
    { "no_controller", no_controller },
    { "corrupt_frame", corrupt_frame },
    { "different_codes", different_codes },
    { "no_answer", no_answer },
    { "no_answer_but_prints", no_answer_but_prints },
    { "frozen_in_registration", frozen_in_registration },
    { "interrupted_reporter", interrupted_reporter },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

const char *bugcheck_test_name(unsigned nth)
{
    return nth < TESTS ? tests[nth].name : NULL;
}

bool bugcheck_test_run(const char *name)
{
    for (unsigned i = 0; i < TESTS; i++) {
        if (RtlEqualMemory(name, tests[i].name, __builtin_strlen(tests[i].name) + 1)) {
            tests[i].run();
            return true;
        }
    }
    return false;
}
