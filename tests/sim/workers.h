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
    uint64_t state_limit; /* the most states it may store */
    uint64_t schedules;   /* number of random ones; 0: a search */
};

/* The result of a job. A separate process made it, so it includes the text of a failure. */
struct outcome {
    struct exploration result;
    char failure[256];
    double seconds;
};

struct totals {
    uint64_t schedules;
    unsigned fewest, most; /* processors */
    unsigned bound;
    unsigned cut_short; /* searches that reached their limit of states */
};

enum verdict { VERDICT_OK, VERDICT_FAILED, VERDICT_WRONG, VERDICT_INCOMPLETE };

/*
 * Runs the jobs, `at_once` at a time, and reports each one when it has ended. They begin in their
 * order; when one fails, those before it are completed, and the first failure in job order is
 * reported, whichever came first. WRONG: a process did not end properly; that has been reported.
 */
enum verdict workers_run(const struct job *jobs, unsigned count, unsigned at_once,
                         struct totals *totals);

/* ---- report.c: what a person sees ---- */

void report_heading(void);
void report_row(const struct job *job, const struct outcome *outcome);
void report_failure(const struct scenario *failed, const struct exploration *result,
                    const char *failure);

/* For a terminal: whether there is one, the progress of each running job, and its removal. */
#define PROGRESS_MS 500
bool progress_wanted(void);
void progress_begin(unsigned ended, unsigned jobs);
void progress_job(const struct job *job, uint64_t done, double seconds);
void progress_end(void);
void progress_clear(void);

#endif
