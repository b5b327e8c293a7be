/* SPDX-License-Identifier: MIT */
/*
 * B3 and B4: a processor that does not answer is named, and the system stops.
 *
 * Ends with the bug check's line and status 2, or with one line that says what went wrong and
 * status 1.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/rendezvous/wait.h"
#include "tests/threads/machine.h"

#define PROCESSORS  4
#define CALLER      1
#define SILENT      2
#define PATIENCE_MS 2000 /* all others answer within it, even on a crowded host */

enum silence { SILENT_AT_THE_BARRIER, SILENT_IN_THE_ROUTINE };

static enum silence silence;
static _Atomic bool is_deaf;

static void print(const char *line)
{
    if (write(STDOUT_FILENO, line, strlen(line)) < 0) {
        _exit(1);
    }
}

/* The process ends during this wait: by the bug check, or by an alarm. */
static _Noreturn void stay_silent(void)
{
    for (;;) {
        pause();
    }
}

static uintptr_t MUSTER_API routine(uintptr_t argument)
{
    (void)argument;
    print("the routine ran\n");
    if (silence == SILENT_IN_THE_ROUTINE && arch_processor()->index == SILENT) {
        stay_silent();
    }
    return 0;
}

static void call_or_be_silent(unsigned index)
{
    if (index == SILENT && silence == SILENT_AT_THE_BARRIER) {
        arch_irql_write(IRQL_HIGH);
        atomic_store(&is_deaf, true);
        stay_silent();
    }
    if (index == CALLER) {
        while (silence == SILENT_AT_THE_BARRIER && !atomic_load(&is_deaf)) {
            arch_relax();
        }
        (void)rendezvous_run_everywhere(routine, 0);
        print("the call returned\n");
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "barrier") == 0) {
        silence = SILENT_AT_THE_BARRIER;
    } else if (argc == 2 && strcmp(argv[1], "routine") == 0) {
        silence = SILENT_IN_THE_ROUTINE;
    } else {
        fprintf(stderr, "usage: silent barrier|routine\n");
        return 1;
    }
    patience_set_ms(PATIENCE_MS);
    alarm(60);
    machine_run(PROCESSORS, call_or_be_silent);
    return 1;
}
