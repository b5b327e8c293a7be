/* SPDX-License-Identifier: MIT */
/* The cost model's output for people, and the line for machines. */
#ifndef COST_REPORT_H
#define COST_REPORT_H

#include "tests/sim/cost/machines.h"
#include "tests/sim/cost/path.h"

void report_heading(void);
void report_row(const struct machine *machine, const struct path_summary *summary);

/* The machine-readable line, without its newline, in the form that is also recorded. */
#define REPORT_LINE_SIZE 512
void report_line(char line[REPORT_LINE_SIZE], const struct machine *machine,
                 const struct path_summary *summary);

/* The critical path found last, one step a line; repeated steps share one line. */
void report_path(const struct machine *machine);

#endif
