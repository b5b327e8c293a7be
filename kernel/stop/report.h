/* SPDX-License-Identifier: MIT */
/*
 * The parts of a bug check report, for bugcheck.c, which runs them one after another. If a part
 * faults, it goes on with the next. A part is run at most once, and begins on an empty stack, so
 * everything that it needs is in static memory.
 */
#ifndef KERNEL_STOP_REPORT_H
#define KERNEL_STOP_REPORT_H

#include "kernel/console/log.h"
#include "kernel/stop/bugcheck.h"

/*
 * Runs part `part` of a step that has several: 0, 1, ...
 * Returns: true if there may be another. The next part is run even if this one faulted.
 */
typedef bool bugcheck_step(unsigned part);

/* What the report is about. Written once, before the first step. */
struct bugcheck_subject {
    struct bugcheck bugcheck; /* its machine_frame is a copy */
    unsigned reporter;        /* the processor that stopped, and writes the report */
    uintptr_t instruction;    /* where it stopped */
};
extern struct bugcheck_subject bugcheck_subject;

/* The time that the others have to freeze, and each callback to return. */
uint32_t bugcheck_limit_ms(void);

/* For the line about a fault in the report: what is being done, such as "printing a backtrace". */
void bugcheck_set_doing(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- freeze.c ---- */

/* Claims the report for this processor; false if another one has it already. */
bool bugcheck_claim(void);

/* Stops this processor for ever, while another reports. */
_Noreturn void bugcheck_freeze(const struct arch_snapshot *snapshot);

bugcheck_step bugcheck_freeze_others;
extern struct processor_set bugcheck_asked_to_freeze;

/* ---- report.c ---- */

extern char bugcheck_headline[LOG_LINE_SIZE]; /* the machine-readable line, when printed */

/* Steps of one part. */
void bugcheck_print_headline(void);
void bugcheck_print_meaning(void);
void bugcheck_print_reason(void);
void bugcheck_print_freeze(void);
void bugcheck_print_registers(void);

bugcheck_step bugcheck_print_backtraces, bugcheck_print_processors, bugcheck_print_callers;

#endif
