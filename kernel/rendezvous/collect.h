/* SPDX-License-Identifier: MIT */
/*
 * Collecting: the caller of a rendezvous waits until each member has reached a mark.
 */
#ifndef KERNEL_RENDEZVOUS_COLLECT_H
#define KERNEL_RENDEZVOUS_COLLECT_H

#include "kernel/rendezvous/processors.h"

/* Which word of a seat: `reached` or `done`. */
enum collect_mark { COLLECT_REACHED, COLLECT_DONE };

/*
 * Waits until every processor in `members` has stored `value` at its `mark` (acquire: all that the
 * members stored before is visible afterwards).
 *
 * Returns 0. Returns -1 if the member that is waited for, in index order, was silent for the whole
 * patience (contract B: each awaited arrival restarts it, up to ten times if a quarter had passed),
 * or until `expires_ticks`, if that is not 0; `missing` then holds all members still missing.
 */
int collect(const struct processor_set *members, enum collect_mark mark, uint64_t value,
            uint64_t expires_ticks, struct processor_set *missing);

#endif
