/* SPDX-License-Identifier: MIT */
/*
 * The rate of the time stamp counter, found by comparison with counters of known rates. Uses no
 * hardware except arch_ticks() and arch_relax(), so the host tests can supply counters that lie.
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
    uint64_t address; /* of its registers; used by read() */
};

enum clock_verdict {
    CLOCK_GOOD,
    CLOCK_STOPPED, /* it does not count, or far too slowly */
    CLOCK_UNEVEN,  /* no two measurements gave the same rate */
};

/*
 * Measures the time stamp counter with `counter`. Takes 8 ms if nothing disturbs it, about 60 ms at
 * worst, and less for a counter that stands still.
 *
 * Returns: CLOCK_GOOD with *khz set; otherwise *khz is 0.
 */
enum clock_verdict clock_measure(const struct clock_counter *counter, uint64_t *khz);

/* The rate according to one source: the processor, the hypervisor or a measurement. */
struct clock_opinion {
    const char *source;
    uint64_t khz;
};

/*
 * Is this a possible rate? From 1 MHz, since an emulator may count instructions, to 20 GHz.
 */
bool clock_is_plausible(uint64_t khz);

/* Do two rates agree within a percent? */
bool clock_agree(uint64_t left_khz, uint64_t right_khz);

/*
 * Chooses the opinion to follow from `count` (at least 1) opinions in order of preference: the
 * first one that another agrees with. If no two agree, it is the one with the highest rate: then no
 * time-out ends too early, whichever is right. *confirmed is the opinion that agrees, or NULL.
 */
const struct clock_opinion *clock_choose(const struct clock_opinion *opinions, unsigned count,
                                         const struct clock_opinion **confirmed);

/*
 * The rate according to CPUID leaf 0x15, or 0 if the processor does not state it. `signature` is
 * EAX of leaf 1, or 0 for a processor that is not Intel's. It identifies the crystal of processors
 * that omit its frequency from the leaf.
 * Source: Intel SDM vol. 3B, "Determining the Processor Base Frequency".
 */
uint64_t clock_crystal_khz(uint32_t denominator, uint32_t numerator, uint32_t crystal_hz,
                           uint32_t signature);

#endif
