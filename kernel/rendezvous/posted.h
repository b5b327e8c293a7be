/* SPDX-License-Identifier: MIT */
/* Calls that are not waited for: call.c begins them, and the first member to arrive continues. */
#ifndef KERNEL_RENDEZVOUS_POSTED_H
#define KERNEL_RENDEZVOUS_POSTED_H

#include "kernel/rendezvous/rendezvous.h"

/*
 * Posts the request. The turn, which the caller has, belongs to the call from now on. `result` has
 * its members and what its figures need. An arrival after `expires_ticks` is too late; 0: the
 * patience decides. IRQL: IPI_LEVEL.
 */
void posted_begin(const struct rendezvous_request *request, const struct rendezvous_result *result,
                  uint64_t expires_ticks, struct rendezvous_completion *completion);

/*
 * `self` has arrived first at the posted call and has claimed it: `state` names it as the leader.
 * Does the rest of the call, including the turn. IRQL: IPI_LEVEL.
 */
void posted_lead(struct processor *self, uint64_t state);

#endif
