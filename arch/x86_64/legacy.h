/* SPDX-License-Identifier: MIT */
/* The PC's interrupt sources that this kernel does not use. It masks them. */
#ifndef ARCH_X86_64_LEGACY_H
#define ARCH_X86_64_LEGACY_H

#include "arch/x86_64/firmware.h"

/* Masks the 8259 pair and all entries of all I/O APICs. Before interrupts are enabled. */
void legacy_mask_interrupts(const struct firmware *firmware);

#endif
