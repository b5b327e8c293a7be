/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a call when it is over.
 */
#ifndef KERNEL_RENDEZVOUS_REPORT_H
#define KERNEL_RENDEZVOUS_REPORT_H

#include "kernel/rendezvous/rendezvous.h"

/* What becomes of silence: a verdict and a status, or bug check 0x101. */
enum report_silence { REPORT_TELLS, REPORT_STOPS };

/*
 * Tells what came of a call, and hands on the turn that `holder` took: to the caller in `reports`,
 * `count` of them by processor index; to the console when somebody was silent; to the figures, of
 * which only a sample is taken before others have their turn.
 * IRQL: IPI_LEVEL for a bug check; else CLOCK_LEVEL or above.
 */
void report_conclude(struct rendezvous_result *result, struct processor *holder,
                     struct rendezvous_report *reports, unsigned count,
                     enum report_silence silence);

/* The call did not begin, by `status`: the reports name those in `refused`, if it tells of some. */
void report_refused(const struct rendezvous_request *request, enum rendezvous_status status,
                    const struct processor_set *refused);

#endif
