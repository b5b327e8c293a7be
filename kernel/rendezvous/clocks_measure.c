/* SPDX-License-Identifier: MIT */
/*
 * Do the clocks of the processors agree?
 *
 * The problem. A moment that one processor names is of use to another only if both read the same
 * from their clocks. Nothing promises it: firmware sets one clock and not another, a socket comes
 * out of reset later, a hypervisor gives each processor an offset of its own.
 *
 * How. Two processors pass a word to and fro; with each message goes the sender's clock when it
 * wrote it (s), and the receiver reads its own when it has seen it (r). No message arrives before
 * it was sent. So r - s, the way by two clocks, is the true way, which is positive, plus what the
 * receiver's clock is ahead of the sender's, d:
 *
 *   there   processor 0 -> t    r - s = way + d     so  d <= the least of these
 *   back    t -> processor 0    r - s = way - d     so  d >= minus the least of those
 *
 * A least that is negative proves that the clocks differ, by no less than that: time was seen to
 * run backwards. Two that are not say that the clocks differ by no more than the larger: so much
 * nobody could tell from none. Whatever holds a processor up makes a way longer, and the bound
 * wider, never wrong; only the shortest ways count.
 *
 * Each clock is measured against that of processor 0, which never goes offline: n - 1 pairs, not
 * all of them. So two others may differ by the sum of their bounds. A pair is a call to two
 * processors (rendezvous.c), the rest of the machine sleeps: no processor spins that does not take
 * part, which counts where they share cores.
 *
 * Every call is such a measurement of all its members at once, a coarse one: sent <= arrived <=
 * released, the outer two by the caller's clock. So one call of everybody comes last, and bounds by
 * the length of a call the clocks of which the pairs have told nothing, for lack of time.
 *
 * A bound beyond the furthest moment that may be named (RENDEZVOUS_RELEASE_LIMIT_NS) is no
 * knowledge: the moment could be over on another clock before it was named on this one.
 *
 * The cost: on hardware some 10 us a pair, a millisecond for a hundred processors. Where processors
 * share cores a single message may take a slice of the host's scheduler: a pair ends with the
 * round in which its time is over, and no pair begins when the time for all is.
 *
 * A clock is measured once, at the start of its processor. What it does after that, each call at a
 * moment shows by its own way, coarsely: a clock that has leapt spoils one such call, and the next
 * is refused.
 *
 * Memory ordering. The number of a message is stored with release after the clock that goes with
 * it, and read with acquire; a serialising instruction stands before the receiver's reading, since
 * a clock may else be read ahead of the load that it is to follow. The sender needs none: what it
 * reads too early makes a way longer.
 *
 * Failure. Each wait has the patience of any other. Who waits in vain writes no least, and the
 * clock is not known. Each measurement has a number, so one that comes late from an earlier one
 * takes no part in this.
 */
#include "kernel/rendezvous/clocks_measure.h"

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"

#define REFERENCE 0 /* whose clock the others are compared with */

#define ROUNDS 24  /* of a pair: there and back */
#define ONE_MS 50  /* a pair by itself: then no further round begins */
#define ALL_MS 200 /* all pairs, each with its share of what is left */

#define NEVER CLOCKS_NEVER

/* The pair that is measured. All of it is atomic: one that was given up on may come late. */
static struct {
    alignas(CACHE_PAIR) _Atomic uint32_t message;     /* release: `sent_ticks` goes with it */
    _Atomic uint64_t sent_ticks;                      /* by the sender's clock */
    alignas(CACHE_PAIR) _Atomic uint64_t limit_ticks; /* no further round begins then */
    _Atomic int64_t there_ticks, back_ticks;          /* the least; NEVER: not measured */
} pair;

/*
 * Messages are numbered from 1, odd ones there, even ones back; and one that ends it. Before that
 * stands the number of the measurement: the last word of the one before is none of this one.
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
 * Waits for the message; its way goes to `least` if it is shorter. False: there are no more, or it
 * did not come, and then `least` is NEVER.
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

/* The reference's part: sends, and receives the answers; returns the least, or NEVER. */
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

/* The tested one's. */
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
        return argument; /* a call of everybody: its own way is the measurement */
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

/* By the call that is just over; when it was sent, and over, by the clock of processor 0. */
static struct clocks_finding judge_call(unsigned processor, uint64_t sent_ticks,
                                        uint64_t over_ticks)
{
    uint64_t arrived_ticks = processors[processor]->seat.arrived_ticks; /* no call is under way */

    return clocks_judge(processor, (int64_t)(arrived_ticks - sent_ticks),
                        (int64_t)(over_ticks - arrived_ticks));
}

/* The pairs, as far as the time goes; returns the worst, and those of which nothing is known. */
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
