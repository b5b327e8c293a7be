/*
 * THE SCHEDULE EXPLORER: does the contract hold under every interleaving?
 *
 * The problem. A test run tries the schedules that happen to occur. What breaks a rendezvous is the
 * one that does not: an interrupt between two particular instructions, a store that another
 * processor sees late, a caller stopped for a while at the wrong place.
 *
 * How. The unchanged kernel sources run on the simulated machine (sim.h), where nothing happens but
 * by choice. A schedule is the list of the choices: who makes the next step, who takes a pending
 * interrupt, whose buffered store becomes visible, which fault happens. Small scenarios are
 * searched completely up to a number of preemptions (search.c): most bugs need one or two, if
 * everything that is no preemption is tried in every order. Larger ones are tried at random, in the
 * way that finds such bugs with a known probability (random.c). The clauses are checked at each
 * step (checks.c); a deadlock is a state in which nobody can go on, a livelock a cycle that a fair
 * scheduler stays in.
 *
 * What is exact. Every step is one access that others may notice (steps.c), memory is x86-TSO
 * (memory.c), interrupts follow the controller (machine.c), and plain data must be ordered by what
 * the source declares (race.c). States are compared as a whole (state.c), so what is pruned was
 * explored before, with at least as many preemptions left.
 *
 * What is not done.
 *  - A wait's bare turns, and its relaxed ones before a halt, are made in one go after the first:
 *    what others do in between they could do before or after (memory.c).
 *  - Loads return what TSO lets them see; of what C11 allows beyond that, one value back (weak.c).
 *  - Interrupts are taken at steps and where a mask is lifted, not between two plain accesses.
 *  - Time stands still, but for leaps: past a deadline; by a quarter of the patience where the
 *    watchdog's ladder is climbed (ladder_scenarios.c); to an alarm where a wake-up got lost.
 *  - A processor that leaves does not lose its stack: it goes on where it waits to be let in.
 *  - The NMI and the freeze of a bug check are not simulated.
 *
 * Seeds. A failing schedule is printed as a seed and replayed by it, with a trace: schedule.c.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/explore.h"

#define STATE_LIMIT  60000000u
#define RANDOM_QUICK 8000u
#define RANDOM_FULL  1000000u

struct options {
    unsigned bound; /* no search goes further */
    bool quick;
    uint64_t random_schedules;
    const char *scenario; /* only this one, NULL for all */
    const char *seed;
};

struct totals {
    uint64_t schedules;
    unsigned fewest, most; /* processors */
    unsigned bound;
};

/* ---- what a person sees ---- */

static bool on_terminal;
static struct timespec began;

static double seconds_since_start(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9;
}

void progress_show(const struct exploration *so_far, uint64_t states)
{
    static unsigned calls;
    static double shown;

    if (!on_terminal || ++calls % 1024 != 0 || seconds_since_start() - shown < 0.5) {
        return;
    }
    shown = seconds_since_start();
    fprintf(stderr, "\r  %-18s %llu schedules, %llu states, %.0f s ", scenario->name,
            (unsigned long long)so_far->schedules, (unsigned long long)states, shown);
}

static void progress_clear(void)
{
    if (on_terminal) {
        fprintf(stderr, "\r%78s\r", "");
    }
}

static void print_heading(void)
{
    printf("%-20s %4s %5s %10s %10s %10s %8s %8s  %s\n", "scenario", "cpus", "bound", "schedules",
           "states", "pruned", "longest", "seconds", "result");
}

static void print_row(unsigned width, const char *bound, const struct exploration *result,
                      double seconds)
{
    const char *verdict = result->clause != NULL ? result->clause
                          : result->complete     ? "ok"
                                                 : "not complete";
    progress_clear();
    printf("%-20s %4u %5s %10llu %10llu %10llu %8u %8.1f  %s\n", scenario->name, width, bound,
           (unsigned long long)result->schedules, (unsigned long long)result->states,
           (unsigned long long)result->pruned, result->longest, seconds, verdict);
    fflush(stdout);
}

static void print_failure(const struct exploration *result)
{
    printf("failed clause=%s scenario=%s steps=%u seed=%s\n", result->clause, scenario->name,
           result->failed_steps, result->seed);
    printf("  %s\n  make explore SEED=%s replays it\n", failure_text, result->seed);
}

/* ---- runs ---- */

static void count_in(struct totals *totals, unsigned width, const struct exploration *result)
{
    totals->schedules += result->schedules;
    totals->fewest = width < totals->fewest ? width : totals->fewest;
    totals->most = width > totals->most ? width : totals->most;
}

/* All schedules of one scenario; false when a clause failed, or some were left out. */
static bool search(const struct options *options, const struct scenario *chosen,
                   struct totals *totals)
{
    struct exploration result;
    unsigned bound = options->quick ? chosen->quick_bound : chosen->full_bound;
    double start = seconds_since_start();
    char text[12];

