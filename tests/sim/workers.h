/* SPDX-License-Identifier: MIT */
/*
 * Explorations side by side: a process for each job, as many at once as there are processors.
 */
#ifndef SIM_WORKERS_H
#define SIM_WORKERS_H

#include "tests/sim/explore.h"

/* One row of the table: all schedules of a scenario, or random ones. */
struct job {
    const struct scenario *scenario;
    unsigned processors;
    unsigned bound;       /* preemptions of the search, */
    uint64_t state_limit; /* and how many states it may know */
    uint64_t schedules;   /* of the random ones; 0: a search */
};

/* What came of a job. A process of its own made it, so the text of a failure comes along. */
struct outcome {
    struct exploration result;
    char failure[256];
    double seconds;
};

struct totals {
    uint64_t schedules;
    unsigned fewest, most; /* processors */
    unsigned bound;
    unsigned cut_short; /* searches that came to their limit of states */
};

enum verdict { VERDICT_OK, VERDICT_FAILED, VERDICT_WRONG, VERDICT_INCOMPLETE };

/*
 * Runs the jobs, up to a number of them at once, and reports each when it has ended. They begin in
 * their order. When one fails, those before it are run to their end, and the first in order that
 * failed is reported, even if a later one was faster. WRONG: a process did not reach its end; that
 * was reported.
 */
enum verdict workers_run(const struct job *jobs, unsigned count, unsigned at_once,
                         struct totals *totals);

/* ---- report.c: what a person sees ---- */

void report_heading(void);
void report_row(const struct job *job, const struct outcome *outcome);
void report_failure(const struct scenario *failed, const struct exploration *result,
                    const char *failure);

/* At a terminal: is there one, how far each running job is, and the line taken away again. */
#define PROGRESS_MS 500
bool progress_wanted(void);
void progress_begin(unsigned ended, unsigned jobs);
void progress_job(const struct job *job, uint64_t done, double seconds);
void progress_end(void);
void progress_clear(void);

#endif
