/* SPDX-License-Identifier: MIT */
/*
 * The measurement of the processors' clocks against that of processor 0: clocks_measure.c tells
 * how.
 */
#ifndef KERNEL_RENDEZVOUS_CLOCKS_MEASURE_H
#define KERNEL_RENDEZVOUS_CLOCKS_MEASURE_H

#include "kernel/rendezvous/clocks.h"

/*
 * Measures the clocks of all online processors, in bounded time. Boot processor, once, all
 * processors online, no call under way. IRQL: PASSIVE. Returns the worst.
 */
struct clocks_finding clocks_measure_all(void);

/*
 * Measures the clock of `processor`, which is online. One measurement at a time; the caller sees to
 * that. IRQL: PASSIVE.
 */
struct clocks_finding clocks_measure(unsigned processor);

/* The routine by which it is measured, for who tells calls by their routines (stats.h). */
rendezvous_routine clocks_exchange;

#endif
