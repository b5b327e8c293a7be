/*
 * The time stamp counter as the kernel's clock.
 */
#ifndef ARCH_X86_64_CLOCK_H
#define ARCH_X86_64_CLOCK_H

#include <stdint.h>

/* Measures the rate of the time stamp counter. Boot processor, once, interrupts disabled. */
void clock_start(void);

/* Waits at least `us` microseconds. */
void clock_delay_us(uint64_t us);

#endif
