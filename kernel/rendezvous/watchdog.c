/* SPDX-License-Identifier: MIT */
/*
 * The ladder of steps against a silent processor, and the alarm for routines that hang.
 *
 * The collector (collect.c) climbs one rung for each quarter of the patience in which nothing
 * moved:
 *
 *   1  the doorbells of those missing are rung again: this replaces lost ones, and does no harm
 *   2  likewise, and the unmaskable interrupt asks them what they are doing (evidence.c)
 *   3  likewise, so that the answer is recent
 *   4  the wait is over: the call is given up, and the last answers make the verdict (verdict.c)
 *
 * A rung counts when the waiter sees that its quarter has passed, however long that took: a waiter
 * that was itself paused climbs one rung for the whole pause.
 *
 * The alarm. While the leader of a call is inside a routine, it collects from nobody. If that
 * routine waits for something that will never happen, nobody would notice: the leader cannot, and
 * the others only wait for it or have finished. So a one-shot timer above IPI_LEVEL goes off, each
 * quarter of the patience, on every processor that began a routine and has interrupts enabled,
 * until that routine and the leader's are over. The first routine after the last alarm arms it, so
 * a call that is over soon does not pay for it. An alarm that finds nothing changed in the whole
 * call climbs a rung of its own. On the fourth, the leader stops the system; on the sixth, another
 * processor does, if the leader is still inside: then the leader had its interrupts disabled. Two
 * such leaders are beyond the reach of the alarm: one that runs its routine alone, and one whose
 * members all halt or have their interrupts disabled. A call that nobody waits for is watched by
 * the processor that asks for its end (posted.c).
 *
 * Plain words here are written with the turn held, or belong to one processor.
 */
#include "kernel/rendezvous/watchdog.h"

#include "kernel/entry.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

#define RUNG_ASK      2
#define ALARMS_LEADER 4 /* quarters of the patience */
#define ALARMS_OTHER  6

/* The processors that were late and have not come since, and since when there have been any. */
static struct processor_set late;
static bool any_late;
static uint64_t late_since_ticks;

void watchdog_step(unsigned quarters, const struct processor_set *missing, bool opening)
{
    struct processor *self = arch_processor();
    uint64_t now_ticks = arch_ticks();

    if (!any_late) {
        late_since_ticks = now_ticks;
    }
    any_late = true;
    processor_set_for_each(processor, missing) {
        if (quarters == 1) {
            evidence_forget(processor); /* its answer in an earlier call */
        }
        processor_set_add(&late, processor);
        trace_event(self, TRACE_RESENT, now_ticks, processor);
    }
    if (opening) {
        hooks_ring(missing);
    }
    hooks_wake(missing);
    if (quarters >= RUNG_ASK) {
        evidence_ask(missing);
    }
}

void watchdog_tell_recovered(const struct processor_set *members,
                             const struct processor_set *missing)
{
    if (!any_late) {
        return;
    }
    uint64_t after_ms = (arch_ticks() - late_since_ticks) / arch_ticks_per_ms();
    processor_set_for_each(processor, &late) {
        if (processor_set_contains(members, processor) &&
            (missing == NULL || !processor_set_contains(missing, processor))) {
            processor_set_remove(&late, processor);
            evidence_forget(processor);
            log_line("processor %u goes on, %llu ms after it was first rung again", processor,
                     (unsigned long long)after_ms);
        }
    }
    any_late = !processor_set_is_empty(&late);
}

/* ---- the alarm ---- */

void watchdog_arm(struct processor *self, uint64_t now_ticks)
{
    self->alarm.until_ticks = now_ticks + patience_quarter_ticks() + patience_quarter_ticks() / 8;
    arch_set_alarm(patience_quarter_ticks());
}

/* Changes with each step that any processor makes in the call. */
static uint64_t look_at_all(void)
{
    uint64_t sum = round_progress() * processor_count;

    for (unsigned i = 0; i < processor_count; i++) {
        const struct rendezvous_seat *seat = &processors[i]->seat;
        sum += atomic_load_explicit(&seat->phase, memory_order_relaxed);
        sum += atomic_load_explicit(&seat->done, memory_order_relaxed);
    }
    return sum;
}

/* Counts one more alarm; returns how many in a row found nothing changed. */
static unsigned count_alarm(struct processor_alarm *alarm)
{
    uint64_t state = round_progress(), seen = look_at_all();

    if (state != alarm->state) {
        *alarm = (struct processor_alarm){ .state = state, .seen = seen };
    } else {
        patience_pass_quarter(&alarm->patience);
        if (seen != alarm->seen) {
            patience_progress(&alarm->patience);
        }
        alarm->seen = seen;
    }
    return alarm->patience.quarters;
}

/*
 * An alarm that a halt set has only ended that halt; it does not count as a quarter (wait.c). In a
 * call that is waited for, the processor keeps watching as long as its own routine or the leader's
 * runs; otherwise the next routine arms the alarm again.
 */
void watchdog_alarm(const void *machine_frame)
{
    struct processor *self = arch_processor();
    uint64_t state = round_progress();
    unsigned leader = round_leader(state);
    bool counts = self->alarm.until_ticks != 0 && !round_is_unwaited(state);

    self->alarm.until_ticks = 0;
    if (!counts || (!processor_in_routine(self) && !processor_in_routine(processors[leader]))) {
        return;
    }
    unsigned silent = count_alarm(&self->alarm);
    if (silent >= (leader == self->index ? ALARMS_LEADER : ALARMS_OTHER) &&
        processor_in_routine(processors[leader])) {
        bugcheck_timeout_from(machine_frame, leader);
    }
    watchdog_arm(self, arch_ticks());
}
