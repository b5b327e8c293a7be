/* SPDX-License-Identifier: MIT */
/*
 * What each processor was doing when it froze in a bug check.
 */
#ifndef KERNEL_SILENCE_FROZEN_H
#define KERNEL_SILENCE_FROZEN_H

#include "kernel/arch.h"

/*
 * Stores the snapshot of the current processor. A later call changes nothing, since a frozen
 * processor still takes the unmaskable interrupt. IRQL: any, interrupts disabled.
 */
void frozen_store(const struct arch_snapshot *snapshot);

/*
 * The snapshot of `processor` (PROCESSOR_UNNUMBERED: one that has no index yet); NULL if it has not
 * frozen (acquire). IRQL: any.
 */
const struct arch_snapshot *frozen_snapshot(unsigned processor);

#endif
