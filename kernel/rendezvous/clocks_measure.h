/* SPDX-License-Identifier: MIT */
/*
 * The measurement of the processors' clocks against that of processor 0. clocks_measure.c explains
 * how.
 */
#ifndef KERNEL_RENDEZVOUS_CLOCKS_MEASURE_H
#define KERNEL_RENDEZVOUS_CLOCKS_MEASURE_H

#include "kernel/rendezvous/clocks.h"

/*
 * Measures the clocks of all online processors, in bounded time. Boot processor, once, when all
 * processors are online and no call is under way. IRQL: PASSIVE. Returns the worst finding.
 */
struct clocks_finding clocks_measure_all(void);

/*
 * Measures the clock of `processor`, which is online. The caller makes sure that there is one
 * measurement at a time. IRQL: PASSIVE.
 */
struct clocks_finding clocks_measure(unsigned processor);

/* The routine of the measurement, for code that distinguishes calls by their routines (stats.h). */
rendezvous_routine clocks_exchange;

#endif
