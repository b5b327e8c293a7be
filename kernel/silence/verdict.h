/* SPDX-License-Identifier: MIT */
/*
 * Why a processor was silent: the verdict on what the evidence shows.
 */
#ifndef KERNEL_SILENCE_VERDICT_H
#define KERNEL_SILENCE_VERDICT_H

#include "kernel/upcall.h" /* verdict_print_all() */

/*
 * Prints the verdict and the evidence on the `nth` of those that were given up on last
 * (silence.h), counted from 0: a machine-readable `watchdog` line, a sentence, and what the
 * interrupt controller says. The reporter of a bug check, or who gave up, with the turn. Returns
 * whether there is another.
 */
bool verdict_print(unsigned nth);

#endif
