/* SPDX-License-Identifier: MIT */
/*
 * The possible sources for the rate of this machine's time stamp counter.
 */
#ifndef ARCH_X86_64_CLOCK_SOURCES_H
#define ARCH_X86_64_CLOCK_SOURCES_H

#include "arch/x86_64/clock_rate.h"
#include "arch/x86_64/firmware.h"

/* The rate that the processor or the hypervisor states; khz() is 0 if it states none. */
struct clock_statement {
    const char *name;
    uint64_t (*khz)(void);
};

/* A counter to measure with. start() fills in the counter; it is false if there is none. */
struct clock_yardstick {
    const char *name;
    bool (*start)(const struct firmware *firmware, struct clock_counter *counter);
    void (*stop)(const struct clock_counter *counter); /* leaves it as it was */
};

/* In order of preference. */
#define CLOCK_STATEMENTS 2
#define CLOCK_YARDSTICKS 3
extern const struct clock_statement clock_statements[CLOCK_STATEMENTS];
extern const struct clock_yardstick clock_yardsticks[CLOCK_YARDSTICKS];

#endif
