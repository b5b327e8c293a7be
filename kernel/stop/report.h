/* SPDX-License-Identifier: MIT */
/*
 * The parts of a bug check report, for bugcheck.c, which runs them one after another and goes on
 * behind one that faults. A part is run at most once; what it needs is in static memory, since it
 * begins on an empty stack.
 */
#ifndef KERNEL_STOP_REPORT_H
#define KERNEL_STOP_REPORT_H

#include "kernel/console/log.h"
#include "kernel/stop/bugcheck.h"

/*
 * Runs part `part` of a step that has several: 0, 1, ...
 * Returns: true when there may be another; it is asked for even if this one faulted.
 */
typedef bool bugcheck_step(unsigned part);

/* What the report is about. Written once, before the first step. */
struct bugcheck_subject {
    struct bugcheck bugcheck; /* its machine_frame is a copy */
    unsigned reporter;        /* the processor that stopped, and reports */
    uintptr_t instruction;    /* where */
};
extern struct bugcheck_subject bugcheck_subject;

/* How long the others have to freeze, and each callback to return. */
uint32_t bugcheck_limit_ms(void);

/* For the line about a fault in the report itself: what is being done now, ends with an object. */
void bugcheck_set_doing(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- freeze.c ---- */

/* Claims the report for this processor; false when one has it already. */
bool bugcheck_claim(void);

/* Stops this processor for ever, while another reports. */
_Noreturn void bugcheck_freeze(const struct arch_snapshot *snapshot);

bugcheck_step bugcheck_freeze_others;
extern struct processor_set bugcheck_asked_to_freeze; /* those that were told to */

/* ---- report.c ---- */

extern char bugcheck_headline[LOG_LINE_SIZE]; /* the machine-readable line, once it is printed */

/* Steps of one part. */
void bugcheck_print_headline(void);
void bugcheck_print_meaning(void);
void bugcheck_print_reason(void);
void bugcheck_print_freeze(void);
void bugcheck_print_registers(void);

bugcheck_step bugcheck_print_backtraces, bugcheck_print_processors, bugcheck_print_callers;

#endif
