/* SPDX-License-Identifier: MIT */
/*
 * The figures of earlier runs, kept as the lines that were printed.
 */
#ifndef COST_RECORD_H
#define COST_RECORD_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/sim/cost/report.h"

/* Writes the lines to `path`. Ends the program with one line when it cannot. */
void record_write(const char *path, char lines[][REPORT_LINE_SIZE], unsigned count);

/* Opens the figures of an earlier run. Ends the program with one line when it cannot. */
FILE *record_open(const char *path);

/*
 * Adds to each line how its call_ns compares with the recorded one of that machine, if it has
 * changed. Returns false when one is worse by more than the tolerance or is not recorded.
 */
bool record_compare(FILE *file, char lines[][REPORT_LINE_SIZE], unsigned count);

#endif
