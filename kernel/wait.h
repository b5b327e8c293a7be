/*
 * Waiting for another processor, with a deadline. Every wait loop of the kernel has this shape:
 *
 *     struct wait wait = wait_begin(WAIT_PATIENCE);
 *     while (!condition) {
 *         if (wait_turn(&wait) == WAIT_EXPIRED) { ... say who is missing ... }
 *     }
 *
 * A turn is bare for the first few hundred, since the answer is normally on its way, and after that
 * tells the machine to relax: a processor that never does so keeps its thread siblings slow and an
 * emulator from running the processor that it waits for. A frozen system (bug check) is noticed in
 * each turn.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/arch.h"

enum wait_result { WAIT_ON, WAIT_EXPIRED };

struct wait {
    uint64_t began_ticks;
    uint64_t patience_ticks;
    unsigned turns;
};

/* Deadlines are set in milliseconds, once, from `timeout_ms=` (5000) and twice that in a guest. */
void wait_set_patience_ms(uint32_t patience_ms);
uint32_t wait_patience_ms(void);

/* A wait that expires `factor` times the patience after the last progress. */
struct wait wait_begin(unsigned factor);

/* Something moved: the deadline counts from now. */
void wait_progress(struct wait *wait);

enum wait_result wait_turn(struct wait *wait);

#endif
