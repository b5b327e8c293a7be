/* SPDX-License-Identifier: MIT */
/*
 * A processor that stops taking part in the others' calls and joins them again later. One that
 * comes for the first time joins in almost the same way; docs/porting.md shows the difference.
 */
#include <stdio.h>

#include "kernel/processors/membership.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/machine.h"

#define PROCESSORS 4
#define LATE       3

static _Atomic unsigned runs;
static _Atomic bool is_away;

static uintptr_t MUSTER_API count(uintptr_t argument)
{
    atomic_fetch_add(&runs, 1);
    return argument;
}

static void call_everybody(void)
{
    atomic_store(&runs, 0);
    (void)rendezvous_run_everywhere(count, 0);
    printf("online=%u runs=%u\n", processors_online_count, atomic_load(&runs));
}

/* No call waits for this processor while it is away, and none runs a routine on it. */
static void leave_and_join(struct processor *self)
{
    membership_leave(self); /* interrupts stay disabled from here on */
    atomic_store(&is_away, true);
    membership_await_entry(self);
    arch_interrupts_enable();
}

static void run(unsigned index)
{
    if (index == LATE) {
        leave_and_join(arch_processor());
    } else if (index == 1) {
        while (!atomic_load(&is_away)) {
            arch_relax();
        }
        call_everybody();
        membership_enter(processors[LATE]);
        call_everybody();
    }
}

int main(void)
{
    machine_run(PROCESSORS, run);
    return 0;
}
