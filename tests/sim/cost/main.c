/* SPDX-License-Identifier: MIT */
/*
 * make cost: the cost of one call of KeIpiGenericCall on five machines, step by step on request.
 *
 * The kernel's sources run unchanged on processors in virtual time (cpu.c); access.c describes what
 * is modelled and what is not, path.c how the critical path is found. Nothing depends on the
 * machine that runs this. Only the number of accesses that the kernel makes, at 1 ns each, depends
 * on its compiler.
 */
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/cost/record.h"
#include "tests/sim/cost/report.h"
#include "tests/sim/cost/simulate.h"
#include "tests/sim/cost/symbols.h"

static const char usage[] =
    "usage: cost [--machine=NAME] [--steps] [--recorded=FILE | --record=FILE] [--help]\n"
    "\n"
    "Prints what a call of KeIpiGenericCall costs on each machine, and one line each for "
    "machines.\n"
    "\n"
    "    --machine=NAME   only this one: desktop, mesh, epyc, epyc2 or projected\n"
    "    --steps          the critical path, step by step\n"
    "    --recorded=FILE  compares with the figures in FILE; exits 1 if a call became slower by\n"
    "                     more than 2 %\n"
    "    --record=FILE    writes the figures to FILE\n";

struct options {
    const struct machine *machine; /* NULL: all */
    bool steps;
    FILE *recorded;
    const char *record;
};

static _Noreturn void refuse(const char *what, const char *why)
{
    fprintf(stderr, "cost: %s: %s\n", what, why);
    exit(2);
}

static struct options parse(int count, char **words)
{
    static const struct option table[] = {
        { "machine", required_argument, NULL, 'm' },  { "steps", no_argument, NULL, 'p' },
        { "recorded", required_argument, NULL, 'c' }, { "record", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },           { 0 },
    };
    struct options options = { 0 };
    int option;

    opterr = 0;
    while ((option = getopt_long(count, words, "", table, NULL)) != -1) {
        switch (option) {
        case 'm':
            options.machine = machine_find(optarg);
            if (options.machine == NULL) {
                refuse(optarg, "no such machine (desktop, mesh, epyc, epyc2 or projected)");
            }
            break;
        case 'p':
            options.steps = true;
            break;
        case 'c':
            options.recorded = record_open(optarg);
            break;
        case 'r':
            options.record = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            refuse(words[optind - 1], "not an option, or without its value (--help lists them)");
        }
    }
    if (optind < count) {
        refuse(words[optind], "not an option (--help lists them)");
    }
    if (options.record != NULL && options.machine != NULL) {
        refuse("--record", "records all machines, so --machine cannot be given");
    }
    return options;
}

/* In a separate process: the kernel's variables cannot be reset. */
static void simulate_apart(const struct machine *machine, bool steps, struct path_summary *summary)
{
    int ends[2], status;

    if (pipe(ends) != 0) {
        err(1, "pipe");
    }
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        err(1, "fork");
    }
    if (child == 0) {
        simulate_call(machine, summary);
        if (steps) {
            report_path(machine);
            fflush(stdout);
        }
        _exit(write(ends[1], summary, sizeof(*summary)) != sizeof(*summary));
    }
    close(ends[1]);
    bool whole = read(ends[0], summary, sizeof(*summary)) == sizeof(*summary);
    close(ends[0]);
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
        errx(1, "%s: ended by signal %d", machine->name, WTERMSIG(status));
    }
    if (!whole || status != 0) {
        exit(1); /* it has printed the reason */
    }
}

/* Shows each requested machine as soon as it is done; returns how many. */
static unsigned simulate_all(const struct options *options,
                             char lines[MACHINE_LIMIT][REPORT_LINE_SIZE])
{
    unsigned shown = 0;

    for (const struct machine *machine = machines; machine->name != NULL; machine++) {
        struct path_summary summary;
        if (options->machine != NULL && options->machine != machine) {
            continue;
        }
        simulate_apart(machine, options->steps, &summary);
        if (shown == 0 || options->steps) { /* after the path, which has been printed by now */
            report_heading();
        }
        report_row(machine, &summary);
        report_line(lines[shown++], machine, &summary);
    }
    return shown;
}

int main(int count, char **words)
{
    const struct options options = parse(count, words);
    char lines[MACHINE_LIMIT][REPORT_LINE_SIZE];
    bool good = true;

    symbols_load();
    unsigned shown = simulate_all(&options, lines);
    printf("\n");
    for (unsigned i = 0; i < shown; i++) {
        puts(lines[i]);
    }
    if (options.record != NULL) {
        record_write(options.record, lines, shown);
    } else if (options.recorded != NULL) {
        good = record_compare(options.recorded, lines, shown);
    }
    printf("cost machines=%u status=%s\n", shown, good ? "ok" : "failed");
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "cost: the output cannot be written\n");
        return 2;
    }
    return good ? 0 : 1;
}
