/* SPDX-License-Identifier: MIT */
/*
 * THE SCHEDULE EXPLORER: does the contract hold under every interleaving?
 *
 * The problem. A test run tries the schedules that happen to occur. A rendezvous breaks under those
 * that do not: an interrupt between two particular instructions, a store that another processor
 * sees late, a caller stopped for a while at the wrong place.
 *
 * How. The unchanged kernel sources run on the simulated machine (sim.h), where every event is a
 * choice. A schedule is the list of these choices: which processor makes the next step, which one
 * takes a pending interrupt, whose buffered store becomes visible, which fault happens. Small
 * scenarios are searched completely up to a number of preemptions (search.c): most bugs need only
 * one or two, if everything that is not a preemption is tried in every order. Larger scenarios are
 * tried at random, by a method that finds such bugs with a known probability (random.c). The
 * clauses are checked at each step (checks.c). A deadlock is a state in which no processor can go
 * on; a livelock is a cycle that a fair scheduler would never leave.
 *
 * What is exact. Every step is one access that others may notice (steps.c), memory is x86-TSO
 * (memory.c), interrupts follow the controller (machine.c), and plain data must be ordered by what
 * the source declares (race.c). States are compared as a whole (state.c), so a pruned state was
 * explored before, with at least as many preemptions left.
 *
 * What is not done.
 *   - A wait's bare passes, and its relaxed passes before a halt, are made in one go after the
 *     first: what others do in between, they could also do before or after (memory.c).
 *   - Loads return what TSO allows; of what C11 allows beyond that, one value back (weak.c).
 *   - Interrupts are taken at steps and where a mask is lifted, not between two plain accesses; a
 *     wake doorbell, which only ends a halt, is taken at a few of these places (choices.c).
 *   - Time stands still except for leaps: past a deadline; by a quarter of the patience where the
 *     watchdog's ladder is climbed (ladder_scenarios.c); to an alarm where a wake-up was lost.
 *   - A processor that leaves does not lose its stack: it goes on where it waits to be let in.
 *   - The NMI and the freeze of a bug check are not simulated.
 *
 * Seeds. A failing schedule is printed as a seed, which replays it with a trace: schedule.c.
 */
#define _GNU_SOURCE /* sched_getaffinity() */
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/workers.h"

#define STATE_LIMIT  60000000u /* this many take 1 GiB, and 1.5 GiB while the table grows */
#define JOBS_LIMIT   64u
#define RANDOM_QUICK 8000u
#define RANDOM_FULL  1000000u

struct options {
    unsigned bound; /* upper limit for every search */
    bool quick;
    uint64_t random_schedules;
    uint64_t states; /* the most that a search may store */
    unsigned jobs;
    const char *scenario; /* only this one, NULL for all */
    const char *seed;
    const char *summary; /* the file for the last line, NULL for standard output */
};

/* ---- everything that is explored ---- */

/* Several numbers of processors, mostly small ones. */
static const struct {
    unsigned processors, share; /* share: out of 16 */
} widths[] = { { 2, 4 }, { 3, 4 }, { 4, 3 }, { 6, 2 }, { 8, 2 }, { 16, 1 } };

#define WIDTHS (sizeof widths / sizeof widths[0])

static unsigned count_scenarios(bool random)
{
    const struct scenario *chosen;
    unsigned count = 0;

    for (unsigned i = 0; (chosen = scenario_at(i)) != NULL; i++) {
        count += (chosen->processors == 0) == random;
    }
    return count;
}

static bool is_wanted(const struct options *options, const struct scenario *chosen, bool random)
{
    return (chosen->processors == 0) == random &&
           (options->scenario == NULL || strcmp(options->scenario, chosen->name) == 0);
}

static unsigned list_searches(const struct options *options, struct job *jobs)
{
    const struct scenario *chosen;
    unsigned count = 0;

    for (unsigned i = 0; (chosen = scenario_at(i)) != NULL; i++) {
        if (is_wanted(options, chosen, false)) {
            unsigned bound = options->quick ? chosen->quick_bound : chosen->full_bound;
            jobs[count++] = (struct job){ .scenario = chosen,
                                          .processors = chosen->processors,
                                          .bound = bound < options->bound ? bound : options->bound,
                                          .state_limit = options->states };
        }
    }
    return count;
}

static unsigned list_samples(const struct options *options, struct job *jobs)
{
    uint64_t each = options->random_schedules / count_scenarios(true) + 1;
    const struct scenario *chosen;
    unsigned count = 0;

    for (unsigned i = 0; (chosen = scenario_at(i)) != NULL; i++) {
        for (unsigned j = 0; is_wanted(options, chosen, true) && j < WIDTHS; j++) {
            jobs[count++] = (struct job){ .scenario = chosen,
                                          .processors = widths[j].processors,
                                          .schedules = (each * widths[j].share + 15) / 16 };
        }
    }
    return count;
}

static const char *const verdicts[] = {
    [VERDICT_OK] = "ok", [VERDICT_FAILED] = "failed", [VERDICT_INCOMPLETE] = "incomplete"
};

/* The line for programs. */
static bool summarize(const char *file, const struct totals *totals, enum verdict verdict)
{
    FILE *to = file == NULL ? stdout : fopen(file, "w");

    if (to == NULL) {
        return false;
    }
    fprintf(to,
            "explore processors=%u..%u schedules=%llu bound=%u mutations=0 caught=0 status=%s\n",
            totals->fewest, totals->most, (unsigned long long)totals->schedules, totals->bound,
            verdicts[verdict]);
    return file == NULL || fclose(to) == 0;
}

