/* SPDX-License-Identifier: MIT */
/*
 * What a bug check prints about itself and the processors. bugcheck.c has the order, and explains
 * what happens when a part faults.
 */
#include "kernel/stop/report.h"

#include <bugcodes.h>

#include "kernel/console/ksyms.h"
#include "kernel/processors/life.h"
#include "kernel/silence/evidence.h"
#include "kernel/silence/frozen.h"
#include "kernel/stop/meaning.h"
#include "lib/printf.h"

#define BACKTRACE_LIMIT 16
#define CALLERS_LIMIT   12
#define MISSING_LIMIT   16 /* how many processors that did not freeze are named */

char bugcheck_headline[LOG_LINE_SIZE];

/* Every code in the drivers' bugcodes.h, with its name there. */
#define CODE(name)  \
    {               \
        name, #name \
    }
static const struct {
    uint32_t code;
    const char *name;
} codes[] = {
    CODE(IRQL_NOT_DISPATCH_LEVEL),
    CODE(IRQL_NOT_GREATER_OR_EQUAL),
    CODE(IRQL_NOT_LESS_OR_EQUAL),
    CODE(SPIN_LOCK_ALREADY_OWNED),
    CODE(SPIN_LOCK_NOT_OWNED),
    CODE(TRAP_CAUSE_UNKNOWN),
    CODE(BAD_POOL_HEADER),
    CODE(MEMORY_MANAGEMENT),
    CODE(KMODE_EXCEPTION_NOT_HANDLED),
    CODE(MULTIPROCESSOR_CONFIGURATION_NOT_SUPPORTED),
    CODE(PAGE_FAULT_IN_NONPAGED_AREA),
    CODE(HAL_INITIALIZATION_FAILED),
    CODE(UNEXPECTED_KERNEL_MODE_TRAP),
    CODE(NMI_HARDWARE_FAILURE),
    CODE(MACHINE_CHECK_EXCEPTION),
    CODE(ATTEMPTED_WRITE_TO_READONLY_MEMORY),
    CODE(BAD_POOL_CALLER),
    CODE(DRIVER_VERIFIER_DETECTED_VIOLATION),
    CODE(IRQL_UNEXPECTED_VALUE),
    CODE(DRIVER_IRQL_NOT_LESS_OR_EQUAL),
    CODE(MANUALLY_INITIATED_CRASH),
    CODE(ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY),
    CODE(CLOCK_WATCHDOG_TIMEOUT),
    CODE(DPC_WATCHDOG_VIOLATION),
    CODE(KERNEL_SECURITY_CHECK_FAILURE),
};

/* The kernel's own codes have the values of the drivers' header. */
_Static_assert(BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL == IRQL_NOT_GREATER_OR_EQUAL &&
                   BUGCHECK_IRQL_NOT_LESS_OR_EQUAL == IRQL_NOT_LESS_OR_EQUAL &&
                   BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED == KMODE_EXCEPTION_NOT_HANDLED &&
                   BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA == PAGE_FAULT_IN_NONPAGED_AREA &&
                   BUGCHECK_HAL_INITIALIZATION_FAILED == HAL_INITIALIZATION_FAILED &&
                   BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP == UNEXPECTED_KERNEL_MODE_TRAP &&
                   BUGCHECK_NMI_HARDWARE_FAILURE == NMI_HARDWARE_FAILURE &&
                   BUGCHECK_MACHINE_CHECK_EXCEPTION == MACHINE_CHECK_EXCEPTION &&
                   BUGCHECK_BAD_POOL_CALLER == BAD_POOL_CALLER &&
                   BUGCHECK_IRQL_UNEXPECTED_VALUE == IRQL_UNEXPECTED_VALUE &&
                   BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL == DRIVER_IRQL_NOT_LESS_OR_EQUAL &&
                   BUGCHECK_CLOCK_WATCHDOG_TIMEOUT == CLOCK_WATCHDOG_TIMEOUT &&
                   BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE == KERNEL_SECURITY_CHECK_FAILURE,
               "a code has one value");

const char *bugcheck_code_name(uint32_t code)
{
    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].code == code) {
            return codes[i].name;
        }
    }
    return "DRIVER_DEFINED";
}

