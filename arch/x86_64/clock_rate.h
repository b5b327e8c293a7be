/* SPDX-License-Identifier: MIT */
/*
 * How fast the time stamp counter runs, found out by comparison with counters of known rates. No
 * hardware but arch_ticks() and arch_relax(): the host's tests bring counters that lie.
 * IRQL: any (called once, at boot, with interrupts disabled).
 */
#ifndef ARCH_X86_64_CLOCK_RATE_H
#define ARCH_X86_64_CLOCK_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* Counts upward, modulo 2^bits, at a known rate. */
struct clock_counter {
    uint64_t hz;   /* 1 MHz .. 1 GHz */
    unsigned bits; /* 16 .. 32 */
    uint32_t (*read)(const struct clock_counter *counter);
    uint64_t address; /* of its registers, for read() */
};

enum clock_verdict {
    CLOCK_GOOD,
    CLOCK_STOPPED, /* it does not count, or far too slowly */
    CLOCK_UNEVEN,  /* no two measurements gave the same rate */
};

/*
 * Measures the time stamp counter with `counter`: 8 ms where nothing disturbs, about 60 ms at
 * worst, and less for a counter that stands still.
 *
 * Returns: CLOCK_GOOD with *khz set, else *khz is 0.
 */
enum clock_verdict clock_measure(const struct clock_counter *counter, uint64_t *khz);

/* What somebody says of the time stamp counter: the processor, the hypervisor, a measurement. */
struct clock_opinion {
    const char *source;
    uint64_t khz;
};

/*
 * Can a time stamp counter run so? From 1 MHz, since an emulator may count instructions, to 20 GHz.
 */
bool clock_is_plausible(uint64_t khz);

/* Are two rates the same within a percent? */
bool clock_agree(uint64_t left_khz, uint64_t right_khz);

/*
 * The opinion to follow out of `count` (at least 1) in the order of preference: the first one that
 * another agrees with; if nobody agrees with anybody, that of the highest rate, since then no
 * time-out ends too early, whoever is right. *confirmed is the one that agrees with it, or NULL.
 */
const struct clock_opinion *clock_choose(const struct clock_opinion *opinions, unsigned count,
                                         const struct clock_opinion **confirmed);

/*
 * The rate by CPUID leaf 0x15, 0 when the processor does not say. `signature` is EAX of leaf 1, 0
 * for a processor that is not Intel's: it tells the crystal of those that leave it out of the leaf.
 * Source: Intel SDM vol. 3B, "Determining the Processor Base Frequency".
 */
uint64_t clock_crystal_khz(uint32_t denominator, uint32_t numerator, uint32_t crystal_hz,
                           uint32_t signature);

#endif
