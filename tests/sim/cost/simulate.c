/* SPDX-License-Identifier: MIT */
#include "tests/sim/cost/simulate.h"

#include <wdm.h>

#include <err.h>

#include "kernel/rendezvous/wait.h"
#include "tests/sim/cost/access.h"
#include "tests/sim/cost/cpu.h"
#include "tests/sim/sim.h"

/* Between two calls: by then all processors have long left their interrupt handlers. */
#define QUIET_NS 1000000

static uint64_t began_ns;
static struct gate ended;

static ULONG_PTR NTAPI do_nothing(ULONG_PTR argument)
{
    return argument;
}

static void make_calls(unsigned processor)
{
    for (unsigned i = 0; i < SIMULATE_CALL; i++) {
        cpu_rest(QUIET_NS);
        cpu_forget();
        began_ns = cpu_now(processor);
        KeIpiGenericCall(do_nothing, 0);
        access_settle(cpu_self());
        ended = cpu_here(cpu_self());
    }
}

/* The code that is interrupted: the processor idles when it is over. */
static void be_interrupted(unsigned processor)
{
    (void)processor;
}

void simulate_call(const struct machine *machine, struct path_summary *summary)
{
    sim_create(machine->processors);
    wait_set_policy(WAIT_SPIN);
    cpu_start(machine);
    for (unsigned i = 0; i < machine->processors; i++) {
        cpu_begin(i, i == 0 ? make_calls : be_interrupted);
    }
    unsigned waiting = cpu_run();
    if (waiting != 0 || sim_cpus[0].running) {
        errx(1, "%s: %u processors wait for ever", machine->name, waiting);
    }
    const char *missing = path_summarise(began_ns, ended, summary);
    if (missing != NULL) {
        errx(1, "%s: nothing in the call begins '%s' (path.c)", machine->name, missing);
    }
}
