/* SPDX-License-Identifier: MIT */
/*
 * The way in which a doorbell is sent to many processors.
 */
#ifndef ARCH_X86_64_IPI_H
#define ARCH_X86_64_IPI_H

#include "kernel/arch.h"

/*
 * Chooses the way from the configuration, the number of started processors (`count`, including the
 * boot processor) and the local APICs' mode. Called once, when the bring-up is over; until then it
 * is unicast. arch_online_changed() reports later changes of the online processors.
 */
void ipi_start(unsigned count);

/* By index; see arch_hardware_id(). A test may misdirect a processor's messages. */
extern uint32_t ipi_apic_ids[PROCESSOR_LIMIT];

#endif
