/*
 * The list of processors, work for another one, and the changes of one processor's state that
 * processor.h draws. How a change goes past the calls that are under way stands in membership.c.
 *
 * Who writes the state. There is one change at a time (`changing`), so who asks and the processor
 * itself are the only writers. Where both may write, out of LEAVING, they do so by
 * compare-and-swap: either the processor has begun to part, or the change was given up and it
 * stays.
 *
 * Posted work and a change. The leaving processor closes its place for work first, and only when
 * nothing is in it, so nothing that was posted is lost. A poster that finds it closed while the
 * processor is online waits: it will leave, or has come back and will open it.
 */
#include "kernel/processor.h"

#include "kernel/bugcheck.h"
#include "kernel/clocks.h"
#include "kernel/doorbell.h"
#include "kernel/inject.h"
#include "kernel/irql.h"
#include "kernel/membership.h"
#include "kernel/wait.h"

/* Who parts waits for its turn, in which others may be slow. */
#define PARTING_PATIENCE (2 * WAIT_MEMBER_PATIENCE)

#define CALLER ((uintptr_t)__builtin_return_address(0))

struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count;
struct processor_set processors_online;
unsigned processor_set_used_words = 1;

static _Atomic bool released;
static _Atomic bool changing;

void processor_publish(struct processor *processor)
{
    processor->index = processor_count;
    processors[processor_count] = processor;
    processor_set_add(&processors_online, processor_count);
    processor_set_used_words = processor_count / 64 + 1;
    processor_count++;
    atomic_store_explicit(&processor->online, true, memory_order_release);
}

/* ---- posted work ---- */

/* acquire: all that the last to change it had done */
static uint32_t work_state(const struct processor *processor)
{
    return atomic_load_explicit(&processor->work_state, memory_order_acquire);
}

/* release: the work, or that it was done */
static void set_work_state(struct processor *processor, enum processor_work_state state)
{
    atomic_store_explicit(&processor->work_state, state, memory_order_release);
}

/* Takes the empty place for a poster, or closes it. */
static bool move_from_none(struct processor *processor, enum processor_work_state state)
{
    uint32_t none = WORK_NONE;
    return atomic_compare_exchange_strong_explicit(&processor->work_state, &none, state,
                                                   memory_order_acquire, memory_order_relaxed);
}

/* The rendezvous doorbell ends the halt; with no call pending its handler does nothing (C5). */
static void ring(unsigned index)
{
    struct processor_set target = { 0 };
    processor_set_add(&target, index);
    doorbell_ring(&target);
}

/* Work may last as long as it likes, so there is no deadline here: the launcher has one. */
int processor_post(unsigned index, processor_work *work, void *argument)
{
    struct processor *processor = processors[index];
    struct wait wait = wait_begin(1);

    while (!move_from_none(processor, WORK_CLAIMED)) {
        if (work_state(processor) == WORK_CLOSED && !processor_is_online(index)) {
            return -1;
        }
        (void)wait_turn(&wait);
    }
    processor->work = work;
    processor->work_argument = argument;
    set_work_state(processor, WORK_POSTED);
    ring(index);
    return 0;
}

void processor_await(unsigned index)
{
    struct processor *processor = processors[index];

    /* No deadline, as in processor_post(). */
    struct wait wait = wait_begin(1);
    while (work_state(processor) == WORK_CLAIMED || work_state(processor) == WORK_POSTED) {
        (void)wait_turn(&wait);
    }
}

static void run_posted_work(struct processor *self)
{
    if (work_state(self) == WORK_POSTED) {
        self->work(self->work_argument);
        set_work_state(self, WORK_NONE);
    }
}

/* ---- the changes, on the processor that changes ---- */

/* acquire: all that the last to change it had done */
static uint32_t state_of(const struct processor *processor)
{
    return atomic_load_explicit(&processor->state, memory_order_acquire);
}

/* release: all that was done before */
static void set_state(struct processor *processor, enum processor_state state)
{
    atomic_store_explicit(&processor->state, state, memory_order_release);
}

/* Out of LEAVING, which two may want to end. */
static bool end_leaving(struct processor *processor, enum processor_state state)
{
    uint32_t leaving = PROCESSOR_LEAVING;
    return atomic_compare_exchange_strong_explicit(&processor->state, &leaving, state,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/* After the state says OFFLINE, the next thing that happens to this processor may be a start. */
static void leave_if_asked(struct processor *self)
{
    if (state_of(self) != PROCESSOR_LEAVING || !move_from_none(self, WORK_CLOSED)) {
        return;
    }
    if (!end_leaving(self, PROCESSOR_PARTING)) {
        set_work_state(self, WORK_NONE);
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

/* The list of processors is being written until the release (acquire: all of it is there). */
static void await_release(void)
{
    struct wait wait = wait_begin(1);
    while (!atomic_load_explicit(&released, memory_order_acquire)) {
        (void)wait_turn(&wait);
    }
}

/* Its place is closed if it was away. At its first start somebody may have posted already. */
static void open_work(struct processor *self)
{
    if (work_state(self) == WORK_CLOSED) {
        set_work_state(self, WORK_NONE);
    }
}

static bool is_wanted(struct processor *self)
{
    return work_state(self) == WORK_POSTED || state_of(self) == PROCESSOR_LEAVING;
}

void processor_idle(struct processor *self)
{
    await_release();
    membership_await_entry(self);
    open_work(self);
    for (;;) {
        arch_interrupts_enable();
        run_posted_work(self);
        log_drain();
        bugcheck_poll_freeze();
        leave_if_asked(self);
        /* Disabled from the last look to the halt, so that no doorbell is missed in between. */
        arch_interrupts_disable();
        if (!is_wanted(self) && !log_is_waiting() && !inject_turn()) {
            arch_idle();
        } else {
            arch_relax(); /* asked to leave while somebody posts: that has to come first */
        }
    }
}

/* ---- the changes, for who asks ---- */

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

/* Waits until it has stopped. Once it parts there is no way back: then it stops, or is to blame. */
static enum processor_change await_stop(struct processor *processor)
{
    struct wait wait = wait_begin(1);

    while (state_of(processor) != PROCESSOR_OFFLINE) {
        if (wait_turn(&wait) != WAIT_EXPIRED) {
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
    if (state_of(processor) == PROCESSOR_OFFLINE) {
        return PROCESSOR_UNCHANGED;
    }
    set_state(processor, PROCESSOR_LEAVING);
    ring(processor->index);
    return await_stop(processor);
}

static enum processor_change bring_online(struct processor *processor)
{
    if (state_of(processor) == PROCESSOR_ONLINE) {
        return PROCESSOR_UNCHANGED;
    }
    set_state(processor, PROCESSOR_STARTING);
    if (arch_restart_processor(processor, wait_patience_ms()) != 0) {
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
