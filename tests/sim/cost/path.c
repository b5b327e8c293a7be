/* SPDX-License-Identifier: MIT */
/*
 * Every event records the event that it had to wait for: its processor's previous one, the write
 * that changed the line, the reader served before, the sender of the interrupt. The chain is found
 * from its end: an event accounts for the time from its own start to the start of the event that
 * waited for it. So of a transfer that only delayed the next one in a queue, just that delay is on
 * the path.
 */
#include "tests/sim/cost/path.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/cost/symbols.h"

/* Functions of the kernel whose accesses mark the phases. */
static const char deciding[] = "advance";
static const char *const collecting[] = { "collect", "reached" };

#define NEVER UINT64_MAX

static struct event *events;
static uint32_t event_count;
static uint32_t event_room;

static struct path_step *steps; /* of the path found last, in order */
static uint32_t step_count;
static uint32_t step_room;

static void make_room(void **array, size_t size, uint32_t used, uint32_t *room)
{
    if (used < *room) {
        return;
    }
    *room = *room == 0 ? 4096 : *room * 2;
    *array = realloc(*array, *room * size);
    if (*array == NULL) {
        err(1, "no memory for %u events", *room);
    }
}

void path_start(void)
{
    event_count = 1; /* number 0 is EVENT_NONE */
}

uint32_t path_add(const struct event *event)
{
    make_room((void **)&events, sizeof(*events), event_count, &event_room);
    events[event_count] = *event;
    return event_count++;
}

struct event *path_event(uint32_t number)
{
    return number == EVENT_NONE ? NULL : &events[number];
}

/* ---- phases ---- */

static bool is_in(const struct event *event, const char *function)
{
    uintptr_t offset;
    const char *name = symbols_name(event->function, &offset);
    return name != NULL && strcmp(name, function) == 0;
}

static bool is_write(const struct event *event)
{
    return event->kind == EVENT_STORE || event->kind == EVENT_RMW;
}

static bool is_in_collecting(const struct event *event)
{
    bool found = false;
    for (unsigned i = 0; i < sizeof(collecting) / sizeof(collecting[0]); i++) {
        found |= is_in(event, collecting[i]);
    }
    return found;
}

static void note_first(uint64_t *moment, uint64_t ns)
{
    *moment = *moment == NEVER || ns < *moment ? ns : *moment;
}

static void note_last(uint64_t *moment, uint64_t ns)
{
    *moment = *moment == NEVER || ns > *moment ? ns : *moment;
}

/*
 * What `event` says about the moments at which phases begin. The decision is a store: instructions
 * around it may run ahead of loads that they do not depend on.
 */
static void note_moments(const struct event *event, uint64_t moments[PATH_PHASES])
{
    if (event->kind == EVENT_ICR) {
        note_first(&moments[PHASE_ICR], event->start_ns);
        note_last(&moments[PHASE_DELIVERY], event->end_ns);
    } else if (event->kind == EVENT_IPI) {
        note_last(&moments[PHASE_ARRIVE], event->end_ns);
    } else if (event->kind == EVENT_MARK) {
        note_last(&moments[event->mark], event->start_ns);
    } else if (is_write(event) && is_in(event, deciding)) {
        note_first(&moments[PHASE_RELEASE], event->start_ns);
    } else if (is_in_collecting(event)) {
        note_last(&moments[PHASE_RETURN], event->end_ns);
    }
}

static const char *find_phases(uint64_t begin_ns, uint64_t end_ns, uint64_t moments[PATH_PHASES],
                               struct path_summary *summary)
{
    moments[PHASE_PUBLISH] = begin_ns;
    for (unsigned i = 1; i < PATH_PHASES; i++) {
        moments[i] = NEVER;
    }
    for (uint32_t i = 1; i < event_count; i++) {
        note_moments(&events[i], moments);
    }
    for (unsigned i = 0; i < PATH_PHASES; i++) {
        uint64_t next_ns = i + 1 < PATH_PHASES ? moments[i + 1] : end_ns;
        if (next_ns == NEVER || next_ns < moments[i]) {
            return path_phase_name(i + 1);
        }
        summary->phase_ns[i] = next_ns - moments[i];
    }
    return NULL;
}

/* ---- the path ---- */

static bool is_transfer(const struct event *event)
{
    return event->kind == EVENT_LOAD || is_write(event);
}

bool path_step_is_queued(const struct path_step *step)
{
    const struct event *event = &events[step->event];
    return event->kind == EVENT_LOAD && step->to_ns < event->end_ns;
}

static void reverse_steps(void)
{
    for (uint32_t i = 0; i < step_count / 2; i++) {
        struct path_step swapped = steps[i];
        steps[i] = steps[step_count - 1 - i];
        steps[step_count - 1 - i] = swapped;
    }
}

static void walk_back(uint64_t begin_ns, struct gate end)
{
    uint64_t end_ns = end.ns;

    step_count = 0;
    for (uint32_t number = end.event; number != EVENT_NONE; number = events[number].previous) {
        uint64_t start_ns = events[number].start_ns;
        make_room((void **)&steps, sizeof(*steps), step_count, &step_room);
        steps[step_count++] =
            (struct path_step){ .event = number, .from_ns = start_ns, .to_ns = end_ns };
        end_ns = start_ns;
    }
    if (end_ns != begin_ns) {
        errx(1, "the critical path begins at %lu ns and not at %lu", end_ns, begin_ns);
    }
    reverse_steps();
}

static void complete_step(struct path_step *step, const uint64_t moments[PATH_PHASES],
                          struct path_summary *summary)
{
    const struct event *event = &events[step->event];

    while (step->phase + 1 < PATH_PHASES && step->from_ns >= moments[step->phase + 1]) {
        step->phase++;
    }
    if (is_transfer(event) && step->to_ns > step->from_ns) {
        summary->queued += path_step_is_queued(step);
        summary->transfers += step->to_ns == event->end_ns;
    }
}

const char *path_summarise(uint64_t begin_ns, struct gate end, struct path_summary *summary)
{
    uint64_t moments[PATH_PHASES];

    *summary = (struct path_summary){ .call_ns = end.ns - begin_ns };
    const char *missing = find_phases(begin_ns, end.ns, moments, summary);
    walk_back(begin_ns, end);
    for (uint32_t i = 0; i < step_count; i++) {
        complete_step(&steps[i], moments, summary);
    }
    return missing;
}

const struct path_step *path_step(uint32_t number)
{
    return number < step_count ? &steps[number] : NULL;
}

const char *path_phase_name(enum path_phase phase)
{
    static const char *const names[] = { "publish", "icr",    "delivery", "arrive",
                                         "release", "worker", "done",     "return" };
    return names[phase];
}