static int explore(const struct options *options)
{
    struct totals totals = { .fewest = EXPLORE_PROCESSORS };
    struct job *jobs =
        calloc(count_scenarios(false) + count_scenarios(true) * WIDTHS, sizeof jobs[0]);
    unsigned count = list_searches(options, jobs);

    count += options->random_schedules != 0 ? list_samples(options, jobs + count) : 0;
    if (count == 0) {
        fprintf(stderr, "explore: no schedule was asked for\n");
        return 2;
    }
    report_heading();
    enum verdict verdict = workers_run(jobs, count, options->jobs, &totals);
    free(jobs);
    if (totals.cut_short != 0) {
        printf("incomplete: %u (--states N sets the limit)\n", totals.cut_short);
    }
    if (verdict != VERDICT_WRONG && !summarize(options->summary, &totals, verdict)) {
        fprintf(stderr, "explore: the summary cannot be written: %s\n", options->summary);
        return 2;
    }
    return (int)verdict;
}

static int replay(const char *text)
{
    static struct seed seed;
    struct exploration result;

    if (!schedule_parse(text, &seed)) {
        fprintf(stderr, "explore: not a seed: %.60s (one is calls-2/2:r1)\n", text);
        return 2;
    }
    if (!schedule_replay(&seed, &result)) {
        fflush(stdout);
        fprintf(stderr,
                "explore: this seed is for another program: a step that it names never came\n");
        return 2;
    }
    if (result.clause == NULL) {
        printf("replay scenario=%s steps=%u status=ok\n", scenario->name, result.failed_steps);
        return 0;
    }
    snprintf(result.seed, sizeof result.seed, "%s", text);
    report_failure(scenario, &result, failure_text);
    return 1;
}

/* ---- options ---- */

static void print_usage(FILE *to)
{
    fprintf(to,
            "usage: explore [--quick] [--bound N] [--states N] [--random N] [--jobs N]\n"
            "               [--scenario NAME] [--summary FILE] [--seed SEED]\n"
            "  --quick          as much as `make test` has time for\n"
            "  --bound N        at most N preemptions (0..9)\n"
            "  --states N       cut a search short when it knows N states (%u)\n"
            "  --random N       N random schedules (0: none)\n"
            "  --jobs N         N scenarios at once (default: one per processor)\n"
            "  --summary FILE   write the last line to FILE\n"
            "  --scenario NAME  only one scenario, one of:\n",
            STATE_LIMIT);
    const struct scenario *known;
    for (unsigned i = 0; (known = scenario_at(i)) != NULL; i++) {
        fprintf(to, "      %-20s %s\n", known->name, known->says);
    }
    fprintf(to, "  --seed SEED      replay one schedule with a trace\n"
                "exit status: 0 ok, 1 a clause failed, 2 wrong use, 3 none failed, but a search\n"
                "was cut short: incomplete\n");
}

static bool parse_count(const char *text, uint64_t limit, uint64_t *value)
{
    char *end;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *value <= limit;
}

/* Prints one line that says what is wrong. */
static int refuse(const char *what, const char *value)
{
    fprintf(stderr, "explore: %s: %s (--help says more)\n", what, value);
    return 2;
}

static const struct option known[] = {
    { "quick", no_argument, NULL, 'q' },        { "bound", required_argument, NULL, 'b' },
    { "states", required_argument, NULL, 'l' }, { "random", required_argument, NULL, 'r' },
    { "jobs", required_argument, NULL, 'j' },   { "summary", required_argument, NULL, 'f' },
    { "seed", required_argument, NULL, 's' },   { "scenario", required_argument, NULL, 'n' },
    { "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
};

static int parse(int count, char **words, struct options *options)
{
    uint64_t value;
    bool random_given = false;

    opterr = 0;
    for (int letter; (letter = getopt_long(count, words, ":", known, NULL)) != -1;) {
        switch (letter) {
        case 'q':
            options->quick = true;
            break;
        case 'b':
            if (!parse_count(optarg, 9, &value)) {
                return refuse("not a bound from 0 to 9", optarg);
            }
            options->bound = (unsigned)value;
            break;
        case 'r':
            if (!parse_count(optarg, UINT32_MAX, &options->random_schedules)) {
                return refuse("not a number of schedules", optarg);
            }
            random_given = true;
            break;
        case 'l':
            if (!parse_count(optarg, UINT32_MAX, &options->states) || options->states == 0) {
                return refuse("not a number of states", optarg);
            }
            break;
        case 'j':
            if (!parse_count(optarg, JOBS_LIMIT, &value) || value == 0) {
                return refuse("not a number of jobs from 1 to 64", optarg);
            }
            options->jobs = (unsigned)value;
            break;
        case 'f':
            options->summary = optarg;
            break;
        case 's':
            options->seed = optarg;
            break;
        case 'n':
            if (scenario_find(optarg, strlen(optarg)) == NULL) {
                return refuse("no such scenario", optarg);
            }
            options->scenario = optarg;
            break;
        case 'h':
            print_usage(stdout);
            exit(0);
        default:
            return refuse("wrong option", words[optind - 1]);
        }
    }
    if (!random_given) {
        options->random_schedules = options->quick ? RANDOM_QUICK : RANDOM_FULL;
    }
    return optind == count ? 0 : refuse("wrong argument", words[optind]);
}

/* The processors that this process may use. */
static unsigned processors_here(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return count < (int)JOBS_LIMIT ? (unsigned)count : JOBS_LIMIT;
}

int main(int count, char **words)
{
    struct options options = { .bound = 9, .states = STATE_LIMIT, .jobs = processors_here() };

    int status = parse(count, words, &options);
    if (status != 0) {
        return status;
    }
    status = options.seed != NULL ? replay(options.seed) : explore(&options);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "explore: the output cannot be written\n");
        return 2;
    }
    return status;
}
