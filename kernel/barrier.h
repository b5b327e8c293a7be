/*
 * Collecting: the caller of a rendezvous waits until each member has reached a mark.
 */
#ifndef KERNEL_BARRIER_H
#define KERNEL_BARRIER_H

#include "kernel/processor.h"

enum barrier_mark { BARRIER_ARRIVED, BARRIER_DONE };

/*
 * Waits until every processor in `members` has stored `generation` at its `mark` (acquire: all that
 * the members stored before is visible afterwards).
 *
 * Returns 0, or -1 when a member was silent for the whole patience (contract B: each mark that is
 * reached restarts the deadline, up to ten times); `missing` then holds all members still missing.
 */
int barrier_collect(const struct processor_set *members, enum barrier_mark mark,
                    uint64_t generation, struct processor_set *missing);

#endif
