/* SPDX-License-Identifier: MIT */
/*
 * Bug checks while a schedule runs. Programs may ask to survive the one of a withdrawn call (B3),
 * to show that the next call works as usual. Any other legitimate bug check ends the schedule; an
 * illegitimate one is a failure.
 */
#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/stop/bugcheck.h"
#include "tests/sim/checks.h"

static void *catchers[EXPLORE_PROCESSORS]; /* where a B3 ends a call */

void survive_reset(void)
{
    memset(catchers, 0, sizeof catchers);
}

void survive_register_state(void)
{
    state_add(catchers, sim_count * sizeof catchers[0], true);
}

_Noreturn static void stop_system(void)
{
    explore_world.stopped = true;
    for (;;) {
        steps_stop(NEXT_STOPPED);
    }
}

/* What KeIpiGenericCall() has just given up: the culprit is missing, and no routine ran. */
static void check_withdrawn(const struct call *call, unsigned culprit)
{
    if ((check_led[call->caller].missing >> culprit & 1) == 0) {
        check_fail("B3", "processor %u is named, and is not missing", culprit);
    }
    ladder_given_up(culprit);
    if (check_led[call->caller].waited_ticks < check_patience_ticks()) {
        check_fail("B3", "the call of processor %u is withdrawn before its deadline", call->caller);
    }
    if (!call_is_untouched(call)) {
        check_fail("B3", "the call of processor %u is withdrawn, and was run by 0x%x", call->caller,
                   call->started[RENDEZVOUS_ACTION]);
    }
}

/* May a call fail here at all? */
static bool failure_excused(void)
{
    return scenario->ladder != NULL ? (scenario->fault_kinds & FAULT_SILENT) != 0
                                    : explore_world.leaps != 0;
}

_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit)
{
    unsigned self = sim_self->index;
    struct call *call = &check_calls[self];

    if (trace_on) {
        trace_line("     P%u   bug check 0x%x, processor %u", self, code, culprit);
    }
    if (code != BUGCHECK_CLOCK_WATCHDOG_TIMEOUT || !failure_excused()) {
        check_fail("C1",
                   "processor %u stops the system: bug check 0x%x, parameter 0x%llx, "
                   "processor %u",
                   self, code, (unsigned long long)parameter, culprit);
        stop_system();
    }
    if (call->state != CALL_MADE || catchers[self] == NULL || sim_self->irql != IRQL_IPI ||
        check_led[self].status != RENDEZVOUS_ABSENT) {
        ladder_stopped(culprit);
        stop_system(); /* B4, or a caller that waits for the silent processor */
    }
    check_withdrawn(call, culprit);
    void **catcher = catchers[self];
    catchers[self] = NULL;
    __builtin_longjmp(catcher, 1);
}

/*
 * The bug check came at IPI_LEVEL, with the turn still held, which the next call needs; the
 * processor returns to its state before the call. Its variables may not be trusted after the jump,
 * so they are read again.
 */
static void resume_withdrawn(void)
{
    struct call *own = &check_calls[sim_self->index];

    turn_give(arch_processor());
    arch_irql_write(own->irql);
    check_restored(own);
    *own = (struct call){ .state = CALL_NONE };
}

bool check_survive(void (*call)(void))
{
    void *catcher[5];

    check_led[sim_self->index].status = RENDEZVOUS_OK;
    catchers[sim_self->index] = catcher;
    if (__builtin_setjmp(catcher) != 0) {
        resume_withdrawn();
        return false;
    }
    call();
    catchers[sim_self->index] = NULL;
    return true;
}