/* ---- what happened ---- */

void bugcheck_print_headline(void)
{
    const struct bugcheck *bugcheck = &bugcheck_subject.bugcheck;
    const uintptr_t *p = bugcheck->parameters;

    printf_format(bugcheck_headline, sizeof(bugcheck_headline),
                  "bugcheck code=%#x name=%s p1=0x%llx p2=0x%llx p3=0x%llx p4=0x%llx processor=%u",
                  bugcheck->code, bugcheck_code_name(bugcheck->code), (unsigned long long)p[0],
                  (unsigned long long)p[1], (unsigned long long)p[2], (unsigned long long)p[3],
                  bugcheck->processor);
    log_line("%s", bugcheck_headline);
}

void bugcheck_print_meaning(void)
{
    char text[LOG_LINE_SIZE];

    meaning_describe(&bugcheck_subject.bugcheck, bugcheck_subject.instruction, text, sizeof(text));
    if (text[0] != '\0') {
        log_line("reason: %s", text);
    }
}

static enum seat_phase phase_of(unsigned processor)
{
    return atomic_load_explicit(&processors[processor]->seat.phase, memory_order_relaxed) & 3;
}

/* ", in the worker NAME," if the processor is in one, else nothing. */
static const char *describe_worker(unsigned processor, char text[KSYMS_TEXT_SIZE + 32])
{
    char name[KSYMS_TEXT_SIZE];
    arch_worker *worker = processor < processor_count && phase_of(processor) == SEAT_RUNNING
                              ? evidence_routine(processor, arch_ticks())
                              : NULL;

    text[0] = '\0';
    if (worker != NULL) {
        printf_format(text, KSYMS_TEXT_SIZE + 32, ", in the worker %s,",
                      ksyms_describe((uintptr_t)worker, name));
    }
    return text;
}

/* B5 in one sentence: the processor, the worker, the instruction, the exception. */
void bugcheck_print_reason(void)
{
    const struct bugcheck *bugcheck = &bugcheck_subject.bugcheck;
    char worker[KSYMS_TEXT_SIZE + 32];
    char where[KSYMS_TEXT_SIZE];

    log_line("stopped by processor %u%s at %s%s%s", bugcheck_subject.reporter,
             describe_worker(bugcheck_subject.reporter, worker),
             ksyms_describe(bugcheck_subject.instruction, where),
             bugcheck->machine_frame != NULL ? ": " : "",
             bugcheck->machine_frame != NULL ? arch_frame_name(bugcheck->machine_frame) : "");
}

/* Writes " 1 2 5" or the like; a long list is cut short. */
static void list_missing(char *text, size_t size)
{
    size_t length = 0;
    unsigned listed = 0;

    text[0] = '\0';
    processor_set_for_each(processor, &bugcheck_asked_to_freeze) {
        if (frozen_snapshot(processor) == NULL && listed++ < MISSING_LIMIT) {
            length += printf_format(text + length, size - length, " %u", processor);
        }
    }
    if (listed > MISSING_LIMIT) {
        printf_format(text + length, size - length, " and %u more", listed - MISSING_LIMIT);
    }
}

void bugcheck_print_freeze(void)
{
    char missing[MISSING_LIMIT * 5 + 32];
    unsigned others = 0, frozen = 0;

    if (processor_set_is_empty(&bugcheck_asked_to_freeze)) {
        return;
    }
    processor_set_for_each(processor, &bugcheck_asked_to_freeze) {
        others++;
        frozen += frozen_snapshot(processor) != NULL;
    }
    list_missing(missing, sizeof(missing));
    log_line("frozen %u of %u others%s%s", frozen, others,
             frozen == others ? "" : "; no answer from", missing);
}

/* ---- where the processors were ---- */

void bugcheck_print_registers(void)
{
    char text[KSYMS_TEXT_SIZE];

    if (bugcheck_subject.bugcheck.machine_frame != NULL) {
        arch_print_frame(bugcheck_subject.bugcheck.machine_frame,
                         ksyms_describe(bugcheck_subject.instruction, text));
    }
}

