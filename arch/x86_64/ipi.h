/* SPDX-License-Identifier: MIT */
/*
 * Which way a doorbell takes to many processors.
 */
#ifndef ARCH_X86_64_IPI_H
#define ARCH_X86_64_IPI_H

#include "kernel/arch.h"

/*
 * Settles the way from what was configured, from how many processors have been started (`count`,
 * the first among them), and from the local APICs' mode. To be called once, when the bring-up is
 * over; until then it is unicast. Later changes of the online processors come through
 * arch_online_changed().
 */
void ipi_start(unsigned count);

/* By index: arch_hardware_id(). A test may have a processor's messages go astray. */
extern uint32_t ipi_apic_ids[PROCESSOR_LIMIT];

#endif
