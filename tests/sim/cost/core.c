/*
 * A discrete event simulation: the processor whose clock is furthest behind goes on, up to its next
 * access; the one with the lower number if two are equal. So when a processor touches memory, all
 * that happened earlier in virtual time has happened, and every run is the same.
 *
 * A processor that waits is not simulated turn by turn. It sleeps (arch_relax) until a line that it
 * has looked at changes, or an interrupt arrives, and goes on at that moment; what is left of the
 * turn costs nothing up to the look that tells what has changed.
 */
#include "tests/sim/cost/core.h"

#include <err.h>
#include <stdlib.h>

#include "tests/sim/cost/symbols.h"
#include "tests/sim/sim.h"

struct core *cores;
const struct machine *core_machine;

/* ---- the queue: a heap of those that are READY, the earliest first ---- */

static unsigned *queue;
static unsigned queue_length;

static bool is_before(unsigned first, unsigned second)
{
    const struct core *a = &cores[first], *b = &cores[second];
    return a->wake.ns < b->wake.ns || (a->wake.ns == b->wake.ns && first < second);
}

static void queue_put(unsigned place, unsigned processor)
{
    queue[place] = processor;
    cores[processor].place = place;
}

static void queue_rise(unsigned processor)
{
    unsigned place = cores[processor].place;
    while (place > 0 && is_before(processor, queue[(place - 1) / 2])) {
        queue_put(place, queue[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    queue_put(place, processor);
}

static void queue_add(unsigned processor)
{
    cores[processor].place = queue_length++;
    cores[processor].queued = true;
    queue_rise(processor);
}

static unsigned queue_take_first(void)
{
    unsigned first = queue[0], moved = queue[--queue_length], place = 0;

    for (;;) {
        unsigned child = 2 * place + 1;
        if (child >= queue_length) {
            break;
        }
        child += child + 1 < queue_length && is_before(queue[child + 1], queue[child]);
        if (!is_before(queue[child], moved)) {
            break;
        }
        queue_put(place, queue[child]);
        place = child;
    }
    queue_put(place, moved);
    cores[first].queued = false;
    return first;
}

/* ---- life ---- */

void core_start(const struct machine *machine)
{
    core_machine = machine;
    cores = realloc(cores, machine->processors * sizeof(*cores));
    queue = realloc(queue, machine->processors * sizeof(*queue));
    if (cores == NULL || queue == NULL) {
        err(1, "no memory for %u processors", machine->processors);
    }
    for (unsigned i = 0; i < machine->processors; i++) {
        cores[i] = (struct core){ .sleep = CORE_AWAKE };
    }
    queue_length = 0;
    cache_start(machine);
    path_start();
}

void core_begin(unsigned processor, void (*body)(unsigned processor))
{
    sim_start(processor, body);
    queue_add(processor);
}

unsigned core_run(void)
{
    unsigned waiting = 0;

    while (queue_length != 0) {
        sim_run(queue_take_first());
    }
    for (unsigned i = 0; i < core_machine->processors; i++) {
        waiting += cores[i].sleep == CORE_WAITING;
    }
    return waiting;
}

struct core *core_self(void)
{
    return &cores[sim_self->index];
}

uint64_t core_now(unsigned processor)
{
    return cores[processor].now_ns;
}

void core_forget(void)
{
    path_start();
    for (unsigned i = 0; i < core_machine->processors; i++) {
        cores[i].last = EVENT_NONE;
    }
}

/* ---- time ---- */

struct gate core_here(const struct core *core)
{
    return (struct gate){ .ns = core->now_ns, .event = core->last };
}

struct gate core_later(struct gate first, struct gate second)
{
    return second.ns > first.ns ? second : first;
}

void core_wait(struct core *core, struct gate gate)
{
    struct gate later = core_later(core_here(core), gate);
    core->now_ns = later.ns;
    core->last = later.event;
}

uint32_t core_event(const struct core *core, enum event_kind kind, struct gate start,
                    uint64_t end_ns, uintptr_t pc)
{
    return path_add(&(struct event){
        .start_ns = start.ns,
        .end_ns = end_ns,
        .previous = start.event,
        .processor = (uint32_t)(core - cores),
        .kind = (uint16_t)kind,
        .function = symbols_start(pc),
    });
}

/* Instructions of one function, one after another, are one event. */
static bool lengthen_last(const struct core *core, uint64_t end_ns, uintptr_t pc)
{
    struct event *last = path_event(core->last);

    if (last == NULL || last->kind != EVENT_RUN || last->end_ns != core->now_ns ||
        &cores[last->processor] != core || last->function != symbols_start(pc)) {
        return false;
    }
    last->end_ns = end_ns;
    return true;
}

void core_work(struct core *core, unsigned ns, const char *what, uintptr_t pc)
{
    uint64_t end_ns = core->now_ns + ns;

    if (core->polling || (what == NULL && lengthen_last(core, end_ns, pc))) {
        core->now_ns = core->polling ? core->now_ns : end_ns;
        return;
    }
    enum event_kind kind = what != NULL ? EVENT_MACHINE : EVENT_RUN;
    core->last = core_event(core, kind, core_here(core), end_ns, pc);
    path_event(core->last)->name = what;
    core->now_ns = end_ns;
}

void core_yield(struct core *core)
{
    unsigned self = (unsigned)(core - cores);

    core->wake = core_here(core);
    if (queue_length != 0 && is_before(queue[0], self)) {
        queue_add(self);
        sim_yield();
    }
}

/* A doorbell that has arrived by now is posted, and what is not masked is taken. */
static void take_interrupts(struct core *core)
{
    unsigned class;

    if (core->doorbell.ns != 0 && core->doorbell.ns <= core->now_ns) {
        core->doorbell.ns = 0;
        sim_post((unsigned)(core - cores), SIM_CLASS_IPI);
    }
    while ((class = sim_deliverable(sim_self)) != 0) {
        core->polling = false;
        core->entering = true;
        sim_deliver(class);
    }
}

void core_catch_up(struct core *core)
{
    core_yield(core);
    take_interrupts(core);
}

void core_rest(uint64_t ns)
{
    struct core *core = core_self();

    core_work(core, (unsigned)ns, "rest", 0);
    core_catch_up(core);
}

/* ---- sleep ---- */

void core_sleep(struct core *core, enum core_sleep why)
{
    core->wake = (struct gate){ .ns = UINT64_MAX };
    core->sleep = why;
    if (core->doorbell.ns != 0) {
        core_wake(core, core->doorbell);
    }
    sim_yield();
    core->sleep = CORE_AWAKE;
    core_wait(core, core->wake);
}

void core_wake(struct core *core, struct gate gate)
{
    struct gate wake = core_later(core_here(core), gate);

    if (core->sleep == CORE_AWAKE || wake.ns >= core->wake.ns) {
        return;
    }
    core->wake = wake;
    if (core->queued) {
        queue_rise((unsigned)(core - cores));
    } else {
        queue_add((unsigned)(core - cores));
    }
}

void core_ring(struct core *core, struct gate gate)
{
    if (core->doorbell.ns == 0 || gate.ns < core->doorbell.ns) {
        core->doorbell = gate;
        core_wake(core, gate);
    }
}
