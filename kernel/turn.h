/*
 * The turn: who may make the next call. Only its holder writes the round (rendezvous.c).
 */
#ifndef KERNEL_TURN_H
#define KERNEL_TURN_H

#include "kernel/processor.h"

/*
 * Takes the turn, after a wait in which this processor takes part in the calls of others.
 * Afterwards all that earlier holders wrote is visible (acquire). IRQL: CLOCK_LEVEL.
 *
 * Does not return when calls have come to a standstill: bug check 0x101 names the holder.
 */
void turn_take(struct processor *self);

/* Hands the turn to the next processor that waits for it (release). */
void turn_give(struct processor *self);

/*
 * How often the turn was taken: the measure of fairness (C2). IRQL: any; exact for its holder only.
 */
uint64_t turn_count(void);

/* Nobody moves although somebody must: bug check 0x101 names who holds the turn. IRQL: any. */
_Noreturn void turn_expired(void);

#endif
