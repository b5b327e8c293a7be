/* SPDX-License-Identifier: MIT */
/*
 * THE MODEL: what each access costs.
 *
 * What is modelled.
 *   1 Each access costs CPU_STEP_NS, including the instructions around it. If the processor holds
 *     a valid copy of the line (for a store: the only one), there is no further cost.
 *   2 A line comes from the processor that wrote it last, and the time for that depends on where
 *     the two are (machines.h). It is the time of a hand-over as published tables measure it: from
 *     the store until a processor that spins on the line has the value, invalidation included.
 *   3 A write invalidates all other copies, wherever they are. The next reader can be served from
 *     the moment of the write. The writer itself has the line only when the farthest copy is known
 *     to be gone, and only then can another writer take it: writes and read-modify-writes of
 *     several processors to one line follow one another by whole transfers.
 *   4 Readers of one line are served one after another: CPU_SERVICE_NS from one to the next.
 *   5 A processor can have up to CPU_MISSES lines in transit. It does not wait for a load that
 *     misses; the next access goes on. So a loop that scans flags which are all set has its misses
 *     overlapped, as on a processor that predicts its branches well. It does wait for all loads
 *     before a read-modify-write, a fence, a serialising instruction, an interrupt message, and
 *     before a wait goes to sleep. It also waits for the load that ends a wait (a load of a line
 *     that was read since this processor's last store, and has changed since), because its branch
 *     was predicted to go round again: nothing after it can have begun.
 *   6 The processor does not wait for stores either. They become visible in program order and after
 *     all earlier loads (x86-TSO), and it waits for them where it waits for loads, except before
 *     sleep.
 *   7 The load that ends a wait finds the contents of its line half a transfer after the request:
 *     consecutive stores to one line arrive together.
 *   8 A wait is not simulated pass by pass (cpu.c): polling costs nothing, nor does PAUSE.
 *
 * What is not modelled: the interconnect beyond one line (no bandwidth, no directories, no memory);
 * copies nearer than the last writer's (readers in one L3 do not help each other); adjacent-line
 * prefetch; waiting for a load because an address depends on it (of the addresses in the kernel's
 * shared words it follows only the routine's); cache sizes: a line that was read stays until it is
 * written. First touches are free: a steady call has almost none. Processors that ask at the same
 * moment are served in the order of their numbers, which favours neighbours: a counter that all
 * update travels through one L3 after another.
 *
 * A store is performed on the host's memory at once, and its line is closed to readers until the
 * moment at which the store is visible. A reader that asks in between waits for that moment, where
 * a real one would have found the old value. For a waiting reader this makes no difference; for
 * others it costs time.
 */
#include "tests/sim/cost/access.h"

#include <string.h>

static unsigned number_of(const struct cpu *cpu)
{
    return (unsigned)(cpu - cpus);
}

/* ---- lines in transit ---- */

static void forget_miss(struct cpu *cpu, unsigned i)
{
    cpu->misses[i] = cpu->misses[--cpu->miss_count];
}

/* Waits for the first line to arrive if no more can be in transit. */
static void make_room(struct cpu *cpu)
{
    unsigned first = 0;

    if (cpu->miss_count < CPU_MISSES) {
        return;
    }
    for (unsigned i = 1; i < cpu->miss_count; i++) {
        if (cpu->misses[i].done.ns < cpu->misses[first].done.ns) {
            first = i;
        }
    }
    cpu_wait(cpu, cpu->misses[first].done);
    forget_miss(cpu, first);
}

static void add_miss(struct cpu *cpu, struct gate done, bool store)
{
    cpu->misses[cpu->miss_count++] = (struct miss){ .done = done, .store = store };
}

/* The moment at which everything loaded has arrived. */
static struct gate loaded(const struct cpu *cpu)
{
    struct gate gate = cpu_here(cpu);
    for (unsigned i = 0; i < cpu->miss_count; i++) {
        if (!cpu->misses[i].store) {
            gate = cpu_later(gate, cpu->misses[i].done);
        }
    }
    return gate;
}

