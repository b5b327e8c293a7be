/* SPDX-License-Identifier: MIT */
/*
 * One word per processor, read by one collector: steps 4 and 8 of rendezvous.c.
 *
 * Each member stores a value in its own word (release), on a line that nobody else writes; the
 * collector reads the words in index order (acquire). A word that is late costs one wait. Those
 * after it have changed meanwhile and are found at once, so the time is that of the last arrival
 * plus one pass.
 *
 * Nothing is counted and nothing is reset: a word equals the value, which contains the generation,
 * or it does not. So a member that is still leaving generation n cannot be taken for one that has
 * reached n + 1, and it is known which members are missing. A shared counter would be smaller, but
 * it costs a line transfer for each member in turn, and it says only how many are missing.
 *
 * Memory ordering: 3 -> 4, 6 -> 4 and 7 -> 8 are pairs of a member's release store and the
 * collector's acquire load of the same word; nothing else is promised.
 *
 * Waiting. The collector may halt, for one member at a time: that member wakes it after its store
 * (wait.c). So it is woken once for each member that is later than all members before it in index
 * order.
 *
 * For each quarter of the patience in which nobody moves, something is done about the missing
 * members (watchdog.c). A member that arrives is progress (patience.h).
 *
 * The deadline may pass just as the last member arrives. One more look after the deadline decides
 * which members are missing; if none is, the collection has succeeded.
 */
#include "kernel/rendezvous/collect.h"

#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/rendezvous/watchdog.h"

static bool reached(unsigned processor, enum collect_mark mark, uint64_t value)
{
    struct rendezvous_seat *seat = &processors[processor]->seat;
    _Atomic uint64_t *word = mark == COLLECT_REACHED ? &seat->reached : &seat->done;
    return atomic_load_explicit(word, memory_order_acquire) == value;
}

/*
 * The last look, after the deadline: returns 0 if the last members have just arrived, else -1 and
 * the set of those missing.
 */
static int find_missing(const struct processor_set *members, enum collect_mark mark, uint64_t value,
                        struct processor_set *missing)
{
    int status = 0;

    processor_set_clear(missing);
    processor_set_for_each(processor, members) {
        if (!reached(processor, mark, value)) {
            processor_set_add(missing, processor);
            status = -1;
        }
    }
    return status;
}

/* A quarter of the patience has passed: does something about the missing members. */
static void go_after_missing(const struct processor_set *members, enum collect_mark mark,
                             uint64_t value, unsigned quarters)
{
    struct processor_set missing;
    bool opening = mark == COLLECT_REACHED && round_mark_phase(value) == ROUND_PENDING;

    if (find_missing(members, mark, value, &missing) != 0) {
        watchdog_step(quarters, &missing, opening);
    }
}

/* Waits for one member; false when its patience is over. */
static bool collect_one(struct wait *wait, unsigned processor, const struct processor_set *members,
                        enum collect_mark mark, uint64_t value)
{
    enum wait_result result = WAIT_CONTINUE;

    wait_go_on_for(wait, processor);
    while (!reached(processor, mark, value) && result != WAIT_EXPIRED) {
        result = wait_pass(wait);
        if (result == WAIT_OVERDUE) {
            go_after_missing(members, mark, value, wait->patience.quarters);
        }
    }
    return result != WAIT_EXPIRED;
}

int collect(const struct processor_set *members, enum collect_mark mark, uint64_t value,
            uint64_t expires_ticks, struct processor_set *missing)
{
    struct wait wait = wait_begin_sleepy(1, WAIT_FOR_NOBODY, expires_ticks);

    processor_set_for_each(processor, members) {
        if (reached(processor, mark, value)) {
            continue;
        }
        if (!collect_one(&wait, processor, members, mark, value)) {
            wait_end(&wait);
            int status = find_missing(members, mark, value, missing);
            watchdog_tell_recovered(members, missing);
            return status;
        }
        patience_progress(&wait.patience);
    }
    wait_end(&wait);
    watchdog_tell_recovered(members, NULL);
    return 0;
}
