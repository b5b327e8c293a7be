/* SPDX-License-Identifier: MIT */
/*
 * Calls that are not waited for: what call.c begins, and who arrives first goes on with.
 */
#ifndef KERNEL_RENDEZVOUS_POSTED_H
#define KERNEL_RENDEZVOUS_POSTED_H

#include "kernel/rendezvous/rendezvous.h"

/*
 * The request is posted. The turn, which the caller has, is the call's from now on. `result` has
 * its members and what its figures need; `expires_ticks`: when an arrival is too late; 0: by
 * patience. IRQL: IPI_LEVEL.
 */
void posted_begin(const struct rendezvous_request *request, const struct rendezvous_result *result,
                  uint64_t expires_ticks, struct rendezvous_completion *completion);

/*
 * `self` has arrived first at the posted call, and has claimed it: `state` names it as the leader.
 * Does all that is left of the call, the turn included. IRQL: IPI_LEVEL.
 */
void posted_lead(struct processor *self, uint64_t state);

#endif
