/* SPDX-License-Identifier: MIT */
/*
 * A release at a moment (contract X): all members of a call wait until their clocks show the same
 * value.
 */
#ifndef KERNEL_RENDEZVOUS_MOMENT_H
#define KERNEL_RENDEZVOUS_MOMENT_H

#include <stdint.h>

/* `ns` (up to RENDEZVOUS_RELEASE_LIMIT_NS) in ticks, rounded up. */
uint64_t moment_span_ticks(uint32_t ns);

/*
 * Waits until the clock of this processor shows `due_ticks` or later, but never for more than
 * RENDEZVOUS_RELEASE_LIMIT_NS by this clock, whatever it shows. IRQL: IPI_LEVEL.
 */
void moment_await(uint64_t due_ticks);

#endif
