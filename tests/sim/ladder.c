/* SPDX-License-Identifier: MIT */
/*
 * The watchdog's reaction to silence (B3), asserted while a schedule runs, in scenarios that have a
 * ladder:
 *
 *   rung again   not for a processor that has arrived, once the leader has looked
 *   asked        its answer in an earlier call has been discarded by then
 *   goes on      is reported once for each processor that was rung again and has come, no other
 *   an alarm     stops the system only for a routine that takes as long as the patience
 *   given up     by KeIpiGenericCall() after two questions to the named processor
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/checks.h"

/* How far up the ladder one processor has got. */
static struct {
    uint64_t began_ticks; /* its routine, or 0 */
    uint64_t asked_in;    /* the call in which it was last asked, until the answer is discarded */
    uint16_t asked;       /* how often */
    bool late;            /* rung again, and not yet reported as going on */
} climbs[EXPLORE_PROCESSORS];

/* The last call of each processor, by generation. */
static uint64_t in_call[EXPLORE_PROCESSORS];

void ladder_reset(void)
{
    memset(climbs, 0, sizeof climbs);
    memset(in_call, 0, sizeof in_call);
}

void ladder_register_state(void)
{
    if (scenario->ladder != NULL) {
        state_add(climbs, sim_count * sizeof climbs[0], true);
        state_add(in_call, sim_count * sizeof in_call[0], true);
    }
}

/* Before the barrier opens: later no processor is rung, only woken. */
static bool is_opening(void)
{
    for (unsigned i = 0; i < CHECK_CALLS; i++) {
        const struct call *call = &check_calls[i];
        if ((call->state == CALL_MADE || call->state == CALL_POSTED) && !call_is_untouched(call)) {
            return false;
        }
    }
    return true;
}

static void rung_again(unsigned processor)
{
    bool looked = (scenario->fault_kinds & FAULT_LEAP) == 0; /* no leap between look and ring */

    climbs[processor].late = true;
    if (looked && is_opening() && check_came_earlier(processor, in_call[sim_self->index])) {
        check_fail("B3", "processor %u is rung again, and it had arrived before time passed",
                   processor);
    }
}

void sim_on_trace(enum trace_event event, uint64_t value)
{
    if (scenario->ladder == NULL) {
        return;
    }
    if (event == TRACE_SENT || event == TRACE_ARRIVED) {
        in_call[sim_self->index] = value;
    } else if (event == TRACE_RESENT) {
        rung_again((unsigned)value);
    }
}

void sim_on_ask(const struct processor_set *suspects)
{
    uint64_t generation = in_call[sim_self->index];

    if (scenario->ladder == NULL) {
        return;
    }
    processor_set_for_each(processor, suspects) {
        if (climbs[processor].asked_in != 0 && climbs[processor].asked_in != generation) {
            check_fail("B3", "processor %u is asked, and its earlier answer still counts",
                       processor);
        }
        climbs[processor].asked_in = generation;
        climbs[processor].asked++;
    }
}

void sim_on_forget(unsigned processor)
{
    if (scenario->ladder != NULL) {
        climbs[processor].asked_in = 0;
        climbs[processor].asked = 0;
    }
}

void sim_on_log(const char *text)
{
    unsigned processor;

    if (trace_on) {
        trace_line("     P%u   logs: %s", sim_self->index, text);
    }
    if (scenario->ladder == NULL || strstr(text, " goes on, ") == NULL ||
        sscanf(text, "processor %u", &processor) != 1) {
        return;
    }
    if (!climbs[processor].late || !check_came(processor, in_call[sim_self->index])) {
        check_fail("B3", "processor %u is reported to go on, and %s", processor,
                   climbs[processor].late ? "has not come" : "was not waited for");
    }
    climbs[processor].late = false;
}

void ladder_routine(bool begins)
{
    climbs[sim_self->index].began_ticks = begins ? explore_world.now_ticks : 0;
}

void ladder_stopped(unsigned culprit)
{
    uint64_t began_ticks = climbs[culprit].began_ticks;

    if (!scenario_stops()) {
        return;
    }
    if (began_ticks == 0 || explore_world.now_ticks - began_ticks < check_patience_ticks() - 1) {
        check_fail("B4", "processor %u is named, and has %s", culprit,
                   began_ticks == 0 ? "left its routine" : "time left");
    }
}

void ladder_call_ends(uint64_t members, uint64_t missing)
{
    for (unsigned i = 0; scenario->ladder != NULL && i < sim_count; i++) {
        if ((members & ~missing) >> i & climbs[i].late & 1) {
            check_fail("B3", "processor %u was rung again, and is not reported to go on", i);
        }
    }
}

void ladder_given_up(unsigned culprit)
{
    if (scenario->ladder != NULL && climbs[culprit].asked < 2) {
        check_fail("B3", "processor %u is named, and was asked %u times", culprit,
                   climbs[culprit].asked);
    }
}
