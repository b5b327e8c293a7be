/* SPDX-License-Identifier: MIT */
/*
 * Explorations side by side.
 *
 * Jobs share nothing, so each has a process, forked from one in which nothing has been explored
 * yet. It writes its result into memory that it shares with its parent and ends; the next job
 * follows. The parent sleeps until a child ends, or until it is time to show the progress.
 *
 * Large searches are not started first: the rows of random schedules, which are short, come after
 * all searches and keep the processors busy to the end.
 */
#define _GNU_SOURCE /* sigtimedwait() and its relatives, MAP_ANONYMOUS, prctl() */
#include "tests/sim/workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a child and its parent share. */
struct shared {
    struct outcome outcome;
    _Atomic uint64_t done; /* schedules or states so far */
    bool ended;
};

struct worker {
    pid_t pid; /* 0: no job */
    unsigned job;
    struct timespec began;
    struct shared *shared;
};

struct crew {
    const struct job *jobs;
    unsigned count, next, ended;
    unsigned failed; /* the first of the jobs that failed, else `count` */
    bool shows;
    struct worker *workers;
    unsigned size;
    struct outcome failure;
    struct totals *totals;
};

static double seconds_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

/* ---- in the child ---- */

static struct shared *own; /* this child's own */

void progress_show(uint64_t done)
{
    atomic_store_explicit(&own->done, done, memory_order_relaxed);
}

_Noreturn static void do_job(const struct job *job, struct shared *shared)
{
    struct exploration *result = &shared->outcome.result;

    own = shared;
    if (job->schedules == 0) {
        search_explore(job->scenario, job->bound, job->state_limit, result);
    } else {
        random_explore(job->scenario, job->processors, 1, job->schedules, result);
    }
    memcpy(shared->outcome.failure, failure_text, sizeof shared->outcome.failure);
    shared->ended = true;
    _exit(0);
}

/* ---- in the parent ---- */

/* For what the program cannot go on without. */
static void demand(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "explore: %s\n", what);
        exit(2);
    }
}

static void start(struct crew *crew, struct worker *worker)
{
    pid_t parent = getpid();

    worker->job = crew->next++;
    memset(worker->shared, 0, sizeof *worker->shared);
    clock_gettime(CLOCK_MONOTONIC, &worker->began);
    worker->pid = fork();
    demand(worker->pid >= 0, "no further process can be started");
    if (worker->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the parent dies, all its children die */
        if (getppid() != parent) {
            _exit(2);
        }
        do_job(&crew->jobs[worker->job], worker->shared);
    }
}

static void count_in(struct totals *totals, const struct job *job, const struct exploration *result)
{
    totals->schedules += result->schedules;
    totals->fewest = job->processors < totals->fewest ? job->processors : totals->fewest;
    totals->most = job->processors > totals->most ? job->processors : totals->most;
    totals->bound = job->bound > totals->bound ? job->bound : totals->bound;
    totals->cut_short += result->clause == NULL && !result->complete;
}

/* Jobs after this one are of no interest any more. */
static void note_failure(struct crew *crew, unsigned job, const struct outcome *outcome)
{
    crew->failed = job;
    crew->failure = *outcome;
    crew->next = crew->count;
    for (unsigned i = 0; i < crew->size; i++) {
        if (crew->workers[i].pid != 0 && crew->workers[i].job > job) {
            kill(crew->workers[i].pid, SIGKILL);
            waitpid(crew->workers[i].pid, NULL, 0);
            crew->workers[i].pid = 0;
        }
    }
}

/* Its process has ended; false when it did not exit by itself. */
static bool take_outcome(struct crew *crew, struct worker *worker)
{
    struct outcome *outcome = &worker->shared->outcome;
    const struct job *job = &crew->jobs[worker->job];

    worker->pid = 0;
    if (crew->shows) {
        progress_clear();
    }
    if (!worker->shared->ended) {
        fprintf(stderr, "explore: the process of scenario %s did not come to its end\n",
                job->scenario->name);
        return false;
    }
    crew->ended++;
    outcome->seconds = seconds_since(&worker->began);
    report_row(job, outcome);
    count_in(crew->totals, job, &outcome->result);
    if (outcome->result.clause != NULL) {
        note_failure(crew, worker->job, outcome);
    }
    return true;
}

static void show(const struct crew *crew)
{
    progress_begin(crew->ended, crew->count);
    for (unsigned i = 0; i < crew->size; i++) {
        const struct worker *worker = &crew->workers[i];
        if (worker->pid != 0) {
            progress_job(&crew->jobs[worker->job],
                         atomic_load_explicit(&worker->shared->done, memory_order_relaxed),
                         seconds_since(&worker->began));
        }
    }
    progress_end();
}

/* Until a child ends, or the progress is due to be shown again. SIGCHLD is blocked. */
static void sleep_for_child(const struct crew *crew)
{
    const struct timespec period = { .tv_nsec = PROGRESS_MS * 1000000l };
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    if (crew->shows) {
        show(crew);
        sigtimedwait(&ends, NULL, &period);
    } else {
        sigwaitinfo(&ends, NULL);
    }
}

static bool run_all(struct crew *crew)
{
    for (;;) {
        unsigned busy = 0;
        for (unsigned i = 0; i < crew->size; i++) {
            struct worker *worker = &crew->workers[i];
            if (worker->pid != 0 && waitpid(worker->pid, NULL, WNOHANG) == worker->pid &&
                !take_outcome(crew, worker)) {
                return false;
            }
            if (worker->pid == 0 && crew->next != crew->count) {
                start(crew, worker);
            }
            busy += worker->pid != 0;
        }
        if (busy == 0) {
            return true;
        }
        sleep_for_child(crew);
    }
}

static void prepare(struct crew *crew)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    crew->workers = calloc(crew->size, sizeof crew->workers[0]);
    struct shared *shared = mmap(NULL, crew->size * sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    demand(crew->workers != NULL && shared != MAP_FAILED, "no memory for the processes' results");
    for (unsigned i = 0; i < crew->size; i++) {
        crew->workers[i].shared = &shared[i];
    }
}

enum verdict workers_run(const struct job *jobs, unsigned count, unsigned at_once,
                         struct totals *totals)
{
    struct crew crew = { .jobs = jobs,
                         .count = count,
                         .failed = count,
                         .shows = progress_wanted(),
                         .size = at_once,
                         .totals = totals };

    prepare(&crew);
    if (!run_all(&crew)) {
        return VERDICT_WRONG;
    }
    if (crew.failed != count) {
        report_failure(jobs[crew.failed].scenario, &crew.failure.result, crew.failure.failure);
        return VERDICT_FAILED;
    }
    return totals->cut_short != 0 ? VERDICT_INCOMPLETE : VERDICT_OK;
}
