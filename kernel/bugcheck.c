/*
 * The end of the system, told once.
 *
 * The first processor to stop claims the report; `stopper` is claimed with one compare-and-swap. It
 * sends all others the unmaskable interrupt, since they may be at IPI_LEVEL with interrupts
 * disabled. Each takes a snapshot of what it was doing, stores it, marks itself frozen (release)
 * and stops; the reporter waits for the marks (acquire) for a bounded time, and reports a processor
 * without a mark as such.
 *
 * A processor that finds itself in wait_turn(), or has a reason of its own to stop, freezes without
 * the interrupt as well: where both happen the first snapshot stays.
 */
#include "kernel/bugcheck.h"

#include "kernel/inject.h"
#include "kernel/irql.h"
#include "kernel/ksyms.h"
#include "kernel/log.h"
#include "kernel/processor.h"
#include "kernel/wait.h"
#include "lib/printf.h"

#define FREEZE_MS       1000 /* at least; a fifth of the patience where that is more */
#define BACKTRACE_LIMIT 16
#define TITLE_SIZE      64

static const struct {
    uint32_t code;
    const char *name;
} names[] = {
    { BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, "IRQL_NOT_GREATER_OR_EQUAL" },
    { BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, "IRQL_NOT_LESS_OR_EQUAL" },
    { BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, "KMODE_EXCEPTION_NOT_HANDLED" },
    { BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA, "PAGE_FAULT_IN_NONPAGED_AREA" },
    { BUGCHECK_HAL_INITIALIZATION_FAILED, "HAL_INITIALIZATION_FAILED" },
    { BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP, "UNEXPECTED_KERNEL_MODE_TRAP" },
    { BUGCHECK_NMI_HARDWARE_FAILURE, "NMI_HARDWARE_FAILURE" },
    { BUGCHECK_MACHINE_CHECK_EXCEPTION, "MACHINE_CHECK_EXCEPTION" },
    { BUGCHECK_BAD_POOL_CALLER, "BAD_POOL_CALLER" },
    { BUGCHECK_IRQL_UNEXPECTED_VALUE, "IRQL_UNEXPECTED_VALUE" },
    { BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL, "DRIVER_IRQL_NOT_LESS_OR_EQUAL" },
    { BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, "CLOCK_WATCHDOG_TIMEOUT" },
    { BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE, "KERNEL_SECURITY_CHECK_FAILURE" },
};

static _Atomic(struct processor *) stopper; /* the processor that reports */
static enum arch_end end;

/*
 * What each processor was doing when it froze; `frozen` (release) says that the snapshot is
 * complete.
 */
static struct {
    struct arch_snapshot snapshot;
    _Atomic bool frozen;
} stopped[PROCESSOR_LIMIT + 1]; /* the last: a processor that has no index yet */

void bugcheck_set_end(enum arch_end how)
{
    end = how;
}

static const char *code_name(uint32_t code)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return "DRIVER_DEFINED";
}

static bool is_frozen(unsigned processor)
{
    return atomic_load_explicit(&stopped[processor].frozen, memory_order_acquire);
}

/*
 * A frozen processor still takes the unmaskable interrupt: what it was doing before is what counts.
 */
static _Noreturn void freeze_self(const struct arch_snapshot *snapshot)
{
    unsigned index = arch_processor()->index;
    arch_interrupts_disable();
    if (!is_frozen(index)) {
        stopped[index].snapshot = *snapshot;
        atomic_store_explicit(&stopped[index].frozen, true, memory_order_release);
    }
    arch_stop();
}

/* Is another processor reporting? */
static bool freezing(void)
{
    struct processor *reporter = atomic_load_explicit(&stopper, memory_order_relaxed);
    return reporter != NULL && reporter != arch_processor();
}

void bugcheck_poll_freeze(void)
{
    if (freezing()) {
        struct arch_snapshot snapshot;
        arch_take_snapshot(&snapshot, NULL, (uintptr_t)__builtin_frame_address(0));
        freeze_self(&snapshot);
    }
}

void bugcheck_unmaskable(const void *machine_frame)
{
    if (freezing()) {
        struct arch_snapshot snapshot;
        arch_take_snapshot(&snapshot, machine_frame, 0);
        freeze_self(&snapshot);
    }
    if (atomic_load_explicit(&stopper, memory_order_relaxed) != NULL) {
        return; /* we are reporting: whatever sent this can wait */
    }
    if (inject_answer()) {
        return;
    }
    bugcheck_report(&(struct bugcheck){
        .code = BUGCHECK_NMI_HARDWARE_FAILURE,
        .processor = arch_processor()->index,
        .machine_frame = machine_frame,
    });
}

static uint32_t freeze_ms(void)
{
    uint32_t share_ms = wait_patience_ms() / 5;
    return share_ms > FREEZE_MS ? share_ms : FREEZE_MS;
}

/*
 * Stops everybody else, for as long as that may take and no longer. One that is offline has stopped
 * already; one on its way up would not survive the interrupt, and freezes where it waits to enter.
 */
static void freeze_others(unsigned self)
{
    struct processor_set others = { 0 };
    uint64_t began_ticks = arch_ticks();

    for (unsigned i = 0; i < processor_count; i++) {
        if (i != self && processor_is_running(i)) {
            processor_set_add(&others, i);
        }
    }
    arch_send_unmaskable(&others);
    processor_set_for_each(processor, &others) {
        while (!is_frozen(processor) &&
               arch_ticks() - began_ticks < freeze_ms() * arch_ticks_per_ms()) {
            arch_relax();
        }
    }
}