static void print_backtrace(const struct arch_snapshot *snapshot)
{
    uintptr_t found[BACKTRACE_LIMIT];
    char text[KSYMS_TEXT_SIZE];

    log_line("backtrace:");
    log_line("  %#llx %s", (unsigned long long)snapshot->instruction,
             ksyms_describe(snapshot->instruction, text));
    unsigned count = arch_backtrace(snapshot->frame, found, BACKTRACE_LIMIT);
    for (unsigned i = 0; i < count; i++) {
        /* A return address may be the first byte of the next function: look up the byte before. */
        log_line("  %#llx %s", (unsigned long long)found[i], ksyms_describe(found[i] - 1, text));
    }
}

/* The backtrace of the reporter, then that of the culprit if it is another processor. */
bool bugcheck_print_backtraces(unsigned part)
{
    unsigned culprit = bugcheck_subject.bugcheck.processor;

    if (part == 0 && frozen_snapshot(bugcheck_subject.reporter) != NULL) {
        print_backtrace(frozen_snapshot(bugcheck_subject.reporter));
    } else if (part == 1 && culprit != bugcheck_subject.reporter &&
               frozen_snapshot(culprit) != NULL) {
        log_line("processor %u:", culprit);
        print_backtrace(frozen_snapshot(culprit));
    }
    return part == 0;
}

/* A backtrace in one line: only functions, from where the processor was to the outermost caller. */
static void print_callers(unsigned processor, const struct arch_snapshot *snapshot)
{
    uintptr_t found[CALLERS_LIMIT];
    char text[CALLERS_LIMIT * KSYMS_TEXT_SIZE];
    size_t offset, length = 0;

    unsigned count = arch_backtrace(snapshot->frame, found, CALLERS_LIMIT);
    for (unsigned i = 0; i < count; i++) {
        const char *name = ksyms_find(found[i] - 1, &offset);
        length +=
            printf_format(text + length, sizeof(text) - length, " < %s", name == NULL ? "?" : name);
        if (length >= sizeof(text)) {
            break;
        }
    }
    const char *name = ksyms_find(snapshot->instruction, &offset);
    log_line("  %9u  %s%s", processor, name == NULL ? "?" : name, count == 0 ? "" : text);
}

/* For all processors whose backtrace was not printed in full. */
bool bugcheck_print_callers(unsigned part)
{
    const struct arch_snapshot *snapshot = part == 0 ? NULL : frozen_snapshot(part - 1);

    if (part == 0 && processor_count > 1) {
        log_line("  processor  functions, each called by the next");
    } else if (snapshot != NULL && part - 1 != bugcheck_subject.reporter &&
               part - 1 != bugcheck_subject.bugcheck.processor) {
        print_callers(part - 1, snapshot);
    }
    return part < processor_count;
}

/* One line: where the processor was, and what its interrupt controller says about the doorbell. */
static void print_processor(unsigned processor)
{
    static const char *const phases[] = { "-", "arrived", "in the worker", "finished" };
    const struct arch_snapshot *snapshot = frozen_snapshot(processor);
    char text[KSYMS_TEXT_SIZE];

    if (snapshot == NULL && !processor_is_running(processor)) {
        log_line("  %9u  offline", processor);
        return;
    }
    if (snapshot == NULL && processor == bugcheck_subject.reporter) {
        log_line("  %9u  writes this report, and could not look at itself", processor);
        return;
    }
    if (snapshot == NULL) {
        log_line("  %9u  did not answer within %u ms", processor, bugcheck_limit_ms());
        return;
    }
    log_line("  %9u %5u %3u  %-14s %7s %10s %8u  %s", processor, snapshot->irql,
             snapshot->interrupts_enabled, phases[phase_of(processor)],
             snapshot->doorbell_pending ? "yes" : "no",
             snapshot->doorbell_in_service ? "yes" : "no", snapshot->masked_priority,
             ksyms_describe(snapshot->instruction, text));
}

bool bugcheck_print_processors(unsigned part)
{
    if (part == 0) {
        log_line("  processor  IRQL  IF  phase          doorbell in service  PPR class  at");
    } else if (part <= processor_count) {
        print_processor(part - 1);
    }
    return part < processor_count;
}
