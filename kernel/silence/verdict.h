/* SPDX-License-Identifier: MIT */
/*
 * Why a processor was silent: the verdict, from the evidence.
 */
#ifndef KERNEL_SILENCE_VERDICT_H
#define KERNEL_SILENCE_VERDICT_H

#include "kernel/upcall.h" /* verdict_print_all() */

/*
 * Prints the verdict and the evidence for the `nth` processor, from 0, of those that were given up
 * on last (silence.h): a machine-readable `watchdog` line, a sentence, and the state of the
 * interrupt controller. Called by the reporter of a bug check, or by the processor that gave up,
 * which has the turn. Returns whether there is another.
 */
bool verdict_print(unsigned nth);

#endif
