/* SPDX-License-Identifier: MIT */
/*
 * Tests that end in a bug check on purpose. Each is a run of its own, `test=NAME`, and the script
 * that starts it (tests/faults.t) checks the line. The fault is inside a worker on the last
 * processor, unless `in_worker` is false.
 */
#include <wdm.h>

#include "arch/x86_64/lapic.h"
#include "kernel/irql.h"
#include "tests/kernel/suite.h"

static void (*fault)(void);

static ULONG_PTR NTAPI fault_on_last(ULONG_PTR argument)
{
    (void)argument;
    if (arch_processor()->index == processor_count - 1) {
        fault();
    }
    return 0;
}

static void invalid_opcode(void)
{
    __asm__ volatile("ud2");
}

static void general_protection(void)
{
    *(volatile int *)0x8000000000000000 = 1; /* not canonical */
}

static void breakpoint(void)
{
    DbgBreakPoint();
}

static void page_fault_in_kernel(void)
{
    *(volatile int *)0x700000001000 = 1;
}

static void write_to_text(void)
{
    *(volatile unsigned char *)(uintptr_t)fault_on_last = 0x90;
}

static void write_to_constant(void)
{
    static const int constant = 1;
    *(volatile int *)(uintptr_t)&constant = 2;
}

static void execute_data(void)
{
    static unsigned char code[] = { 0xc3 };
    ((void (*)(void))(uintptr_t)code)();
}

static __attribute__((noinline)) unsigned overflow_stack_by(unsigned depth)
{
    volatile unsigned char frame[1024];
    frame[0] = (unsigned char)depth;
    return depth == 0 ? frame[0] : overflow_stack_by(depth - 1) + frame[0];
}

static void overflow_stack(void)
{
    overflow_stack_by(1000);
}

static void machine_check(void)
{
    __asm__ volatile("int $18");
}

static void unexpected_nmi(void)
{
    lapic_send(arch_hardware_id(processor_count - 1), LAPIC_NMI | LAPIC_ASSERT);
    for (;;) {
        arch_relax();
    }
}

/* The local is in memory: without it the compiler omits the frame that a backtrace needs. */
static void never_return(void)
{
    volatile bool ever = false;
    while (!ever) {
        arch_relax();
    }
}

/* The last processor never takes the doorbell: no worker may run anywhere (B3). */
static _Atomic bool deaf;

static void be_deaf(void *argument)
{
    (void)argument;
    arch_interrupts_disable();
    atomic_store(&deaf, true);
    never_return();
}

static ULONG_PTR NTAPI must_not_run(ULONG_PTR argument)
{
    (void)argument;
    suite_fail(__FILE__, __LINE__, "a worker ran although a processor was missing");
    return 0;
}

static void call_without_last(void)
{
    work_post(processor_count - 1, be_deaf, NULL);
    while (!atomic_load(&deaf)) {
        arch_relax();
    }
    KeIpiGenericCall(must_not_run, 0);
}

/* Every processor faults at the same moment: one of them writes the only report. */
static ULONG_PTR NTAPI fault_on_all(ULONG_PTR argument)
{
    (void)argument;
    invalid_opcode();
    return 0;
}

static void fault_everywhere(void)
{
    KeIpiGenericCall(fault_on_all, 0);
}

static void fault_at_passive(void)
{
    page_fault_in_kernel();
}

/* The report says which processor is offline, and prints its unfinished line (C4). */
static void begin_line(void *argument)
{
    (void)argument;
    log_text("begun on processor 1", 20);
}

static void fault_with_one_offline(void)
{
    work_post(1, begin_line, NULL);
    CHECK(processor_offline(1) == PROCESSOR_CHANGED);
    fault = invalid_opcode;
    KeIpiGenericCall(fault_on_last, 0);
}

/* No change above PASSIVE_LEVEL: at DISPATCH_LEVEL it could wait for work that waits for it. */
static void change_at_dispatch(void)
{
    KIRQL old_irql = KeRaiseIrqlToDpcLevel();
    processor_online(1);
    KeLowerIrql(old_irql);
}

/* Nor in a worker. If the worker lowers the IRQL, the IRQL alone does not show that. */
static void change_in_worker(void)
{
    irql_set(PASSIVE_LEVEL);
    processor_offline(1);
}

/*
 * An interrupt is pending at the caller when a routine is found stuck, and its handler waits for
 * that routine: the bug check must come before it (B4).
 */
static void wait_for_ever(void)
{
    never_return();
}

static ULONG_PTR NTAPI get_stuck_with_interrupt(ULONG_PTR argument)
{
    if (arch_processor()->index == 0) {
        arch_request_interrupt(5);
    } else if (arch_processor()->index == processor_count - 1) {
        never_return();
    }
    return argument;
}

static void stuck_beside_interrupt(void)
{
    arch_connect_interrupt(5, wait_for_ever);
    KeIpiGenericCall(get_stuck_with_interrupt, 0);
}

static const struct {
    const char *name;
    void (*run)(void);
    bool in_worker;
} faults[] = {
    { "invalid_opcode", invalid_opcode, true },
    { "general_protection", general_protection, true },
    { "breakpoint", breakpoint, true },
    { "page_fault", page_fault_in_kernel, true },
    { "page_fault_passive", fault_at_passive, false },
    { "write_to_text", write_to_text, true },
    { "write_to_constant", write_to_constant, true },
    { "execute_data", execute_data, true },
    { "stack_overflow", overflow_stack, true },
    { "machine_check", machine_check, true },
    { "nmi", unexpected_nmi, true },
    { "never_returns", never_return, true },
    { "never_arrives", call_without_last, false },
    { "stuck_beside_interrupt", stuck_beside_interrupt, false },
    { "everywhere", fault_everywhere, false },
    { "one_offline", fault_with_one_offline, false },
    { "change_at_dispatch", change_at_dispatch, false },
    { "change_in_worker", change_in_worker, true },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

const char *fault_name(unsigned nth)
{
    return nth < FAULTS ? faults[nth].name : NULL;
}

bool fault_run(const char *name)
{
    for (unsigned i = 0; i < FAULTS; i++) {
        if (RtlEqualMemory(name, faults[i].name, __builtin_strlen(faults[i].name) + 1)) {
            fault = faults[i].run;
            if (faults[i].in_worker) {
                KeIpiGenericCall(fault_on_last, 0);
            } else {
                fault();
            }
            return true;
        }
    }
    return false;
}
