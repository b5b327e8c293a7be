/* SPDX-License-Identifier: MIT */
/*
 * Do processors outnumber the cores beneath them?
 *
 * Nothing reports this to a guest, but it shows. A spinning processor keeps another one from
 * running until the host's scheduler takes the core away from it, some milliseconds later, and a
 * call waits for all processors. Where each processor has a core of its own, an empty call takes
 * microseconds, on hardware and also in an emulator that runs all of them in turn on one thread. So
 * the length of a call decides. No firmware delays a processor for that long in most of several
 * calls.
 */
#include "kernel/processors/wait_policy.h"

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

/* Half a time slice of a usual scheduler: a call that takes longer has waited for one. */
#define SPINNING_CALL_US 2000

#define PROCESSOR_US 50 /* for each processor, where an emulator runs them in turn */
#define CALLS        3  /* the majority decides; the first also warms up the caches */

static uintptr_t MUSTER_API do_nothing(uintptr_t argument)
{
    return argument;
}

static uint64_t time_call_us(void)
{
    uint64_t began_ticks = arch_ticks();
    (void)rendezvous_run_everywhere(do_nothing, 0);
    return (arch_ticks() - began_ticks) * 1000 / arch_ticks_per_ms();
}

/* The median of the calls' times. */
static uint64_t measure_call_us(void)
{
    uint64_t us[CALLS];

    for (unsigned i = 0; i < CALLS; i++) {
        uint64_t call_us = time_call_us();
        unsigned at = i;
        for (; at > 0 && us[at - 1] > call_us; at--) {
            us[at] = us[at - 1];
        }
        us[at] = call_us;
    }
    return us[CALLS / 2];
}

void wait_choose_policy(enum wait_policy asked)
{
    if (asked != WAIT_AUTO || processor_count == 1) {
        wait_set_policy(asked == WAIT_HALT ? WAIT_HALT : WAIT_SPIN);
        return;
    }
    uint64_t call_us = measure_call_us();
    if (call_us > SPINNING_CALL_US && call_us > (uint64_t)PROCESSOR_US * processor_count) {
        log_line("a call takes %llu us while waiting processors spin, so they halt: %u processors "
                 "share fewer cores",
                 (unsigned long long)call_us, processor_count);
        wait_set_policy(WAIT_HALT);
    }
}