static void print_backtrace(const struct arch_snapshot *snapshot)
{
    uintptr_t addresses[BACKTRACE_LIMIT];
    char text[KSYMS_TEXT_SIZE];

    log_line("backtrace:");
    log_line("  %#llx %s", (unsigned long long)snapshot->instruction,
             ksyms_describe(snapshot->instruction, text));
    unsigned count = arch_backtrace(snapshot->frame, addresses, BACKTRACE_LIMIT);
    for (unsigned i = 0; i < count; i++) {
        /* A return address may be the first byte of the next function: look one byte back. */
        log_line("  %#llx %s", (unsigned long long)addresses[i],
                 ksyms_describe(addresses[i] - 1, text));
    }
}

static const char *phase_name(unsigned processor)
{
    static const char *const phases[] = { "-", "arrived", "in the worker", "finished" };
    return phases[atomic_load_explicit(&processors[processor]->seat.phase, memory_order_relaxed) &
                  3];
}

/* One line: where the processor was and what its interrupt controller says of the doorbell. */
static void print_processor(unsigned processor)
{
    const struct arch_snapshot *snapshot = &stopped[processor].snapshot;
    char text[KSYMS_TEXT_SIZE];

    if (!is_frozen(processor) && !processor_is_running(processor)) {
        log_line("  %9u  offline", processor);
        return;
    }
    if (!is_frozen(processor)) {
        log_line("  %9u  did not answer within %u ms", processor, freeze_ms());
        return;
    }
    log_line("  %9u %5u %3u  %-14s %7s %10s %8u  %s", processor, snapshot->irql,
             snapshot->interrupts_enabled, phase_name(processor),
             snapshot->doorbell_pending ? "yes" : "no",
             snapshot->doorbell_in_service ? "yes" : "no", snapshot->masked_priority,
             ksyms_describe(snapshot->instruction, text));
}

static void print_processors(void)
{
    log_line("  processor  IRQL  IF  phase          doorbell in service  PPR class  at");
    for (unsigned i = 0; i < processor_count; i++) {
        print_processor(i);
    }
}

/* The longest part of the report, after the lines that matter most. */
static void print_details(const struct bugcheck *bugcheck, unsigned self)
{
    if (bugcheck->machine_frame != NULL) {
        arch_print_frame(bugcheck->machine_frame);
    }
    print_backtrace(&stopped[self].snapshot);
    if (bugcheck->processor != self && bugcheck->processor < processor_count &&
        is_frozen(bugcheck->processor)) {
        log_line("processor %u:", bugcheck->processor);
        print_backtrace(&stopped[bugcheck->processor].snapshot);
    }
    print_processors();
}

static _Noreturn void end_system(uint32_t code)
{
    char title[TITLE_SIZE];

    log_line("verdict status=bugcheck exit=2");
    printf_format(title, sizeof(title), "BUG CHECK %#x %s", code, code_name(code));
    arch_console_conclude(title, false);
    arch_exit(ARCH_EXIT_BUGCHECK, end);
}

/* Claims the report, or freezes if another processor has it. */
static void claim(const struct arch_snapshot *snapshot, uint32_t code)
{
    struct processor *nobody = NULL;
    if (atomic_compare_exchange_strong_explicit(&stopper, &nobody, arch_processor(),
                                                memory_order_relaxed, memory_order_relaxed)) {
        return;
    }
    if (nobody != arch_processor()) {
        freeze_self(snapshot);
    }
    log_line("a fault in the bug check itself: the report ends here");
    end_system(code);
}

static void print_headline(const struct bugcheck *bugcheck, unsigned self)
{
    const uintptr_t *p = bugcheck->parameters;
    char text[KSYMS_TEXT_SIZE];

    log_line("bugcheck code=%#x name=%s p1=0x%llx p2=0x%llx p3=0x%llx p4=0x%llx processor=%u",
             bugcheck->code, code_name(bugcheck->code), (unsigned long long)p[0],
             (unsigned long long)p[1], (unsigned long long)p[2], (unsigned long long)p[3],
             bugcheck->processor);
    log_line("stopped by processor %u at %s", self,
             ksyms_describe(stopped[self].snapshot.instruction, text));
}

/* `frame` is that of the function by which the reason came in: its caller is where it happened. */
static _Noreturn void stop(const struct bugcheck *bugcheck, uintptr_t frame)
{
    unsigned self = arch_processor()->index;
    struct arch_snapshot snapshot;

    arch_take_snapshot(&snapshot, bugcheck->machine_frame, frame);
    arch_interrupts_disable();
    claim(&snapshot, bugcheck->code);
    stopped[self].snapshot = snapshot;
    arch_irql_write(IRQL_HIGH);
    freeze_others(self);
    atomic_store_explicit(&stopped[self].frozen, true, memory_order_relaxed);
    log_enter_emergency();
    print_headline(bugcheck, self);
    print_details(bugcheck, self);
    end_system(bugcheck->code);
}

_Noreturn void bugcheck_report(const struct bugcheck *bugcheck)
{
    stop(bugcheck, (uintptr_t)__builtin_frame_address(0));
}

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    const struct bugcheck bugcheck = {
        .code = code,
        .parameters = { p1, p2, p3, p4 },
        .processor = arch_processor()->index,
    };
    stop(&bugcheck, (uintptr_t)__builtin_frame_address(0));
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    uintptr_t structure = processor < processor_count ? (uintptr_t)processors[processor] : 0;
    const struct bugcheck bugcheck = {
        .code = BUGCHECK_CLOCK_WATCHDOG_TIMEOUT,
        .parameters = { wait_patience_ms(), 0, structure, processor },
        .processor = processor,
    };
    stop(&bugcheck, (uintptr_t)__builtin_frame_address(0));
}