    bound = bound < options->bound ? bound : options->bound;
    search_explore(chosen, bound, STATE_LIMIT, &result);
    snprintf(text, sizeof text, "%u", bound);
    print_row(chosen->processors, text, &result, seconds_since_start() - start);
    count_in(totals, chosen->processors, &result);
    totals->bound = bound > totals->bound ? bound : totals->bound;
    if (result.clause != NULL) {
        print_failure(&result);
    }
    return result.clause == NULL && result.complete;
}

/* Random schedules of one scenario at several widths, most of them at few processors. */
static bool sample(const struct scenario *chosen, uint64_t count, struct totals *totals)
{
    static const struct {
        unsigned processors, share; /* share: of 16 */
    } widths[] = { { 2, 4 }, { 3, 4 }, { 4, 3 }, { 6, 2 }, { 8, 2 }, { 16, 1 } };

    for (unsigned i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct exploration result;
        double start = seconds_since_start();
        random_explore(chosen, widths[i].processors, 1, (count * widths[i].share + 15) / 16,
                       &result);
        print_row(widths[i].processors, "-", &result, seconds_since_start() - start);
        count_in(totals, widths[i].processors, &result);
        if (result.clause != NULL) {
            print_failure(&result);
            return false;
        }
    }
    return true;
}

static unsigned random_scenarios(void)
{
    const struct scenario *chosen;
    unsigned count = 0;

    for (unsigned i = 0; (chosen = scenario_at(i)) != NULL; i++) {
        count += chosen->processors == 0;
    }
    return count;
}

static int explore(const struct options *options)
{
    struct totals totals = { .fewest = EXPLORE_PROCESSORS };
    uint64_t each = options->random_schedules / random_scenarios() + 1;
    const struct scenario *chosen;
    bool good = true;

    print_heading();
    for (unsigned i = 0; good && (chosen = scenario_at(i)) != NULL; i++) {
        if (options->scenario != NULL && strcmp(options->scenario, chosen->name) != 0) {
            continue;
        }
        if (chosen->processors != 0) {
            good = search(options, chosen, &totals);
        } else if (options->random_schedules != 0) {
            good = sample(chosen, each, &totals);
        }
    }
    if (good && totals.schedules == 0) {
        fprintf(stderr, "explore: no schedule was asked for\n");
        return 2;
    }
    printf("explore processors=%u..%u schedules=%llu bound=%u mutations=0 caught=0 status=%s\n",
           totals.fewest, totals.most, (unsigned long long)totals.schedules, totals.bound,
           good ? "ok" : "failed");
    return good ? 0 : 1;
}

static int replay(const char *text)
{
    static struct seed seed;
    struct exploration result;

    if (!schedule_parse(text, &seed)) {
        fprintf(stderr, "explore: not a seed: %.60s\n", text);
        return 2;
    }
    if (!schedule_replay(&seed, &result)) {
        fflush(stdout);
        fprintf(stderr,
                "explore: this seed is of another program: a step that it names never came\n");
        return 2;
    }
    if (result.clause == NULL) {
        printf("replay scenario=%s steps=%u status=ok\n", scenario->name, result.failed_steps);
        return 0;
    }
    snprintf(result.seed, sizeof result.seed, "%s", text);
    print_failure(&result);
    return 1;
}

/* ---- options ---- */

static void print_usage(FILE *to)
{
    fprintf(to,
            "usage: explore [--quick] [--bound N] [--random N] [--scenario NAME] [--seed SEED]\n"
            "  --quick          what `make test` has time for\n"
            "  --bound N        at most N preemptions (0..9)\n"
            "  --random N       so many random schedules (0: none)\n"
            "  --scenario NAME  only this one of:\n");
    const struct scenario *known;
    for (unsigned i = 0; (known = scenario_at(i)) != NULL; i++) {
        fprintf(to, "      %-20s %s\n", known->name, known->says);
    }
    fprintf(to, "  --seed SEED      replay one schedule with a trace\n"
                "exit status: 0 ok, 1 a clause failed or a search was too large, 2 wrong use\n");
}

static bool parse_count(const char *text, uint64_t limit, uint64_t *value)
{
    char *end;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *value <= limit;
}

/* One line that says what is wrong. */
static int refuse(const char *what, const char *value)
{
    fprintf(stderr, "explore: %s: %s (--help tells more)\n", what, value);
    return 2;
}

static int parse(int count, char **words, struct options *options)
{
    static const struct option known[] = {
        { "quick", no_argument, NULL, 'q' },
        { "bound", required_argument, NULL, 'b' },
        { "random", required_argument, NULL, 'r' },
        { "seed", required_argument, NULL, 's' },
        { "scenario", required_argument, NULL, 'n' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
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

int main(int count, char **words)
{
    struct options options = { .bound = 9 };

    clock_gettime(CLOCK_MONOTONIC, &began);
    on_terminal = isatty(STDERR_FILENO) != 0;
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
