/* SPDX-License-Identifier: MIT */
/* What happens when a call is over. */
#ifndef KERNEL_RENDEZVOUS_REPORT_H
#define KERNEL_RENDEZVOUS_REPORT_H

#include "kernel/rendezvous/rendezvous.h"

/* What a silent processor leads to: a verdict and a status, or bug check 0x101. */
enum report_silence { REPORT_TELLS, REPORT_STOPS };

/*
 * Reports the result of a call, and hands on the turn that `holder` took. The caller gets
 * `reports`, `count` of them by processor index; the console gets a verdict if a processor was
 * silent; the figures get a sample before the next call has its turn, and the rest after it.
 * IRQL: IPI_LEVEL for a bug check; otherwise CLOCK_LEVEL or above.
 */
void report_conclude(struct rendezvous_result *result, struct processor *holder,
                     struct rendezvous_report *reports, unsigned count,
                     enum report_silence silence);

/*
 * The call did not begin; `status` says why. The reports name the processors in `refused`, if the
 * status is about some.
 */
void report_refused(const struct rendezvous_request *request, enum rendezvous_status status,
                    const struct processor_set *refused);

#endif
