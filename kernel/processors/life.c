/* SPDX-License-Identifier: MIT */
/*
 * The changes of a processor's state, as drawn in life.h. How a change gets past the calls that are
 * under way is in membership.c.
 *
 * Who writes the state. There is one change at a time (`changing`), so the only writers are the
 * processor that asks and the one that changes. Both may end LEAVING, and both do so by
 * compare-and-swap: either the processor has begun to part, or the change was given up and it
 * stays. A processor parts only when its place for work is closed (work.c).
 */
#include "kernel/processors/life.h"

#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/processors/membership.h"
#include "kernel/processors/work.h"
#include "kernel/rendezvous/clocks.h"
#include "kernel/rendezvous/clocks_measure.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

/* A parting processor waits for its turn, and the calls before it may be slow. */
#define PARTING_PATIENCE (2 * WAIT_MEMBER_PATIENCE)

#define CALLER ((uintptr_t)__builtin_return_address(0))

static _Atomic uint32_t states[PROCESSOR_LIMIT]; /* enum processor_state */
static _Atomic bool released;
static _Atomic bool changing;

/* ---- the changes, on the processor that changes ---- */

enum processor_state processor_state(unsigned index)
{
    return (enum processor_state)atomic_load_explicit(&states[index], memory_order_acquire);
}

bool processor_is_running(unsigned index)
{
    enum processor_state state = processor_state(index);
    return state != PROCESSOR_OFFLINE && state != PROCESSOR_STARTING;
}

/* release: all that was done before */
static void set_state(struct processor *processor, enum processor_state state)
{
    atomic_store_explicit(&states[processor->index], state, memory_order_release);
}

/* Ends LEAVING, which two processors may want to do. */
static bool end_leaving(struct processor *processor, enum processor_state state)
{
    uint32_t leaving = PROCESSOR_LEAVING;
    return atomic_compare_exchange_strong_explicit(&states[processor->index], &leaving, state,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/* Once the state says OFFLINE, the next thing that happens to this processor may be a start. */
static void leave_if_asked(struct processor *self)
{
    if (processor_state(self->index) != PROCESSOR_LEAVING || !work_close(self->index)) {
        return;
    }
    if (!end_leaving(self, PROCESSOR_PARTING)) {
        work_open(self->index);
        return;
    }
    log_finish_line();
    membership_leave(self);
    log_drain();
    set_state(self, PROCESSOR_OFFLINE);
    arch_stop();
}

void processor_release_all(void)
{
    atomic_store_explicit(&released, true, memory_order_release);
}

/*
 * The list of processors is being written until the release (acquire: the whole list is visible).
 */
static void await_release(void)
{
    struct wait wait = wait_begin(1);
    while (!atomic_load_explicit(&released, memory_order_acquire)) {
        (void)wait_pass(&wait);
    }
}

static bool is_wanted(struct processor *self)
{
    return work_is_posted(self->index) || processor_state(self->index) == PROCESSOR_LEAVING;
}

void processor_idle(struct processor *self)
{
    await_release();
    membership_await_entry(self);
    work_open(self->index);
    for (;;) {
        arch_interrupts_enable();
        work_run(self->index);
        log_drain();
        bugcheck_poll_freeze();
        leave_if_asked(self);
        /* Disabled from the last look to the halt, so that no doorbell is missed in between. */
        arch_interrupts_disable();
        if (!is_wanted(self) && !log_is_waiting() && !hooks_pass()) {
            arch_idle();
        } else {
            arch_relax(); /* asked to leave while somebody posts work: the work comes first */
        }
    }
}

/* ---- the changes, on the processor that asks ---- */

static void check_asker(uintptr_t routine, uintptr_t caller)
{
    unsigned irql = arch_irql();

    if (irql != IRQL_PASSIVE || rendezvous_in_worker()) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, routine, irql, 0, caller);
    }
}

/* One change at a time; acquire and release: a change sees all that the last one did. */
static bool begin_change(void)
{
    return !atomic_exchange_explicit(&changing, true, memory_order_acquire);
}

/* What was printed with the turn held waits in the ring. */
static void end_change(void)
{
    atomic_store_explicit(&changing, false, memory_order_release);
    log_drain();
}

/* Waits until it has stopped. Once it parts there is no way back: it stops, or it is blamed. */
static enum processor_change await_stop(struct processor *processor)
{
    struct wait wait = wait_begin(1);

    while (processor_state(processor->index) != PROCESSOR_OFFLINE) {
        if (wait_pass(&wait) != WAIT_EXPIRED) {
            continue;
        }
        if (end_leaving(processor, PROCESSOR_ONLINE)) {
            return PROCESSOR_OCCUPIED;
        }
        if (wait.factor == PARTING_PATIENCE) {
            bugcheck_timeout(processor->index);
        }
        wait = wait_begin(PARTING_PATIENCE);
    }
    return PROCESSOR_CHANGED;
}

static enum processor_change take_offline(struct processor *processor)
{
    if (processor_state(processor->index) == PROCESSOR_OFFLINE) {
        return PROCESSOR_UNCHANGED;
    }
    set_state(processor, PROCESSOR_LEAVING);
    hooks_ring_one(processor->index);
    return await_stop(processor);
}

static enum processor_change bring_online(struct processor *processor)
{
    if (processor_state(processor->index) == PROCESSOR_ONLINE) {
        return PROCESSOR_UNCHANGED;
    }
    set_state(processor, PROCESSOR_STARTING);
    if (arch_restart_processor(processor->index, patience_get_ms()) != 0) {
        set_state(processor, PROCESSOR_OFFLINE);
        return PROCESSOR_SILENT;
    }
    set_state(processor, PROCESSOR_ENTERING);
    clocks_forget(processor);
    membership_enter(processor);
    set_state(processor, PROCESSOR_ONLINE);
    struct clocks_finding finding = clocks_measure(processor->index);
    clocks_tell(&finding);
    return PROCESSOR_CHANGED;
}

MUSTER_API enum processor_change processor_offline(unsigned index)
{
    check_asker((uintptr_t)processor_offline, CALLER);
    if (index >= processor_count) {
        return PROCESSOR_INVALID;
    }
    if (index == 0 || index == arch_processor()->index) {
        return PROCESSOR_REFUSED;
    }
    if (!begin_change()) {
        return PROCESSOR_CHANGE_PENDING;
    }
    enum processor_change change = take_offline(processors[index]);
    end_change();
    return change;
}

MUSTER_API enum processor_change processor_online(unsigned index)
{
    check_asker((uintptr_t)processor_online, CALLER);
    if (index >= processor_count) {
        return PROCESSOR_INVALID;
    }
    if (!begin_change()) {
        return PROCESSOR_CHANGE_PENDING;
    }
    enum processor_change change = bring_online(processors[index]);
    end_change();
    return change;
}
