/*
 * THE MODEL: what each access costs.
 *
 * What is modelled.
 *   1 Each access costs CORE_STEP_NS, the instructions around it included. If the processor holds
 *     a valid copy of the line (for a store: the only one), that is all.
 *   2 A line comes from the processor that wrote it last, and the time for that depends on where
 *     the two are (machines.h). It is the time of a hand-over as published tables measure it: from
 *     the store to its value in the hands of one who spins on the line. The invalidation is part of
 *     it.
 *   3 A write invalidates all other copies, wherever they are. The next reader can be served from
 *     the moment of the write. The writer itself has the line only when the farthest copy is known
 *     to be gone, and only then another writer can take it: writes and read-modify-writes of
 *     several processors to one line follow one another by whole transfers.
 *   4 Readers of one line are served one after another: CORE_SERVICE_NS from one to the next.
 *   5 A processor has up to CORE_MISSES lines on their way. A load that misses is not waited for,
 *     the next access goes on: a loop that scans flags which are all there has its misses
 *     overlapped, as on a processor that predicts its branches well. Waited for are: all loads
 *     before a read-modify-write, a fence, a serialising instruction, an interrupt message, and
 *     before a wait goes to sleep; and the load that ends a wait (of a line that was looked at
 *     since this processor's last store, and has changed since), because its branch was predicted
 *     to go round again: nothing behind it can have begun.
 *   6 Stores are not waited for either. They become visible in program order and after all earlier
 *     loads (x86-TSO), and are waited for where loads are, but for sleep.
 *   7 The look that ends a wait finds what its line holds half a transfer after it was asked for:
 *     stores to one line in a row arrive together.
 *   8 A wait is not simulated turn by turn (core.c): polling costs nothing, nor does PAUSE.
 *
 * What is not: the interconnect beyond one line (no bandwidth, no directories, no memory); copies
 * that are nearer than the last writer's (readers in one L3 do not help each other); adjacent-line
 * prefetch; a load that is waited for because an address depends on it (the shared words of the
 * kernel hold no address that it follows but the routine's); cache sizes: a line that was read
 * stays until it is written. First touches are free: a steady call has next to none.
 *
 * A store is done on the host's memory at once, and its line is closed to readers up to the moment
 * when it is visible. A reader that asks in between waits for that moment, where a real one would
 * have found the old value. For one that waits it makes no difference; for others it costs time.
 */
#include "tests/sim/cost/access.h"

#include <string.h>

static unsigned number_of(const struct core *core)
{
    return (unsigned)(core - cores);
}

/* ---- what is on its way ---- */

static void forget_miss(struct core *core, unsigned i)
{
    core->misses[i] = core->misses[--core->miss_count];
}

/* Waits for the first to arrive if no more can be under way. */
static void make_room(struct core *core)
{
    unsigned first = 0;

    if (core->miss_count < CORE_MISSES) {
        return;
    }
    for (unsigned i = 1; i < core->miss_count; i++) {
        if (core->misses[i].done.ns < core->misses[first].done.ns) {
            first = i;
        }
    }
    core_wait(core, core->misses[first].done);
    forget_miss(core, first);
}

static void add_miss(struct core *core, struct gate done, bool store)
{
    core->misses[core->miss_count++] = (struct miss){ .done = done, .store = store };
}

/* When all that was loaded is there. */
static struct gate loaded(const struct core *core)
{
    struct gate gate = core_here(core);
    for (unsigned i = 0; i < core->miss_count; i++) {
        if (!core->misses[i].store) {
            gate = core_later(gate, core->misses[i].done);
        }
    }
    return gate;
}

void access_settle(struct core *core)
{
    core_wait(core, loaded(core));
    for (unsigned i = core->miss_count; i-- > 0;) {
        if (core->misses[i].done.ns <= core->now_ns) {
            forget_miss(core, i);
        }
    }
}

void access_drain(struct core *core)
{
    access_settle(core);
    core_wait(core, core->committed);
    core->miss_count = 0;
}

/* ---- looks: which lines a wait is about ---- */

static struct watch *find_look(struct core *core, const struct line *line)
{
    for (unsigned i = 0; i < core->look_count; i++) {
        if (core->looks[i].line == line) {
            return &core->looks[i];
        }
    }
    return NULL;
}

static bool looked_in_this_wait(struct core *core, const struct line *line)
{
    const struct watch *look = find_look(core, line);
    return core->polling || (look != NULL && look->phase == core->phase);
}

/* To the front of the list; the last falls off. */
static void note_look(struct core *core, struct line *line)
{
    struct watch *place = find_look(core, line);

    if (place == NULL) {
        core->look_count += core->look_count < CORE_LOOKS;
        place = &core->looks[core->look_count - 1];
    }
    memmove(&core->looks[1], &core->looks[0], (size_t)((char *)place - (char *)core->looks));
    core->looks[0] = (struct watch){
        .line = line, .version = line->version, .phase = core->phase, .processor = number_of(core)
    };
}

static bool has_changed(const struct core *core)
{
    for (unsigned i = 0; i < core->look_count; i++) {
        if (core->looks[i].version != core->looks[i].line->version) {
            return true;
        }
    }
    return false;
}

static void watch(struct watch *look)
{
    look->next = look->line->watches;
    look->link = &look->line->watches;
    if (look->next != NULL) {
        look->next->link = &look->next;
    }
    look->line->watches = look;
}

static void unwatch(struct watch *look)
{
    *look->link = look->next;
    if (look->next != NULL) {
        look->next->link = look->link;
    }
}

