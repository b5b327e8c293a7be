/* SPDX-License-Identifier: MIT */
/*
 * Memory according to x86-TSO: a store weaker than seq_cst goes into the processor's buffer, which
 * is first in, first out; the processor's own loads are answered from it; it drains one store at a
 * time, whenever the explorer chooses. A read-modify-write, a seq_cst store or fence, a serialising
 * instruction, taking an interrupt, returning from one and sending one empty it first.
 * Source: Intel SDM volume 3, "Store Buffer" and "Memory Ordering". (Neither a write of CR8 nor HLT
 * empties it; ringing the doorbell does, as arch.h promises.)
 *
 * Plain accesses go to memory at once. The order of two of them is never left open: otherwise it
 * would be a race (race.c), and the schedule fails anyway.
 *
 * A wait loop's first passes are bare. A load that repeats an earlier one of the same loop and
 * finds the same value is not a step of its own: whatever others do between two such passes, they
 * could just as well do before or after both.
 */
#include <string.h>

#include "kernel/rendezvous/wait.h"
#include "tests/sim/explore.h"

#define SILENT_LIMIT 10000u

/* ---- words that need no step ---- */

/*
 * A word of the processor's own seat that only the processor itself writes (all except `turn`;
 * note_write() makes sure): reading it is not a step.
 */
static bool is_private(unsigned processor, const void *address)
{
    const struct rendezvous_seat *seat = &processors[processor]->seat;
    return (uintptr_t)address - (uintptr_t)seat < sizeof *seat &&
           address != (const void *)&seat->turn;
}

/* Set before the processors start. */
static bool is_constant(const void *address)
{
    return address == (const void *)&wait_policy;
}

static void note_write(unsigned processor, const void *address)
{
    if (address == (const void *)&processors[processor]->seat.reached) {
        check_reached(processor);
    }
    for (unsigned i = 0; i < sim_count; i++) {
        if (i != processor && is_private(i, address)) {
            check_fail("explorer", "processor %u writes into the seat of processor %u", processor,
                       i);
        }
    }
    if (is_constant(address)) {
        check_fail("explorer", "processor %u writes what is set before the start", processor);
    }
}

/* ---- the buffer ---- */

static const struct buffered_store *newest_store(const struct explore_cpu *cpu, const void *address)
{
    for (unsigned i = cpu->stores; i-- > 0;) {
        if (cpu->buffer[i].address == address) {
            return &cpu->buffer[i];
        }
    }
    return NULL;
}

uint64_t memory_value(unsigned processor, const void *address, unsigned size)
{
    const struct buffered_store *store = newest_store(&explore_cpus[processor], address);
    return store != NULL ? store->value : sim_read(address, size);
}

void memory_drain_one(unsigned processor)
{
    struct explore_cpu *cpu = &explore_cpus[processor];
    struct buffered_store store = cpu->buffer[0];

    race_drain(processor, store.address, sim_read(store.address, (unsigned)store.size));
    sim_write(store.address, (unsigned)store.size, store.value);
    cpu->stores--;
    memmove(&cpu->buffer[0], &cpu->buffer[1], cpu->stores * sizeof store);
    memset(&cpu->buffer[cpu->stores], 0, sizeof store);
    if (trace_on) {
        trace_line("     P%u   %s = 0x%llx becomes visible", processor, trace_word(store.address),
                   (unsigned long long)store.value);
    }
    note_write(processor, store.address);
}

void memory_drain(unsigned processor)
{
    while (explore_cpus[processor].stores != 0) {
        memory_drain_one(processor);
    }
}

static void buffer_store(const struct sim_access *access)
{
    struct explore_cpu *cpu = explore_self();

    if (cpu->stores == BUFFER_DEPTH) {
        steps_stop(NEXT_DRAIN);
        if (cpu->stores == BUFFER_DEPTH) {
            memory_drain_one(sim_self->index);
        }
    }
    race_buffer(cpu->stores, access->order);
    cpu->buffer[cpu->stores++] = (struct buffered_store){
        .address = access->address, .value = access->operand, .pc = access->pc, .size = access->size
    };
    cpu->impure = true;
    cpu->clock_ticks = 0;
}

/* ---- what a loop reads ---- */

bool memory_watch_changed(unsigned processor)
{
    const struct explore_cpu *cpu = &explore_cpus[processor];

    for (unsigned i = 0; i < cpu->watches; i++) {
        const struct watched_load *watch = &cpu->watch[i];
        if (memory_value(processor, watch->address, (unsigned)watch->size) != watch->value) {
            return true;
        }
    }
    return false;
}

void memory_watch_clear(struct explore_cpu *cpu, bool impure)
{
    memset(cpu->watch, 0, cpu->watches * sizeof cpu->watch[0]);
    cpu->watches = 0;
    cpu->impure = impure;
    cpu->clock_ticks = impure ? 0 : cpu->clock_ticks;
}

static bool is_behind(const struct watched_load *watch, const struct sim_access *access)
{
    return watch->pc != access->pc ? watch->pc > access->pc : watch->address > access->address;
}

static void watch(const struct sim_access *access, uint64_t value)
{
    struct explore_cpu *cpu = explore_self();

    for (unsigned i = 0; i < cpu->watches; i++) {
        if (cpu->watch[i].pc == access->pc && cpu->watch[i].address == access->address) {
            cpu->watch[i].value = value;
            return;
        }
    }
    if (cpu->watches == WATCH_LIMIT) {
        cpu->impure = true;
        return;
    }
    unsigned at = cpu->watches++; /* sorted: two orders of reading are one state */
    for (; at != 0 && is_behind(&cpu->watch[at - 1], access); at--) {
        cpu->watch[at] = cpu->watch[at - 1];
    }
    cpu->watch[at] = (struct watched_load){
        .pc = access->pc, .address = access->address, .value = value, .size = access->size
    };
}