void access_settle(struct cpu *cpu)
{
    cpu_wait(cpu, loaded(cpu));
    for (unsigned i = cpu->miss_count; i-- > 0;) {
        if (cpu->misses[i].done.ns <= cpu->now_ns) {
            forget_miss(cpu, i);
        }
    }
}

void access_drain(struct cpu *cpu)
{
    access_settle(cpu);
    cpu_wait(cpu, cpu->committed);
    cpu->miss_count = 0;
}

/* ---- reads: the lines that a wait is about ---- */

static struct watch *find_look(struct cpu *cpu, const struct line *line)
{
    for (unsigned i = 0; i < cpu->look_count; i++) {
        if (cpu->looks[i].line == line) {
            return &cpu->looks[i];
        }
    }
    return NULL;
}

static bool looked_in_this_wait(struct cpu *cpu, const struct line *line)
{
    const struct watch *look = find_look(cpu, line);
    return cpu->polling || (look != NULL && look->phase == cpu->phase);
}

/* Moves it to the front of the list; the last entry is dropped. */
static void note_look(struct cpu *cpu, struct line *line)
{
    struct watch *place = find_look(cpu, line);

    if (place == NULL) {
        cpu->look_count += cpu->look_count < CPU_LOOKS;
        place = &cpu->looks[cpu->look_count - 1];
    }
    memmove(&cpu->looks[1], &cpu->looks[0], (size_t)((char *)place - (char *)cpu->looks));
    cpu->looks[0] = (struct watch){
        .line = line, .version = line->version, .phase = cpu->phase, .processor = number_of(cpu)
    };
}