void access_await_change(struct core *core)
{
    access_settle(core);
    if (!has_changed(core)) {
        for (unsigned i = 0; i < core->look_count; i++) {
            watch(&core->looks[i]);
        }
        core_sleep(core, CORE_WAITING);
        for (unsigned i = 0; i < core->look_count; i++) {
            unwatch(&core->looks[i]);
        }
    }
    core->look_count = 0;
    core->polling = true;
    core_catch_up(core);
}

/* ---- loads ---- */

static uint64_t way_ns(const struct core *core, const struct line *line)
{
    return machine_transfer_ns(core_machine, line->owner, number_of(core));
}

/* The line is asked for, and the readers behind this one wait for their turn. */
static struct gate request(struct core *core, struct line *line, struct gate from,
                           uintptr_t address, uintptr_t pc)
{
    struct gate start = core_later(from, line->readable);
    struct gate done = { .ns = start.ns + way_ns(core, line) };

    done.event = core_event(core, EVENT_LOAD, start, done.ns, pc);
    path_event(done.event)->peer = line->owner;
    path_event(done.event)->address = address;
    line->readable = (struct gate){ .ns = start.ns + CORE_SERVICE_NS, .event = done.event };
    return done;
}

/* The load that ends a wait: see 7 above. Whoever writes meanwhile is the one to wait for. */
static void load_and_wait(struct core *core, struct line *line, uintptr_t address, uintptr_t pc)
{
    access_settle(core);
    struct gate done = request(core, line, core_here(core), address, pc);
    const uint32_t version = line->version;

    core_wait(core, (struct gate){ .ns = done.ns - way_ns(core, line) / 2, .event = done.event });
    core_yield(core);
    if (line->version != version) {
        done = core_later(done, request(core, line, line->written, address, pc));
    }
    cache_share(line, number_of(core));
    core_wait(core, done);
}

static void fetch(struct core *core, struct line *line, uintptr_t address, uintptr_t pc)
{
    if (looked_in_this_wait(core, line)) {
        core->polling = false;
        load_and_wait(core, line, address, pc);
        return;
    }
    make_room(core);
    add_miss(core, request(core, line, core_here(core), address, pc), false);
    cache_share(line, number_of(core));
}

void access_load(struct core *core, uintptr_t address, uintptr_t pc)
{
    core_catch_up(core);
    struct line *line = cache_line(address);
    if (!cache_holds(line, number_of(core))) {
        fetch(core, line, address, pc);
    } else if (cache_is_new(line)) {
        cache_share(line, number_of(core));
    }
    note_look(core, line);
    core_work(core, CORE_STEP_NS, NULL, pc);
}

/* ---- stores ---- */

/* The line has changed, visible from `written` on; its writer has it from `owned` on. */
static void change(struct core *core, struct line *line, struct gate written, struct gate owned)
{
    cache_take(line, number_of(core));
    line->written = written;
    line->readable = written;
    line->owned = owned;
    for (struct watch *look = line->watches; look != NULL; look = look->next) {
        core_wake(&cores[look->processor], written);
    }
}

/* From when on a processor that lacks the line, or has not the only copy, can take it. */
static struct gate takeable(struct gate from, const struct line *line, unsigned take_ns)
{
    return take_ns == 0 ? from : core_later(core_later(from, line->owned), line->readable);
}

static uint32_t add_write(struct core *core, enum event_kind kind, struct gate start,
                          uint64_t end_ns, uintptr_t address, uintptr_t pc)
{
    uint32_t event = core_event(core, kind, start, end_ns, pc);
    path_event(event)->address = address;
    return event;
}

void access_store(struct core *core, uintptr_t address, uintptr_t pc)
{
    core_catch_up(core);
    core->polling = false;
    core->phase++;
    struct line *line = cache_line(address);
    unsigned take_ns = cache_take_ns(line, number_of(core));
    if (take_ns != 0) {
        make_room(core);
    }
    struct gate start = core_later(takeable(loaded(core), line, take_ns), core->visible);
    if (take_ns != 0 || start.ns > core->now_ns) {
        uint64_t end_ns = start.ns + take_ns;
        uint32_t event = add_write(core, EVENT_STORE, start, end_ns, address, pc);
        core->visible = (struct gate){ .ns = start.ns, .event = event };
        struct gate owned = { .ns = end_ns, .event = event };
        core->committed = core_later(core->committed, owned);
        line->readable = core_later(line->readable, core->visible);
        if (take_ns != 0) {
            add_miss(core, owned, true);
            change(core, line, core->visible, owned);
        }
    }
    if (cache_is_new(line)) {
        cache_take(line, number_of(core));
    }
    core_work(core, CORE_STEP_NS, NULL, pc);
}

void access_update(struct core *core, uintptr_t address, uintptr_t pc)
{
    core_catch_up(core);
    core->polling = false;
    core->phase++;
    access_drain(core);
    struct line *line = cache_line(address);
    unsigned take_ns = cache_take_ns(line, number_of(core));
    if (take_ns != 0) {
        struct gate start = takeable(core_here(core), line, take_ns);
        struct gate owned = { .ns = start.ns + take_ns };
        owned.event = add_write(core, EVENT_RMW, start, owned.ns, address, pc);
        change(core, line, (struct gate){ .ns = start.ns, .event = owned.event }, owned);
        core_wait(core, owned);
    } else if (cache_is_new(line)) {
        cache_take(line, number_of(core));
    }
    note_look(core, line);
    core_work(core, CORE_LOCKED_NS, NULL, pc);
}
