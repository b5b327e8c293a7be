/* SPDX-License-Identifier: MIT */
/*
 * One call of the extension (include/muster.h), and the check of its result.
 */
#ifndef TESTS_KERNEL_TRIAL_H
#define TESTS_KERNEL_TRIAL_H

#include <wdm.h>

#include <stdalign.h>

#include "include/muster.h"
#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"

/* What each processor did in the call: its routines write it, the caller reads it afterwards. */
struct trial_mark {
    alignas(CACHE_PAIR) unsigned runs[RENDEZVOUS_PHASES];
};
extern struct trial_mark trial_marks[PROCESSOR_LIMIT];

/* The targets of the next call. */
extern struct processor_set trial_targets;
extern struct rendezvous_report trial_reports[PROCESSOR_LIMIT];

/* Every `step`th processor from `first` on is a target; only one processor is. */
void trial_choose(unsigned first, unsigned step);
void trial_choose_only(unsigned processor);

/*
 * A request with the phases in `present` (bits by enum rendezvous_phase). Its routines record that
 * they ran, and check that all targets have finished the earlier phases.
 */
struct rendezvous_request trial_request(unsigned present);

/* The work of such a routine; the call's argument is `present`. */
uintptr_t trial_mark_phase(unsigned phase, uintptr_t present);

/* Clears the results of the last call. */
void trial_clear(void);

void trial_check_nobody_ran(void);

/* Checks that exactly the targets ran exactly the phases, once, and that the reports say so. */
void trial_check_ran(unsigned present);

/* Make such a call, with or without waiting, and check it. */
void trial_call(unsigned present);
void trial_begin(unsigned present);

enum rendezvous_status trial_await(struct rendezvous_completion *completion);

#endif