/* Consecutive reads that were not steps: bounds a loop that never relaxes. */
static unsigned silent_looks;

static void guard_silence(void)
{
    if (++silent_looks > SILENT_LIMIT) {
        silent_looks = 0;
        check_fail("livelock", "processor %u loops without arch_relax()", sim_self->index);
        steps_stop(NEXT_STOPPED);
    }
}

/* The same read in the same loop, with the same result? */
static bool repeats(const struct sim_access *access)
{
    struct explore_cpu *cpu = explore_self();

    guard_silence();

    for (unsigned i = 0; i < cpu->watches; i++) {
        const struct watched_load *watch = &cpu->watch[i];
        if (watch->pc == access->pc && watch->address == access->address &&
            watch->value == sim_read(access->address, access->size)) {
            cpu->impure = false; /* a whole pass that only read */
            return true;
        }
    }
    silent_looks = 0;
    return false;
}

/* ---- the hooks ---- */

static uint64_t load(const struct sim_access *access)
{
    const struct buffered_store *own = newest_store(explore_self(), access->address);
    if (own != NULL) {
        return own->value;
    }
    if (!is_private(sim_self->index, access->address) && !is_constant(access->address) &&
        !repeats(access)) {
        explore_self()->next_access = *access;
        steps_stop(NEXT_ACCESS);
        silent_looks = 0;
    }
    uint64_t value = sim_read(access->address, access->size);
    if (explore_world.stale) {
        explore_world.stale = false;
        value = race_load_stale(access->address, access->order);
    } else {
        race_load(access->address, access->order);
    }
    watch(access, value);
    return value;
}

/* A read-modify-write that writes nothing also counts as a read. */
static uint64_t update(const struct sim_access *access)
{
    uint64_t seen = sim_read(access->address, access->size);
    bool silent = explore_self()->stores == 0 && !sim_writes(access, seen) && repeats(access);

    if (!silent) {
        explore_self()->next_access = *access;
        steps_stop(NEXT_ACCESS);
        silent_looks = 0;
        memory_drain(sim_self->index);
    }
    uint64_t old = sim_perform(access);
    if (!sim_writes(access, old)) {
        race_load(access->address, access->order_failure);
        watch(access, old);
        return old;
    }
    race_update(access->address, access->order, old);
    memory_watch_clear(explore_self(), true);
    check_update(sim_self->index, access->operation);
    note_write(sim_self->index, access->address);
    return old;
}

static void store_at_once(const struct sim_access *access)
{
    explore_self()->next_access = *access;
    steps_stop(NEXT_ACCESS);
    memory_drain(sim_self->index);
    race_store(access->address, access->order, sim_read(access->address, access->size));
    sim_write(access->address, access->size, access->operand);
    memory_watch_clear(explore_self(), true);
    note_write(sim_self->index, access->address);
}

static void trace_access(const struct sim_access *access, uint64_t old);

uint64_t sim_on_access(const struct sim_access *access)
{
    uint64_t old = 0;

    if (access->operation == SIM_STORE) {
        silent_looks = 0;
    }
    if (access->operation == SIM_LOAD) {
        old = load(access);
    } else if (access->operation != SIM_STORE) {
        old = update(access);
    } else if (access->order == memory_order_seq_cst) {
        store_at_once(access);
    } else {
        buffer_store(access);
    }
    if (trace_on) {
        trace_access(access, old);
    }
    return old;
}

/* A read that only repeats an earlier one is left out. */
static void trace_access(const struct sim_access *access, uint64_t old)
{
    static const char *const names[] = { "load",      "store",     "exchange",
                                         "fetch_add", "fetch_sub", "and",
                                         "or",        "xor",       "compare_exchange" };
    static const char *const orders[] = { "relaxed", "consume", "acquire",
                                          "release", "acq_rel", "seq_cst" };
    const char *name = names[access->operation], *order = orders[access->order];
    const char *word = trace_word(access->address), *code = trace_code(access->pc);
    unsigned self = sim_self->index;

    if (silent_looks != 0) {
        return;
    }
    if (access->operation == SIM_LOAD) {
        trace_line("     P%u   %s %s %s -> 0x%llx   (%s)", self, name, order, word,
                   (unsigned long long)old, code);
    } else if (access->operation == SIM_STORE) {
        trace_line("     P%u   %s %s %s = 0x%llx%s   (%s)", self, name, order, word,
                   (unsigned long long)access->operand,
                   access->order == memory_order_seq_cst ? "" : ", buffered", code);
    } else {
        trace_line("     P%u   %s %s %s, 0x%llx: found 0x%llx%s   (%s)", self, name, order, word,
                   (unsigned long long)access->operand, (unsigned long long)old,
                   sim_writes(access, old) ? "" : ", nothing written", code);
    }
}

/* Empties the buffer as a step of its own: others may have read memory just before. */
static void drain_as_step(void)
{
    steps_stop(NEXT_DRAIN);
    memory_drain(sim_self->index);
}

void sim_on_fence(int order, const void *pc)
{
    (void)pc;
    if (order == memory_order_seq_cst &&
        (explore_self()->stores != 0 || weak_is_explored())) { /* its effect shows only there */
        drain_as_step();
    }
    race_fence(order);
}

void sim_on_serialize(void)
{
    if (explore_self()->stores != 0) {
        drain_as_step();
    }
    explore_self()->unserialized = false;
    check_serialized();
}

void sim_on_plain(void *address, unsigned size, bool writes, const void *pc)
{
    race_plain(address, size, writes, pc);
}
