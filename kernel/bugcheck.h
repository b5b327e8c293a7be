/*
 * Bug check: the system stops, says why in one machine-readable line and a readable report, and
 * ends.
 *
 *   running --bugcheck_stop()--> stopping: this processor reports; all others are frozen by an
 *                                interrupt that nothing masks, and by polling in every wait loop
 *   stopping --a second bug check elsewhere--> that processor freezes: one report only
 *   stopping --a fault in the report itself--> one line says so; the report goes on behind it
 *   stopping --the report is over--> ended, as `bugcheck=` says
 */
#ifndef KERNEL_BUGCHECK_H
#define KERNEL_BUGCHECK_H

#include <stdint.h>

#include "kernel/arch.h"

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

struct bugcheck {
    uint32_t code;
    uintptr_t parameters[4];
    unsigned processor; /* the culprit: another processor for 0x101, else the one that stops */
    const void *machine_frame; /* where it happened, NULL for the caller itself */
    bool waited_for;           /* the culprit kept others waiting: the watchdog has a verdict */
};

/* Stops the system for a reason found by code on this processor. IRQL: any. */
_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4);

/*
 * The same, for a routine that does nothing else: where it was called is where the system stopped.
 * `frame` is the routine's frame pointer. IRQL: any.
 */
_Noreturn void bugcheck_stop_from(uintptr_t frame, uint32_t code, const uintptr_t parameters[4]);

/* The same, with all that is known. IRQL: any. */
_Noreturn void bugcheck_report(const struct bugcheck *bugcheck);

/*
 * Bug check 0x101: `processor` did not do its part within the patience (B3, B4). An index that no
 * online processor has is reported as it is. IRQL: any.
 */
_Noreturn void bugcheck_timeout(unsigned processor);

/* The same, found by an interrupt: where `machine_frame` came from is where the system stopped. */
_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor);

/* Stops for ever if the system is being frozen. IRQL: any; called in every wait loop. */
void bugcheck_poll_freeze(void);

/*
 * The machine received the unmaskable interrupt: freezes if one was sent, else bug check 0x80.
 * Returns when it came to the processor that reports, which does not care.
 */
void bugcheck_unmaskable(const void *machine_frame);

/*
 * Watched code (arch_watch_code()) must not go on, for the reason `why`: only the report's own
 * callbacks are watched, and the report goes on with the next.
 */
_Noreturn void bugcheck_give_up(const void *machine_frame, const char *why);

/* How the system ends after a bug check: `bugcheck=` on the command line. */
void bugcheck_set_end(enum arch_end end);

/* Is this processor the one that reports? IRQL: any. */
bool bugcheck_is_mine(void);

/*
 * What `processor` was doing when it stopped; NULL while it has not. For the processor that
 * reports.
 */
const struct arch_snapshot *bugcheck_snapshot(unsigned processor);

/* The name of a code; DRIVER_DEFINED where Windows has none, as it is a driver's own then. */
const char *bugcheck_code_name(uint32_t code);

#endif
