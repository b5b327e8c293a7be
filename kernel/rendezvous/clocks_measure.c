/* SPDX-License-Identifier: MIT */
/*
 * Do the clocks of the processors agree?
 *
 * The problem. A moment that one processor names is useful to another only if their clocks show the
 * same value at the same time. Nothing guarantees that: firmware sets one clock and not another, a
 * socket comes out of reset later, a hypervisor gives each processor its own offset.
 *
 * How. Two processors pass messages to and fro. Each message carries the sender's clock when it was
 * written (s), and the receiver reads its own clock when it has seen the message (r). No message
 * arrives before it was sent. So r - s, the time of the message by two clocks, is its true time,
 * which is positive, plus the lead of the receiver's clock over the sender's. With d the lead of
 * t's clock over that of processor 0:
 *
 *   there   processor 0 -> t    r - s = time + d     so  d <= the minimum of these
 *   back    t -> processor 0    r - s = time - d     so  d >= minus the minimum of those
 *
 * A negative minimum proves that the clocks differ, by at least that much: time was seen to run
 * backwards. If neither is negative, the clocks differ by no more than the larger of the two; a
 * difference that small cannot be told from none. Anything that delays a processor makes a message
 * slower and the bound wider, never wrong; only the shortest times count.
 *
 * Each clock is measured against that of processor 0, which never goes offline: n - 1 pairs, not
 * all of them. So two others may differ by the sum of their bounds. A pair is a call to two
 * processors (rendezvous.c) while the rest of the machine sleeps: processors that do not take part
 * do not spin, which matters where processors share cores.
 *
 * Every call is itself a coarse measurement of all its members at once: sent <= arrived <=
 * released, the outer two by the caller's clock. So one call of all processors comes last. For the
 * clocks that the pairs did not reach in time, its length is the bound.
 *
 * A bound beyond the furthest moment that may be named (RENDEZVOUS_RELEASE_LIMIT_NS) counts as
 * unknown: the moment could be over on another clock before it was named on this one.
 *
 * The cost: on hardware some 10 us a pair, a millisecond for a hundred processors. Where processors
 * share cores, a single message may take a time slice of the host's scheduler. So a pair begins no
 * further round once its time is over, and no pair begins once the time for all pairs is over.
 *
 * A clock is measured once, when its processor starts. What it does after that shows, coarsely, in
 * each call at a moment: a clock that has jumped spoils one such call, and the next is refused.
 *
 * Memory ordering. The number of a message is stored with release, after the clock value that goes
 * with it, and read with acquire. A serialising instruction comes before the receiver's reading,
 * since the clock might otherwise be read ahead of the load that it must follow. The sender needs
 * none: a clock that it reads too early makes the message slower.
 *
 * Failure. Each wait has the usual patience. A processor that waits in vain stores no minimum, and
 * the clock stays unknown. Each measurement has a number, so a processor that comes late from an
 * earlier one takes no part in this one.
 */
#include "kernel/rendezvous/clocks_measure.h"

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"

#define REFERENCE 0 /* the processor whose clock the others are compared with */

#define ROUNDS 24  /* in a pair: there and back */
#define ONE_MS 50  /* for a single pair: after that no further round begins */
#define ALL_MS 200 /* for all pairs, each with its share of what is left */

#define NEVER CLOCKS_NEVER

/*
 * The pair that is measured. All of it is atomic: a processor that was given up on may come late.
 */
static struct {
    alignas(CACHE_PAIR) _Atomic uint32_t message;     /* release: `sent_ticks` belongs to it */
    _Atomic uint64_t sent_ticks;                      /* by the sender's clock */
    alignas(CACHE_PAIR) _Atomic uint64_t limit_ticks; /* no further round begins then */
    _Atomic int64_t there_ticks, back_ticks;          /* the minimum; NEVER: not measured */
} pair;

/*
 * Messages are numbered from 1: odd ones go there, even ones back; LAST ends the measurement. The
 * bits above hold the number of the measurement, so the last message of one measurement is not
 * taken for a message of the next.
 */
#define LAST 0xff
#define NONE 0 /* the number of no measurement */

static uint32_t message_of(uint32_t measurement, unsigned number)
{
    return measurement << 8 | number;
}

_Static_assert(2 * ROUNDS < LAST, "a number fits");

static void send(uint32_t measurement, unsigned number)
{
    atomic_store_explicit(&pair.sent_ticks, arch_ticks(), memory_order_relaxed);
    atomic_store_explicit(&pair.message, message_of(measurement, number), memory_order_release);
}

/*
 * Waits for the message; its time becomes `least` if it is shorter. False: there are no more
 * messages; or it did not come, and `least` is now NEVER.
 */
static bool receive(uint32_t measurement, unsigned number, int64_t *least)
{
    struct wait wait = wait_begin(1);
    uint32_t message;

    while ((message = atomic_load_explicit(&pair.message, memory_order_acquire)) !=
           message_of(measurement, number)) {
        if (message == message_of(measurement, LAST)) {
            return false;
        }
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            *least = NEVER;
            return false;
        }
    }
    arch_serialize();
    uint64_t sent_ticks = atomic_load_explicit(&pair.sent_ticks, memory_order_relaxed);
    int64_t way_ticks = (int64_t)(arch_ticks() - sent_ticks);
    *least = way_ticks < *least ? way_ticks : *least;
    return true;
}

