/* SPDX-License-Identifier: MIT */
/*
 * Programs of requests (requests.c), and of processors that leave and return: each processor
 * follows its script, act by act.
 */
#include "kernel/irql.h"
#include "kernel/processors/membership.h"
#include "tests/sim/checks.h"
#include "tests/sim/programs.h"

_Atomic unsigned program_signals;
static _Atomic unsigned away;             /* processors that have left and wait to be readmitted */
static uint32_t news;                     /* for a returning processor */
static uint32_t done[EXPLORE_PROCESSORS]; /* scripts that have ended */

/* ---- processors that leave and return ---- */

/* As life.c does it, except for the machine's part: leave, stop, wait to be readmitted. */
static void leave(bool for_ever)
{
    struct processor *self = arch_processor();

    membership_leave(self);
    check_gone(true);
    if (for_ever) {
        return;
    }
    atomic_store_explicit(&away, 1u << self->index, memory_order_release);
    membership_await_entry(self);
    check_gone(false);
    if (news == 0) {
        check_fail("K8", "processor %u does not see what was stored while it was away",
                   self->index);
    }
    arch_interrupts_enable();
}

static void enter(unsigned processor)
{
    while ((atomic_load_explicit(&away, memory_order_acquire) >> processor & 1) == 0) {
        arch_relax();
    }
    news++;
    membership_enter(processors[processor]);
}

/* ---- scripts ---- */

static void await_signals(unsigned count)
{
    while (atomic_load(&program_signals) < count) {
        arch_relax();
    }
}

static void perform(const struct act *act)
{
    switch (act->kind) {
    case ACT_CALL:
        request_call(act);
        break;
    case ACT_BEGIN:
        request_begin(act);
        break;
    case ACT_FINISH:
        request_finish(act, RENDEZVOUS_PENDING);
        break;
    case ACT_OVERDUE:
        request_finish(act, RENDEZVOUS_STUCK);
        break;
    case ACT_GENERIC:
        program_call_once();
        break;
    case ACT_MASK:
        arch_interrupts_disable();
        break;
    case ACT_UNMASK:
        arch_interrupts_enable();
        break;
    case ACT_RAISE:
        arch_irql_write(act->targets);
        break;
    case ACT_LOWER:
        arch_irql_write(IRQL_PASSIVE);
        break;
    case ACT_SIGNAL:
        atomic_fetch_add(&program_signals, 1);
        break;
    case ACT_AWAIT:
        await_signals(act->targets);
        break;
    case ACT_SLEEP:
        program_sleep(act->targets);
        break;
    case ACT_LEAVE:
    case ACT_LEAVE_FOR_EVER:
        leave(act->kind == ACT_LEAVE_FOR_EVER);
        break;
    default:
        enter(act->targets);
    }
}

void body_script(unsigned processor)
{
    request_note(processor);
    if (processor < SCRIPTS) {
        const struct act *acts = scenario->script->acts[processor];
        for (unsigned i = 0; i < SCRIPT_ACTS && acts[i].kind != ACT_END; i++) {
            perform(&acts[i]);
        }
    }
    done[processor] = 1;
}

/* Numbers that look random but are always the same (splitmix64's mixer). */
static unsigned scatter(unsigned processor, unsigned number)
{
    uint64_t value = (processor * 16 + number + 1) * 0x9e3779b97f4a7c15ull;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
    return (unsigned)(value >> 32);
}

/* The first of many processors: to scattered sets, in scattered phases, waiting or not. */
void body_requests(unsigned processor)
{
    bool late = scenario->faults != 0;

    request_note(processor);
    for (unsigned i = 0; i < scenario->calls && processor < scenario->callers; i++) {
        unsigned chance = scatter(processor + processor_count, i);
        unsigned set = scatter(processor, i) & ((1u << processor_count) - 1);
        struct act request = { .kind = (chance >> 4 & 1) != 0 ? ACT_BEGIN : ACT_CALL,
                               .slot = (uint8_t)(processor * 2 + i),
                               .targets = (uint16_t)((chance >> 5 & 3) == 0 ? EVERYBODY : set),
                               .phases = (uint8_t)(chance % 7 + 1),
                               .timeout_ms = late ? 15 : 0,
                               .may = late ? MAY_BE_STUCK : MAY(OK) };
        perform(&request);
        request.kind = ACT_FINISH;
        perform(&request);
    }
    done[processor] = 1;
}

__attribute__((no_sanitize("thread"))) void scripts_check_end(void)
{
    for (unsigned i = 0; i < sim_count; i++) {
        if (done[i] == 0) {
            check_fail("C1", "processor %u has not come to its end", i);
        }
    }
    request_check_end();
}
