/* SPDX-License-Identifier: MIT */
/*
 * Bug check: the system stops, says why in one machine-readable line and a report for people, and
 * ends.
 *
 *   running --bugcheck_stop()--> stopping: this processor reports; all others are frozen by an
 *                                interrupt that nothing masks, and by polling in every wait loop
 *   stopping --a second bug check elsewhere--> that processor freezes: one report only
 *   stopping --a fault in the report itself--> one line says so; the report goes on after it
 *   stopping --the report is complete--> ended, as `bugcheck=` says
 */
#ifndef KERNEL_STOP_BUGCHECK_H
#define KERNEL_STOP_BUGCHECK_H

#include <stdint.h>

#include "kernel/entry.h"  /* bugcheck_unmaskable(), bugcheck_give_up() */
#include "kernel/upcall.h" /* codes, bugcheck_stop(), bugcheck_timeout() */

struct bugcheck {
    uint32_t code;
    uintptr_t parameters[4];
    unsigned processor; /* the culprit: another processor for 0x101, else the one that stops */
    const void *machine_frame; /* where it happened; NULL: in the caller itself */
    bool waited_for;           /* the culprit kept others waiting: the watchdog has a verdict */
    bool is_request;           /* KeBugCheckEx: code and parameters are the caller's own */
};

/*
 * KeBugCheckEx(): the system stopped where this routine was called. `frame` is its frame pointer.
 * IRQL: any.
 */
_Noreturn void bugcheck_stop_from(uintptr_t frame, uint32_t code, const uintptr_t parameters[4]);

/* The same, with everything that is known. IRQL: any. */
_Noreturn void bugcheck_report(const struct bugcheck *bugcheck);

/* How the system ends after a bug check: `bugcheck=` on the command line. */
void bugcheck_set_end(enum arch_end end);

/* Is this processor the reporter? IRQL: any. */
bool bugcheck_is_mine(void);

/* The name of a code; DRIVER_DEFINED if Windows has none, since it is then a driver's own. */
const char *bugcheck_code_name(uint32_t code);

#endif
