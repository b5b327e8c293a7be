/* SPDX-License-Identifier: MIT */
/*
 * The turn: who may make the next call. Only its holder writes the round (rendezvous.c).
 */
#ifndef KERNEL_RENDEZVOUS_TURN_H
#define KERNEL_RENDEZVOUS_TURN_H

#include "kernel/rendezvous/processors.h"

/*
 * Takes the turn, after a wait in which this processor takes part in the calls of others.
 * Afterwards all that earlier holders wrote is visible (acquire). IRQL: CLOCK_LEVEL.
 *
 * Returns true; false if it did not get the turn by `expires_ticks` (0: no such limit). Does not
 * return when calls have come to a standstill: bug check 0x101 names the holder.
 */
bool turn_take(struct processor *self, uint64_t expires_ticks);

/*
 * From now on `self` is blamed for what the holder does not do: it leads a call that nobody waits
 * for.
 */
void turn_answer_for(struct processor *self);

/*
 * Hands the turn that `holder` took to the next processor that waits for it (release). Any
 * processor to which the holder has passed the turn may do so. IRQL: CLOCK_LEVEL or above.
 */
void turn_give(struct processor *holder);

/*
 * True if no call is under way and none is waiting. IRQL: any; out of date on return, unless nobody
 * can call.
 */
bool turn_is_free(void);

/*
 * How often the turn was taken: the measure of fairness (C2). IRQL: any; exact only for the holder.
 */
uint64_t turn_count(void);

/* Nobody moves although somebody must: bug check 0x101 names the holder of the turn. IRQL: any. */
_Noreturn void turn_expired(void);

#endif
