/* SPDX-License-Identifier: MIT */
/*
 * A call of KeIpiGenericCall on a simulated machine.
 */
#ifndef COST_SIMULATE_H
#define COST_SIMULATE_H

#include "tests/sim/cost/machines.h"
#include "tests/sim/cost/path.h"

/* The call that is reported: by then all lines are where they are in every later call. */
#define SIMULATE_CALL 4

/*
 * Builds the machine and makes the calls; the path of the last can be inspected (path.h). Once per
 * process: the kernel's variables cannot be reset. Ends the program with one line when a processor
 * is stuck or the path lacks a phase of the call.
 */
void simulate_call(const struct machine *machine, struct path_summary *summary);

#endif
