/* SPDX-License-Identifier: MIT */
/*
 * What a lower room asks of a higher one. Everything else in kernel/ points downwards, by includes
 * and by symbols. `make check` knows the names in this header, and those in entry.h, as the only
 * exceptions.
 *
 * A kernel that takes over the core (rendezvous/) defines these in its own way; each comment says
 * what the core relies on (docs/porting.md).
 */
#ifndef KERNEL_UPCALL_H
#define KERNEL_UPCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/arch.h"

/* ---- console/log.c ---- */

#define LOG_LINE_SIZE 512 /* bytes in a line, including its end; longer ones are cut */

/*
 * Prints one line; the line end is added. IRQL: any. Up to DISPATCH_LEVEL the line is on the
 * console at return, unless another processor is printing at that moment; above, it waits in the
 * processor's ring.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what waits in all rings, unless another processor is doing so. IRQL: < IPI_LEVEL. */
void log_drain(void);

/* ---- stop/ ---- */

/* Codes that the kernel raises itself. Source: WDK "Bug Check Code Reference". */
enum bugcheck_code {
    BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL = 0x09,
    BUGCHECK_IRQL_NOT_LESS_OR_EQUAL = 0x0a,
    BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED = 0x1e,
    BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA = 0x50,
    BUGCHECK_HAL_INITIALIZATION_FAILED = 0x5c,
    BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP = 0x7f,
    BUGCHECK_NMI_HARDWARE_FAILURE = 0x80,
    BUGCHECK_MACHINE_CHECK_EXCEPTION = 0x9c,
    BUGCHECK_BAD_POOL_CALLER = 0xc2,
    BUGCHECK_IRQL_UNEXPECTED_VALUE = 0xc8,
    BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL = 0xd1,
    BUGCHECK_CLOCK_WATCHDOG_TIMEOUT = 0x101,
    BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE = 0x139,
};

/* Stops the system for a reason found by code on this processor. IRQL: any. */
_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4);

/*
 * Bug check 0x101: `processor` did not do its part within the patience (B3, B4). An index that no
 * online processor has is reported as it is. IRQL: any.
 */
_Noreturn void bugcheck_timeout(unsigned processor);

/* The same, found by an interrupt: the system stopped where `machine_frame` was interrupted. */
_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor);

/* Stops for ever if the system is being frozen. IRQL: any; called in every wait loop. */
void bugcheck_poll_freeze(void);

/* ---- silence/: what is known about a processor that keeps others waiting, and about calls ---- */

/*
 * Asks `suspects` what they are doing, and returns at once. One that has not answered an earlier
 * question is not asked again. The caller has the turn. IRQL: IPI_LEVEL.
 */
void evidence_ask(const struct processor_set *suspects);

/* An earlier answer of `processor` no longer counts. Only for a processor that may ask. */
void evidence_forget(unsigned processor);

/*
 * Call `generation`, whose doorbells were rung at `sent_ticks`, gave up on the processors in
 * `missing`: a verdict will be about them. The caller has the turn. IRQL: CLOCK_LEVEL or above.
 */
void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks);

/* Prints a verdict on each of those. The same caller. */
void verdict_print_all(void);

struct rendezvous_result;

/*
 * The figures of calls, by result->worker. stats_begin() decides at the beginning of a call, before
 * it has the turn, whether to sample it. IRQL: any below IPI_LEVEL, by several processors at once.
 */
void stats_begin(struct rendezvous_result *result);

/*
 * Reads the seats of all members, if the call is OK and is either sampled or irregular (a member
 * found that its part was not as it must be). The caller has the turn, so there is one at a time.
 */
void stats_sample(struct rendezvous_result *result);

/*
 * Counts the call, if it is OK. The turn is handed on by now, so several processors may do so at
 * once.
 */
void stats_count(const struct rendezvous_result *result);

/* ---- windows/: steps of a bug check report, each in parts (stop/report.h) ---- */

bool callback_run_with_reason(unsigned part);
bool callback_run_plain(unsigned part);

#endif
