/* SPDX-License-Identifier: MIT */
/*
 * A queue with one place per processor: steps 1 and 8 of rendezvous.c.
 *
 * The words.
 *   turn.holder   the processor that may write the round, or NOBODY
 *   turn.waiting  how many places are not NONE
 *   seat.turn     per processor, its place in the queue:
 *
 *                  posts itself               the holder hands on
 *           NONE ----------------> WANTED ==========================> GRANTED
 *            ^                       |                                   |
 *            |  takes a free turn,   |                                   |
 *            |  or gives up waiting  |                                   |
 *            +-----------------------+-----------------------------------+
 *
 *   a single arrow is a step of the processor itself, a double one of the holder
 *
 * The protocol. A processor that finds the turn free takes it by compare-and-swap. Otherwise it
 * stores WANTED, counts itself, and looks at both words until one is in its favour. The holder that
 * gives up the turn offers it to all places, starting after its own, by compare-and-swap from
 * WANTED to GRANTED. If nobody wants it, it is set free.
 *
 * Nobody is left behind. WANTED is stored before the count, and the turn is set free before the
 * count is read once more, all of them sequentially consistent; a waiter that is about to sleep
 * looks once more after a fence of that kind (wait.c). So one of two things happens. Either the
 * giver sees the count, takes the turn back and finds WANTED. Or the count came later; then its
 * processor looks after that, and finds the turn free or with a new holder, to which the same
 * applies. This matters since a waiter may be asleep (wait.h): a grant wakes it, a turn that is
 * merely free does not.
 *
 * Giving up (X). A waiter whose deadline has passed takes its place back by compare-and-swap from
 * WANTED to NONE. If that fails, the turn was granted meanwhile, and it goes on as if it had waited
 * no longer. It uncounts itself first: a giver that sees a count repeats its search until there is
 * none, and must not wait for a processor that has nothing left to ask for.
 *
 * Fairness (C2). Places are offered in index order, cyclically. So between two turns of one
 * processor, every processor that waits all that time gets one. The leader of a call that nobody
 * waits for gives the turn on behalf of its caller, starting after the caller's place. That caller
 * may itself be waiting again by then, and is offered the turn last. A turn set free while a
 * processor posts itself may be taken by a third; that one offers it in the same order. So no
 * processor that has counted itself is overtaken twice by the same one. (A caller is in the queue
 * from that count on: an instruction earlier, its place may still be passed over.)
 *
 * Deadlock. A caller queues at CLOCK_LEVEL: the doorbell of the holder's call reaches it, but no
 * handler on its own processor can queue behind the code that it interrupted. With interrupts
 * disabled it polls (wait.c).
 *
 * What was not done. A ticket is smaller, but cannot be given back, and a processor that gives up
 * cannot be skipped. A list of waiters in order of arrival would be fairer still, by less than one
 * round, but it is one more thing to repair when a waiter goes away.
 */
#include "kernel/rendezvous/turn.h"

#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

#define NOBODY UINT32_MAX

static struct {
    alignas(CACHE_PAIR) _Atomic uint32_t holder; /* index, or NOBODY */
    _Atomic uint32_t waiting;
    _Atomic uint64_t count; /* only the holder writes it */
} turn = { .holder = NOBODY };

uint64_t turn_count(void)
{
    return atomic_load_explicit(&turn.count, memory_order_relaxed);
}

_Noreturn void turn_expired(void)
{
    bugcheck_timeout(atomic_load_explicit(&turn.holder, memory_order_relaxed));
}

/* acquire: all that the last holder wrote */
static bool take_free(struct processor *self)
{
    uint32_t nobody = NOBODY;
    return atomic_compare_exchange_strong_explicit(&turn.holder, &nobody, self->index,
                                                   memory_order_seq_cst, memory_order_relaxed);
}

/* Was the turn handed to us? (acquire: all that the last holder wrote) */
static bool is_granted(struct processor *self)
{
    return atomic_load_explicit(&self->seat.turn, memory_order_acquire) == TURN_GRANTED;
}

/* Grows while others make progress: with each turn, and with each phase of a call. */
static uint64_t progress(void)
{
    return turn_count() + round_progress();
}

/*
 * Waits until we have the turn. The patience counts from the latest progress of others; false when
 * `expires_ticks` has passed.
 */
static bool queue(struct processor *self, uint64_t expires_ticks)
{
    struct wait wait = wait_begin_sleepy(WAIT_MEMBER_PATIENCE, WAIT_FOR_ANYBODY, expires_ticks);
    uint64_t seen = progress();

    while (!is_granted(self) && !take_free(self)) {
        uint64_t now = progress();
        if (now != seen) {
            seen = now;
            wait_progress(&wait);
        }
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            if (expires_ticks == 0) {
                turn_expired();
            }
            wait_end(&wait);
            return false;
        }
    }
    wait_end(&wait);
    return true;
}

/* Takes the place back; false if the turn was granted to it meanwhile (acquire, as above). */
static bool leave_queue(struct processor *self)
{
    uint32_t wanted = TURN_WANTED;
    return atomic_compare_exchange_strong_explicit(&self->seat.turn, &wanted, TURN_NONE,
                                                   memory_order_acquire, memory_order_acquire);
}

bool turn_take(struct processor *self, uint64_t expires_ticks)
{
    if (!take_free(self)) {
        atomic_store(&self->seat.turn, TURN_WANTED);
        atomic_fetch_add(&turn.waiting, 1);
        bool ours = queue(self, expires_ticks);
        atomic_fetch_sub(&turn.waiting, 1);
        if (!ours && leave_queue(self)) {
            return false;
        }
        atomic_store_explicit(&self->seat.turn, TURN_NONE, memory_order_relaxed);
        atomic_store_explicit(&turn.holder, self->index, memory_order_relaxed);
    }
    atomic_store_explicit(&turn.count, turn_count() + 1, memory_order_relaxed);
    return true;
}

bool turn_is_free(void)
{
    return atomic_load_explicit(&turn.holder, memory_order_relaxed) == NOBODY;
}

void turn_answer_for(struct processor *self)
{
    atomic_store_explicit(&turn.holder, self->index, memory_order_relaxed);
}

/* Offers the turn to one place (release: all that this holder wrote). */
static bool offer(unsigned processor)
{
    uint32_t wanted = TURN_WANTED;
    return atomic_compare_exchange_strong_explicit(&processors[processor]->seat.turn, &wanted,
                                                   TURN_GRANTED, memory_order_release,
                                                   memory_order_relaxed);
}

static bool hand_on(const struct processor *holder)
{
    for (unsigned i = 1; i <= processor_count; i++) {
        unsigned next = (holder->index + i) % processor_count;
        if (offer(next)) {
            wait_wake(next);
            return true;
        }
    }
    return false;
}

void turn_give(struct processor *holder)
{
    do {
        if (atomic_load(&turn.waiting) != 0 && hand_on(holder)) {
            return;
        }
        atomic_store(&turn.holder, NOBODY);
    } while (atomic_load(&turn.waiting) != 0 && take_free(holder));
}
