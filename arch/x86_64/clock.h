/* SPDX-License-Identifier: MIT */
/*
 * The time stamp counter as the kernel's clock.
 */
#ifndef ARCH_X86_64_CLOCK_H
#define ARCH_X86_64_CLOCK_H

#include <stdint.h>

#include "arch/x86_64/firmware.h"

/*
 * Finds out the rate of the time stamp counter and logs the source. Called once on the boot
 * processor, with interrupts disabled, after the firmware's tables have been read.
 */
void clock_start(const struct firmware *firmware);

/* Waits at least `us` microseconds. */
void clock_delay_us(uint64_t us);

#endif