static bool has_changed(const struct cpu *cpu)
{
    for (unsigned i = 0; i < cpu->look_count; i++) {
        if (cpu->looks[i].version != cpu->looks[i].line->version) {
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

void access_await_change(struct cpu *cpu)
{
    access_settle(cpu);
    if (!has_changed(cpu)) {
        for (unsigned i = 0; i < cpu->look_count; i++) {
            watch(&cpu->looks[i]);
        }
        cpu_sleep(cpu, CPU_WAITING);
        for (unsigned i = 0; i < cpu->look_count; i++) {
            unwatch(&cpu->looks[i]);
        }
    }
    cpu->look_count = 0;
    cpu->polling = true;
    cpu_catch_up(cpu);
}

/* ---- loads ---- */

static uint64_t way_ns(const struct cpu *cpu, const struct line *line)
{
    return machine_transfer_ns(cpu_machine, line->owner, number_of(cpu));
}

/* Requests the line; the readers after this one wait for their turn. */
static struct gate request(struct cpu *cpu, struct line *line, struct gate from, uintptr_t address,
                           uintptr_t pc)
{
    struct gate start = cpu_later(from, line->readable);
    struct gate done = { .ns = start.ns + way_ns(cpu, line) };

    done.event = cpu_event(cpu, EVENT_LOAD, start, done.ns, pc);
    path_event(done.event)->peer = line->owner;
    path_event(done.event)->address = address;
    line->readable = (struct gate){ .ns = start.ns + CPU_SERVICE_NS, .event = done.event };
    return done;
}

/* The load that ends a wait: see 7 above. It waits for whichever store comes meanwhile. */
static void load_and_wait(struct cpu *cpu, struct line *line, uintptr_t address, uintptr_t pc)
{
    access_settle(cpu);
    struct gate done = request(cpu, line, cpu_here(cpu), address, pc);
    const uint32_t version = line->version;

    cpu_wait(cpu, (struct gate){ .ns = done.ns - way_ns(cpu, line) / 2, .event = done.event });
    cpu_yield(cpu);
    if (line->version != version) {
        done = cpu_later(done, request(cpu, line, line->written, address, pc));
    }
    cache_share(line, number_of(cpu));
    cpu_wait(cpu, done);
}

static void fetch(struct cpu *cpu, struct line *line, uintptr_t address, uintptr_t pc)
{
    if (looked_in_this_wait(cpu, line)) {
        cpu->polling = false;
        load_and_wait(cpu, line, address, pc);
        return;
    }
    make_room(cpu);
    add_miss(cpu, request(cpu, line, cpu_here(cpu), address, pc), false);
    cache_share(line, number_of(cpu));
}

void access_load(struct cpu *cpu, uintptr_t address, uintptr_t pc)
{
    cpu_catch_up(cpu);
    struct line *line = cache_line(address);
    if (!cache_holds(line, number_of(cpu))) {
        fetch(cpu, line, address, pc);
    } else if (cache_is_new(line)) {
        cache_share(line, number_of(cpu));
    }
    note_look(cpu, line);
    cpu_work(cpu, CPU_STEP_NS, NULL, pc);
}

/* ---- stores ---- */

/* The line has changed, visible from `written` on; its writer has it from `owned` on. */
static void change(struct cpu *cpu, struct line *line, struct gate written, struct gate owned)
{
    cache_take(line, number_of(cpu));
    line->written = written;
    line->readable = written;
    line->owned = owned;
    for (struct watch *look = line->watches; look != NULL; look = look->next) {
        cpu_wake(&cpus[look->processor], written);
    }
}

/* The moment from which a processor without the line, or without the only copy, can take it. */
static struct gate takeable(struct gate from, const struct line *line, unsigned take_ns)
{
    return take_ns == 0 ? from : cpu_later(cpu_later(from, line->owned), line->readable);
}

static uint32_t add_write(struct cpu *cpu, enum event_kind kind, struct gate start, uint64_t end_ns,
                          uintptr_t address, uintptr_t pc)
{
    uint32_t event = cpu_event(cpu, kind, start, end_ns, pc);
    path_event(event)->address = address;
    return event;
}

void access_store(struct cpu *cpu, uintptr_t address, uintptr_t pc)
{
    cpu_catch_up(cpu);
    cpu->polling = false;
    cpu->phase++;
    struct line *line = cache_line(address);
    unsigned take_ns = cache_take_ns(line, number_of(cpu));
    if (take_ns != 0) {
        make_room(cpu);
    }
    struct gate start = cpu_later(takeable(loaded(cpu), line, take_ns), cpu->visible);
    if (take_ns != 0 || start.ns > cpu->now_ns) {
        uint64_t end_ns = start.ns + take_ns;
        uint32_t event = add_write(cpu, EVENT_STORE, start, end_ns, address, pc);
        cpu->visible = (struct gate){ .ns = start.ns, .event = event };
        struct gate owned = { .ns = end_ns, .event = event };
        cpu->committed = cpu_later(cpu->committed, owned);
        line->readable = cpu_later(line->readable, cpu->visible);
        if (take_ns != 0) {
            add_miss(cpu, owned, true);
            change(cpu, line, cpu->visible, owned);
        }
    }
    if (cache_is_new(line)) {
        cache_take(line, number_of(cpu));
    }
    cpu_work(cpu, CPU_STEP_NS, NULL, pc);
}

void access_update(struct cpu *cpu, uintptr_t address, uintptr_t pc)
{
    cpu_catch_up(cpu);
    cpu->polling = false;
    cpu->phase++;
    access_drain(cpu);
    struct line *line = cache_line(address);
    unsigned take_ns = cache_take_ns(line, number_of(cpu));
    if (take_ns != 0) {
        struct gate start = takeable(cpu_here(cpu), line, take_ns);
        struct gate owned = { .ns = start.ns + take_ns };
        owned.event = add_write(cpu, EVENT_RMW, start, owned.ns, address, pc);
        change(cpu, line, (struct gate){ .ns = start.ns, .event = owned.event }, owned);
        cpu_wait(cpu, owned);
    } else if (cache_is_new(line)) {
        cache_take(line, number_of(cpu));
    }
    note_look(cpu, line);
    cpu_work(cpu, CPU_LOCKED_NS, NULL, pc);
}
