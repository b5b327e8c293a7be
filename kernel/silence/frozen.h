/* SPDX-License-Identifier: MIT */
/*
 * What each processor was doing when it froze in a bug check.
 */
#ifndef KERNEL_SILENCE_FROZEN_H
#define KERNEL_SILENCE_FROZEN_H

#include "kernel/arch.h"

/*
 * Stores it for the current processor; the first snapshot stays, as a frozen processor still takes
 * the unmaskable interrupt. IRQL: any, interrupts disabled.
 */
void frozen_store(const struct arch_snapshot *snapshot);

/*
 * That of `processor`, PROCESSOR_UNNUMBERED for one that has no index yet; NULL while it has not
 * frozen (acquire). IRQL: any.
 */
const struct arch_snapshot *frozen_snapshot(unsigned processor);

#endif
