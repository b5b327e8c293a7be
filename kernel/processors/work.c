/* SPDX-License-Identifier: MIT */
/*
 * Posted work: one place per processor.
 *
 *   NONE --a poster--> CLAIMED --has stored the work--> POSTED --the processor has run it--> NONE
 *   NONE --the processor goes offline--> CLOSED --it is back--> NONE
 *
 * A leaving processor closes its place first, and only while the place is empty, so no posted work
 * is lost. A poster that finds it closed while the processor is online waits: the processor is
 * about to leave, or is back and about to open it.
 *
 * Work may last as long as it likes, so there is no deadline here: the launcher has one.
 */
#include "kernel/processors/work.h"

#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"

enum work_state { WORK_NONE, WORK_CLAIMED, WORK_POSTED, WORK_CLOSED };

static struct place {
    work_routine *routine;
    void *argument;
    _Atomic uint32_t state; /* enum work_state */
} places[PROCESSOR_LIMIT];

/* acquire: all that the last writer of the state had done before */
static uint32_t state_of(const struct place *place)
{
    return atomic_load_explicit(&place->state, memory_order_acquire);
}

/* release: the work, or that it is done */
static void set_state(struct place *place, enum work_state state)
{
    atomic_store_explicit(&place->state, state, memory_order_release);
}

/* Claims the empty place for a poster, or closes it. */
static bool move_from_none(struct place *place, enum work_state state)
{
    uint32_t none = WORK_NONE;
    return atomic_compare_exchange_strong_explicit(&place->state, &none, state,
                                                   memory_order_acquire, memory_order_relaxed);
}

int work_post(unsigned index, work_routine *routine, void *argument)
{
    struct place *place = &places[index];
    struct wait wait = wait_begin(1);

    while (!move_from_none(place, WORK_CLAIMED)) {
        if (state_of(place) == WORK_CLOSED && !processor_is_online(index)) {
            return -1;
        }
        (void)wait_pass(&wait);
    }
    place->routine = routine;
    place->argument = argument;
    set_state(place, WORK_POSTED);
    hooks_ring_one(index);
    return 0;
}

void work_await(unsigned index)
{
    const struct place *place = &places[index];
    struct wait wait = wait_begin(1);

    while (state_of(place) == WORK_CLAIMED || state_of(place) == WORK_POSTED) {
        (void)wait_pass(&wait);
    }
}

void work_run(unsigned self)
{
    struct place *place = &places[self];

    if (work_is_posted(self)) {
        place->routine(place->argument);
        set_state(place, WORK_NONE);
    }
}

bool work_is_posted(unsigned self)
{
    return state_of(&places[self]) == WORK_POSTED;
}

bool work_close(unsigned self)
{
    return move_from_none(&places[self], WORK_CLOSED);
}

void work_open(unsigned self)
{
    if (state_of(&places[self]) == WORK_CLOSED) {
        set_state(&places[self], WORK_NONE);
    }
}
