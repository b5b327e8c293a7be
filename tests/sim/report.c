/* SPDX-License-Identifier: MIT */
/*
 * What a person sees of an exploration: the table, a failure, and the progress.
 *
 * The table goes to standard output, each row as soon as it is complete. The progress is one line
 * on the terminal that standard error leads to, overwritten again and again; without a terminal, or
 * on one that cannot return to the beginning of a line, nothing is written.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/workers.h"

/* ---- the table ---- */

void report_heading(void)
{
    printf("%-20s %4s %5s %10s %10s %10s %8s %8s  %s\n", "scenario", "cpus", "bound", "schedules",
           "states", "pruned", "longest", "seconds", "result");
    fflush(stdout);
}

void report_row(const struct job *job, const struct outcome *outcome)
{
    const struct exploration *result = &outcome->result;
    char bound[12] = "-", verdict[64] = "ok";

    if (job->schedules == 0) {
        snprintf(bound, sizeof bound, "%u", job->bound);
    }
    if (result->clause != NULL) {
        snprintf(verdict, sizeof verdict, "%s", result->clause);
    } else if (!result->complete) {
        snprintf(verdict, sizeof verdict, "incomplete: the limit of %llu states",
                 (unsigned long long)job->state_limit);
    }
    printf("%-20s %4u %5s %10llu %10llu %10llu %8u %8.1f  %s\n", job->scenario->name,
           job->processors, bound, (unsigned long long)result->schedules,
           (unsigned long long)result->states, (unsigned long long)result->pruned, result->longest,
           outcome->seconds, verdict);
    fflush(stdout);
}

void report_failure(const struct scenario *failed, const struct exploration *result,
                    const char *failure)
{
    printf("failed clause=%s scenario=%s steps=%u seed=%s\n", result->clause, failed->name,
           result->failed_steps, result->seed);
    printf("  %s\n  make explore SEED=%s replays it\n", failure, result->seed);
}

/* ---- progress ---- */

#define WIDTH 78u

static char line[WIDTH + 1];
static size_t length;

bool progress_wanted(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) != 0 && kind != NULL && strcmp(kind, "dumb") != 0;
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(line + length, sizeof line - length, format, arguments);
    va_end(arguments);
    length = length < WIDTH ? length : WIDTH;
}

void progress_begin(unsigned ended, unsigned jobs)
{
    length = 0;
    add("  %u of %u", ended, jobs);
}

void progress_job(const struct job *job, uint64_t done, double seconds)
{
    add(", %s: %llu %s, %.0f s", job->scenario->name, (unsigned long long)done,
        job->schedules == 0 ? "states" : "schedules", seconds);
}

void progress_end(void)
{
    fprintf(stderr, "\r%-*s", (int)WIDTH, line);
}

void progress_clear(void)
{
    fprintf(stderr, "\r%*s\r", (int)WIDTH, "");
}
