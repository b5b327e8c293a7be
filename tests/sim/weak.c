/* SPDX-License-Identifier: MIT */
/*
 * Loads that return what C11 allows and x86 does not: the value before the latest.
 *
 * On x86 a load sees the latest value in memory, so an order that the source failed to declare may
 * never show. A compiler, or another machine, may take the declarations literally. So in scenarios
 * with FAULT_STALE an atomic load may return the value that the word held before its latest store,
 * unless
 *   - that store happens before the load (race.c), or
 *   - the processor has already seen the store (coherence), or made it, or
 *   - a sequentially consistent fence or access of a processor that knew of the store came before
 *     one of this processor, or
 *   - the processor has taken an interrupt that was sent after it: arch.h promises that.
 * Read-modify-writes always read the latest value. One value back, and one such load per schedule,
 * are enough to show a missing order; no longer history is kept.
 */
#include <string.h>

#include "tests/sim/explore.h"

struct latest {
    uint64_t previous;                  /* the value before */
    struct race_clock previous_release; /* what an acquire load of it learns */
    uint32_t seen;                      /* by these processors, or made by them */
    uint16_t writer;
    uint16_t epoch; /* of the writer; 0: never written */
};

static struct latest latest[NUMBERS_WORDS_OF(EXPLORE_PROCESSORS)];
static struct race_clock views[EXPLORE_PROCESSORS];     /* known through fences and interrupts */
static struct race_clock doorbells[EXPLORE_PROCESSORS]; /* known on taking the interrupt */
static struct race_clock sequence;                      /* known to all fences so far */

bool weak_is_explored(void)
{
    return (scenario->fault_kinds & FAULT_STALE) != 0;
}

void weak_reset(void)
{
    memset(latest, 0, sizeof latest);
    memset(views, 0, sizeof views);
    memset(doorbells, 0, sizeof doorbells);
    memset(&sequence, 0, sizeof sequence);
}

void weak_register_state(void)
{
    if (!weak_is_explored()) {
        return;
    }
    state_add(latest, NUMBERS_WORDS_OF(sim_count) * sizeof latest[0], false);
    state_add(views, sim_count * sizeof views[0], false);
    state_add(doorbells, sim_count * sizeof doorbells[0], false);
    state_add(&sequence, sizeof sequence, false);
}

void weak_written(unsigned word, unsigned writer, unsigned epoch, uint64_t previous,
                  const struct race_clock *previous_release)
{
    if (weak_is_explored()) {
        latest[word] = (struct latest){ .previous = previous,
                                        .previous_release = *previous_release,
                                        .seen = 1u << writer,
                                        .writer = (uint16_t)writer,
                                        .epoch = (uint16_t)epoch };
    }
}

void weak_seen(unsigned word)
{
    latest[word].seen |= 1u << sim_self->index;
}

bool weak_possible(unsigned processor, const void *address)
{
    unsigned word = weak_is_explored() ? number_word(address) : 0;
    const struct latest *store = &latest[word];

    return word != 0 && store->epoch != 0 && (store->seen >> processor & 1) == 0 &&
           store->epoch > race_known(processor)->at[store->writer] &&
           store->epoch > views[processor].at[store->writer];
}

uint64_t weak_value(unsigned word)
{
    return latest[word].previous;
}

const struct race_clock *weak_release(unsigned word)
{
    return &latest[word].previous_release;
}

void weak_synchronize(unsigned processor)
{
    if (weak_is_explored()) {
        race_join(&views[processor], &sequence);
        race_join(&sequence, race_known(processor));
    }
}

void weak_send(unsigned sender, unsigned target)
{
    if (weak_is_explored()) {
        race_join(&doorbells[target], race_known(sender));
        race_join(&doorbells[target], &views[sender]);
    }
}

void weak_deliver(unsigned processor)
{
    if (weak_is_explored()) {
        race_join(&views[processor], &doorbells[processor]);
    }
}

void weak_collect(struct race_collection *all)
{
    if (!weak_is_explored()) {
        return;
    }
    for (unsigned i = 0; i < sim_count; i++) {
        race_collect_clock(all, &views[i]);
        race_collect_clock(all, &doorbells[i]);
    }
    race_collect_clock(all, &sequence);
    for (unsigned i = 1; i < NUMBERS_WORDS_OF(sim_count); i++) {
        if (race_collect_epoch(all, latest[i].writer, latest[i].epoch)) {
            race_collect_value(all, latest[i].previous ^ (uint64_t)latest[i].seen << 32);
            race_collect_clock(all, &latest[i].previous_release);
        }
    }
}
