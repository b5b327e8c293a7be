/* SPDX-License-Identifier: MIT */
/* The output of the cost model for people, and its line for machines. */
#ifndef COST_REPORT_H
#define COST_REPORT_H

#include "tests/sim/cost/machines.h"
#include "tests/sim/cost/path.h"

void report_heading(void);
void report_row(const struct machine *machine, const struct path_summary *summary);

/* The machine-readable line, without its end, in the form in which it is recorded, too. */
#define REPORT_LINE_SIZE 512
void report_line(char line[REPORT_LINE_SIZE], const struct machine *machine,
                 const struct path_summary *summary);

/* The critical path that was found last, a line a step; steps that repeat are one line. */
void report_path(const struct machine *machine);

#endif
