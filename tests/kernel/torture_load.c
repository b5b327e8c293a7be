/* SPDX-License-Identifier: MIT */
/*
 * The load in addition to the calls: interrupts that a processor sends itself at even device
 * levels, its timer at odd ones, and delays. Some handlers call, too.
 */
#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "tests/kernel/torture.h"

#define INTERRUPT_ONE_IN     8
#define TIMER_ONE_IN         8
#define CALL_ONE_IN          4
#define TIMER_DELAY_US       2000 /* at most: the duration of a few calls */
#define DEAF_ONE_IN          128
#define DEAF_US              3000 /* at most; some deadlines expire meanwhile (torture_random.c) */
#define LINGER_ONE_IN        4
#define LINGER_TURNS         256
#define LINGER_RELAXED_TURNS 16 /* in an emulator each one switches to another processor */

static bool is_timer_level(unsigned irql)
{
    return irql % 2 != 0;
}

static void call_from_handler(struct torture_processor *self, struct torture_lane *lane,
                              unsigned irql)
{
    struct torture_action action;

    if (torture_one_in(&lane->stream, CALL_ONE_IN) && torture_claim()) {
        lane->counts[COUNT_FROM_HANDLER]++;
        torture_choose(lane, irql, &action);
        torture_call(self, lane, &action);
    }
}

/* P3: no routine of a call was interrupted; P2: the handler runs at the level of its class. */
static void handle_interrupt(void)
{
    struct torture_processor *self = torture_self();
    unsigned irql = arch_irql();
    struct torture_lane *lane = torture_enter_lane(self);

    atomic_fetch_and_explicit(&self->requested, ~(1u << irql), memory_order_relaxed);
    TORTURE_CHECK(NULL, "P3", !atomic_load_explicit(&self->in_worker, memory_order_relaxed));
    TORTURE_CHECK(NULL, "P3",
                  atomic_load_explicit(&self->flag, memory_order_relaxed) != FLAG_CLEAR);
    TORTURE_CHECK(NULL, "P2", irql >= IRQL_DEVICE_FIRST && irql <= IRQL_CLOCK);
    if (lane != NULL) {
        lane->counts[is_timer_level(irql) ? COUNT_TIMERS : COUNT_INTERRUPTS]++;
        call_from_handler(self, lane, irql);
    }
    torture_leave_lane(self);
}

/* The handlers stay connected, since a timer may expire after the test. */
void torture_connect_load(void)
{
    for (unsigned irql = IRQL_DEVICE_FIRST; irql <= IRQL_CLOCK; irql++) {
        arch_connect_interrupt(irql, handle_interrupt);
    }
}

/* No interrupt arrives between the change of the flag and its record. */
void torture_mask(struct torture_processor *self)
{
    arch_interrupts_disable();
    atomic_store_explicit(&self->flag, FLAG_CLEAR, memory_order_relaxed);
}

void torture_unmask(struct torture_processor *self)
{
    atomic_store_explicit(&self->flag, FLAG_SET, memory_order_relaxed);
    arch_interrupts_enable();
}

/* Two requests may merge into one interrupt, but at least one arrives. */
static void request_interrupt(struct torture_processor *self, unsigned irql)
{
    atomic_fetch_or_explicit(&self->requested, 1u << irql, memory_order_relaxed);
    arch_request_interrupt(irql);
}

void torture_await_interrupts(struct torture_processor *self)
{
    struct wait wait = wait_begin(1);

    while (atomic_load_explicit(&self->requested, memory_order_relaxed) != 0) {
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            TORTURE_FAIL(NULL, "P2", "a requested interrupt arrives");
            atomic_store_explicit(&self->requested, 0, memory_order_relaxed);
            return;
        }
    }
}

/* Timers are not awaited: arming the timer again cancels it. */
void torture_request_load(struct torture_processor *self, struct torture_stream *stream)
{
    if (torture_one_in(stream, INTERRUPT_ONE_IN)) {
        request_interrupt(self, 4 + 2 * torture_below(stream, 5));
    }
    if (torture_one_in(stream, TIMER_ONE_IN)) {
        uint64_t limit_ticks = arch_ticks_per_ms() * TIMER_DELAY_US / 1000;
        arch_request_timer(3 + 2 * torture_below(stream, 6),
                           torture_random(stream) % (limit_ticks + 1));
    }
}

void torture_be_deaf(struct torture_processor *self, struct torture_lane *lane)
{
    if (!torture_one_in(&lane->stream, DEAF_ONE_IN)) {
        return;
    }
    uint64_t limit_ticks = arch_ticks_per_ms() * DEAF_US / 1000;
    uint64_t ticks = torture_random(&lane->stream) % (limit_ticks + 1);
    uint64_t began_ticks = arch_ticks();
    lane->counts[COUNT_DEAF]++;
    torture_mask(self);
    while (arch_ticks() - began_ticks < ticks) {
        arch_relax();
    }
    torture_unmask(self);
}

void torture_linger(struct torture_stream *stream, _Atomic uint64_t *counter)
{
    if (!torture_one_in(stream, LINGER_ONE_IN)) {
        return;
    }
    unsigned turns = torture_below(stream, LINGER_TURNS);
    unsigned relaxed_passes = torture_below(stream, LINGER_RELAXED_TURNS);
    uint64_t count = atomic_load_explicit(counter, memory_order_relaxed);
    for (unsigned turn = 0; turn < turns; turn++) {
        atomic_store_explicit(counter, ++count, memory_order_relaxed);
        if (turn < relaxed_passes) {
            arch_relax();
        }
    }
}
