/* SPDX-License-Identifier: MIT */
/*
 * How processors leave and enter the set that calls include (C4).
 *
 * The problem. A call is published to a set, waits for the whole set, and releases the whole set.
 * If the set changed meanwhile, the call would wait for a processor that is gone, or a processor
 * would run a routine that others began without it.
 *
 * The words.
 *   processors_online   the set: plain words, owned by the holder of the turn (turn.c)
 *   processor.online    per processor, the same for everybody else: atomic, changed with the set
 *
 * The protocol (l: a processor that leaves, e: one that enters, o: another one that lets it in).
 *
 *   1 l  o   raises to CLOCK_LEVEL, takes the turn, taking part in the calls of others meanwhile
 *   2 l      disables its interrupts, for ever
 *   3 l  o   changes the set and `online`, calls arch_online_changed()
 *   4    e   sees `online`, flushes its TLB, serialises, enables interrupts
 *   5 l  o   gives the turn
 *
 * Each set is a snapshot. A call holds the turn from before it reads the set until the last target
 * has let go of the request, whether it is waited for or not; a change holds it from 1 to 5. So no
 * call is under way during a change, and no set changes during a call.
 *
 * Nobody inside is missed. Up to 1 the leaver answers as any processor does: it waits for the turn
 * at CLOCK_LEVEL, where the doorbell reaches it, or polls with interrupts disabled (wait.c). Once
 * it has the turn there is nothing to answer, and the next call's set does not contain it.
 *
 * Nobody outside runs the worker. A processor takes part only in a round that names it
 * (rendezvous.c), so a doorbell that comes to one that has left has no effect (C5).
 *
 * What the leaver may not do from 5 on: call, lock, post or wait for anybody, since nobody waits
 * for it either. Its interrupt handlers could do so; hence 2. It may print: another processor that
 * prints takes the lines out of its ring (log.c).
 *
 * The entering processor can answer when it is added: it has its stack, its descriptors and its
 * interrupt controller, and waits for nothing except `online`. A call that follows 5 at once rings
 * a doorbell that stays pending until 4 is over. It does not poll before 4: between being added and
 * the flush it would run a routine with translations that it read ahead while it was outside, which
 * no tlb_flush() has reached. Text may have been patched meanwhile as well, so it serialises.
 *
 * Memory ordering. The set is handed on with the turn (release by the giver, acquire by the taker).
 * 3 -> 4, release and acquire: the entering processor sees all stores made before any earlier call
 * ended, above all those to page tables, since they were made before o got the turn.
 *
 * Deadlock. A processor that changes the set waits only for the turn, as a caller does. What was
 * not done: a lock besides the turn (two protocols with two locks deadlock, C6), and reference
 * counts of calls, which each call would pay for.
 */
#include "kernel/processors/membership.h"

#include "kernel/irql.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/upcall.h"

#define ALL_PAGES SIZE_MAX

static void leave_set(struct processor *processor)
{
    processor_set_remove(&processors_online, processor->index);
    processors_online_count--;
    atomic_store_explicit(&processor->online, false, memory_order_release);
    arch_online_changed(&processors_online);
}

static void enter_set(struct processor *processor)
{
    processor_set_add(&processors_online, processor->index);
    processors_online_count++;
    atomic_store_explicit(&processor->online, true, memory_order_release);
    arch_online_changed(&processors_online);
}

void membership_leave(struct processor *self)
{
    unsigned old_irql = irql_raise(IRQL_CLOCK);

    (void)turn_take(self, 0);
    arch_interrupts_disable();
    leave_set(self);
    turn_give(self);
    irql_lower(old_irql);
}

void membership_enter(struct processor *processor)
{
    unsigned old_irql = irql_raise(IRQL_CLOCK);
    struct processor *self = arch_processor(); /* not before: a caller may be preempted (call.c) */

    (void)turn_take(self, 0);
    enter_set(processor);
    turn_give(self);
    irql_lower(old_irql);
}

/*
 * No deadline: the processor that lets it in has one for the turn. Not wait_pass(), which polls for
 * calls.
 */
void membership_await_entry(struct processor *self)
{
    while (!atomic_load_explicit(&self->online, memory_order_acquire)) {
        bugcheck_poll_freeze();
        arch_relax();
    }
    arch_flush_tlb(0, ALL_PAGES);
    arch_serialize();
}
