/*
 * Waiting for another processor, with a deadline. Every wait loop of the kernel has this shape:
 *
 *     struct wait wait = wait_begin(1);
 *     while (!condition) {
 *         if (wait_turn(&wait) == WAIT_EXPIRED) { ... say who is missing ... }
 *     }
 *
 * A turn is bare at first, since the answer is normally on its way, and after that tells the
 * machine to relax: a processor that never does so keeps its thread siblings slow, and an emulator
 * from running the very processor that it waits for. In each of these later turns a frozen system
 * (bug check) is noticed, and with interrupts disabled the wait takes part in calls of other
 * processors, which could otherwise wait for this one (contract C1).
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/arch.h"

/* Bare turns, a few instructions each: about the time of a cache line's way to another socket. */
#define WAIT_BARE_TURNS 16

enum wait_result { WAIT_ON, WAIT_EXPIRED };

struct wait {
    uint64_t began_ticks; /* 0 until the first relaxed turn: a quick wait reads no clock */
    unsigned factor;      /* it expires so many times the patience after the last progress */
    unsigned bare_turns;
};

/*
 * The patience is set once, from `timeout_ms=` (5000), and lengthened where a hypervisor may stop a
 * processor, or the machine is slow (main.c).
 */
void wait_set_patience_ms(uint32_t patience_ms);
uint32_t wait_patience_ms(void);

/*
 * How many times slower this processor is, by its own clock, than the slowest that a deadline is
 * made for: 1 on hardware and on good emulators, hundreds where each instruction is interpreted
 * while the clock is real. The best of several attempts, since whatever disturbs one makes it
 * longer.
 */
unsigned wait_measure_slowness(void);

/* The later turns of a wait. */
enum wait_result wait_relaxed_turn(struct wait *wait);

static inline struct wait wait_begin(unsigned factor)
{
    return (struct wait){ .began_ticks = 0, .factor = factor, .bare_turns = WAIT_BARE_TURNS };
}

static inline enum wait_result wait_turn(struct wait *wait)
{
    if (wait->bare_turns != 0) {
        wait->bare_turns--;
        return WAIT_ON;
    }
    return wait_relaxed_turn(wait);
}

/* Something moved: the deadline counts from the next turn. */
static inline void wait_progress(struct wait *wait)
{
    wait->began_ticks = 0;
}

#endif