/* The reference's part: sends, and receives the answers; returns the minimum, or NEVER. */
static int64_t measure_back(uint32_t measurement)
{
    uint64_t limit_ticks = atomic_load_explicit(&pair.limit_ticks, memory_order_relaxed);
    uint64_t began_ticks = arch_ticks();
    int64_t least = NEVER;

    for (unsigned number = 1; number < 2 * ROUNDS; number += 2) {
        send(measurement, number);
        if (!receive(measurement, number + 1, &least) || arch_ticks() - began_ticks > limit_ticks) {
            break;
        }
    }
    send(measurement, LAST);
    return least;
}

/* The tested processor's part. */
static int64_t measure_there(uint32_t measurement)
{
    int64_t least = NEVER;

    for (unsigned number = 1; receive(measurement, number, &least); number += 2) {
        send(measurement, number + 1);
    }
    return least;
}

rendezvous_value MUSTER_API clocks_exchange(rendezvous_value argument)
{
    uint32_t measurement = (uint32_t)argument;

    if (measurement == NONE) {
        return argument; /* a call of all processors: its own times are the measurement */
    }
    if (arch_processor()->index == REFERENCE) {
        int64_t least = measure_back(measurement);
        atomic_store_explicit(&pair.back_ticks, least, memory_order_relaxed);
    } else {
        int64_t least = measure_there(measurement);
        atomic_store_explicit(&pair.there_ticks, least, memory_order_relaxed);
    }
    return argument;
}

static struct clocks_finding measure_pair(unsigned tested, uint64_t limit_ticks)
{
    static uint32_t measurements = NONE;
    struct processor_set both = { 0 };
    const struct rendezvous_request request = {
        .targets = &both,
        .routines = { [RENDEZVOUS_ACTION] = clocks_exchange },
        .argument = ++measurements,
    };

    processor_set_add(&both, REFERENCE);
    processor_set_add(&both, tested);
    atomic_store_explicit(&pair.limit_ticks, limit_ticks, memory_order_relaxed);
    atomic_store_explicit(&pair.there_ticks, NEVER, memory_order_relaxed);
    atomic_store_explicit(&pair.back_ticks, NEVER, memory_order_relaxed);
    if (rendezvous_call(&request) != RENDEZVOUS_OK) {
        return clocks_judge(tested, NEVER, NEVER);
    }
    return clocks_judge(tested, atomic_load_explicit(&pair.there_ticks, memory_order_relaxed),
                        atomic_load_explicit(&pair.back_ticks, memory_order_relaxed));
}

struct clocks_finding clocks_measure(unsigned processor)
{
    struct clocks_finding finding = processor == REFERENCE
                                        ? clocks_judge(REFERENCE, 0, 0)
                                        : measure_pair(processor, ONE_MS * arch_ticks_per_ms());

    clocks_note(&finding);
    return finding;
}

static struct clocks_finding worse(struct clocks_finding one, struct clocks_finding other)
{
    if (one.status == other.status) {
        return one.ns > other.ns ? one : other;
    }
    return one.status > other.status ? one : other;
}

/*
 * Judges a clock by the call that has just ended: when the call was sent and when it was over, by
 * the clock of processor 0.
 */
static struct clocks_finding judge_call(unsigned processor, uint64_t sent_ticks,
                                        uint64_t over_ticks)
{
    uint64_t arrived_ticks = processors[processor]->seat.arrived_ticks; /* no call is under way */

    return clocks_judge(processor, (int64_t)(arrived_ticks - sent_ticks),
                        (int64_t)(over_ticks - arrived_ticks));
}

/*
 * Measures the pairs while there is time. Returns the worst finding; `unknown`: the clocks still
 * unknown.
 */
static struct clocks_finding measure_pairs(struct processor_set *unknown)
{
    uint64_t limit_ticks = arch_ticks() + ALL_MS * arch_ticks_per_ms();
    struct clocks_finding worst = clocks_measure(REFERENCE);

    processor_set_clear(unknown);
    for (unsigned i = REFERENCE + 1; i < processor_count; i++) {
        struct clocks_finding finding = clocks_judge(i, NEVER, NEVER);
        uint64_t now_ticks = arch_ticks();
        if (now_ticks < limit_ticks) {
            finding = measure_pair(i, (limit_ticks - now_ticks) / (processor_count - i));
        }
        if (finding.status == CLOCKS_UNKNOWN) {
            processor_set_add(unknown, i);
        } else {
            clocks_note(&finding);
            worst = worse(finding, worst);
        }
    }
    return worst;
}

struct clocks_finding clocks_measure_all(void)
{
    struct processor_set unknown;
    struct clocks_finding worst = measure_pairs(&unknown);

    uint64_t sent_ticks = arch_ticks();
    (void)rendezvous_run_everywhere(clocks_exchange, NONE);
    uint64_t over_ticks = arch_ticks();
    processor_set_for_each(i, &unknown) {
        struct clocks_finding finding = judge_call(i, sent_ticks, over_ticks);
        clocks_note(&finding);
        worst = worse(finding, worst);
    }
    return worst;
}
