/* SPDX-License-Identifier: MIT */
/*
 * Happens-before, by vector clocks, and races of plain accesses.
 *
 * The orders that count are those that the source declares (C11), not those that x86 happens to
 * provide: a release store orders when an acquire load reads it, a relaxed store does not. So a
 * weakened release shows as a race on the plain data that it published.
 *
 *   clock[p][q]    how much of q's past p knows: up to q's epoch of that number
 *   release[x]     what an acquire load of the word x learns
 *   cell           a plain word: the epoch of its last write, and of each processor's last read
 *
 * An epoch ends with each release. A read-modify-write continues the release sequence that it
 * finds; any other store begins a new one. Fences: an acquire fence learns what the relaxed loads
 * before it have read; a release fence passes its clock to the relaxed stores after it.
 *
 * The doorbell carries no order here, since the kernel claims to need none from it.
 *
 * Comparison of states. Only the order of epochs matters, not their numbers; and an epoch that
 * every processor knows can neither be part of a race nor tell a processor anything new. So each
 * column of clocks is hashed without the numbers up to the least known one; those above it are
 * replaced by their rank.
 */
#include <string.h>

#include "tests/sim/explore.h"

#define CELL_SIZE(processors) (2u + (processors))
#define RANKS                 256u

static struct race_clock clocks[EXPLORE_PROCESSORS];
static struct race_clock acquirable[EXPLORE_PROCESSORS]; /* seen by relaxed loads */
static struct race_clock fenced[EXPLORE_PROCESSORS];     /* as of the last release fence */
static struct race_clock buffered[EXPLORE_PROCESSORS][BUFFER_DEPTH];
static uint16_t buffered_epoch[EXPLORE_PROCESSORS][BUFFER_DEPTH]; /* of the store itself */
static struct race_clock release[NUMBERS_WORDS_OF(EXPLORE_PROCESSORS)];

/* For each cell, CELL_SIZE() numbers: the epoch of the last write, the writer, the last reads. */
enum cell_field { CELL_WRITTEN, CELL_WRITER, CELL_READ };
static uint16_t cells[NUMBERS_CELLS_OF(EXPLORE_PROCESSORS) * CELL_SIZE(EXPLORE_PROCESSORS)];

/* ---- clocks ---- */

void race_join(struct race_clock *clock, const struct race_clock *other)
{
    for (unsigned i = 0; i < sim_count; i++) {
        clock->at[i] = clock->at[i] < other->at[i] ? other->at[i] : clock->at[i];
    }
}

const struct race_clock *race_known(unsigned processor)
{
    return &clocks[processor];
}

static bool acquires(int order)
{
    return order == memory_order_acquire || order == memory_order_acq_rel ||
           order == memory_order_seq_cst || order == memory_order_consume;
}

static bool releases(int order)
{
    return order == memory_order_release || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

/* What a store of this order publishes; a release ends the epoch. */
static struct race_clock told(int order)
{
    unsigned self = sim_self->index;
    if (!releases(order)) {
        return fenced[self];
    }
    struct race_clock clock = clocks[self];
    clocks[self].at[self]++;
    return clock;
}

void race_buffer(unsigned slot, int order)
{
    unsigned self = sim_self->index;
    buffered_epoch[self][slot] = clocks[self].at[self];
    buffered[self][slot] = told(order);
}

void race_drain(unsigned processor, const void *address, uint64_t previous)
{
    struct race_clock *queue = buffered[processor];
    uint16_t *epochs = buffered_epoch[processor];
    unsigned word = number_word(address);

    weak_written(word, processor, epochs[0], previous, &release[word]);
    release[word] = queue[0];
    memmove(&queue[0], &queue[1], (BUFFER_DEPTH - 1) * sizeof queue[0]);
    memmove(&epochs[0], &epochs[1], (BUFFER_DEPTH - 1) * sizeof epochs[0]);
    memset(&queue[BUFFER_DEPTH - 1], 0, sizeof queue[0]);
    epochs[BUFFER_DEPTH - 1] = 0;
}

/* Learns what was released with the value that was read. */
static void learn(const struct race_clock *released, int order)
{
    unsigned self = sim_self->index;
    race_join(acquires(order) ? &clocks[self] : &acquirable[self], released);
}

void race_load(const void *address, int order)
{
    unsigned word = number_word(address);

    if (order == memory_order_seq_cst) {
        weak_synchronize(sim_self->index);
    }
    weak_seen(word);
    learn(&release[word], order);
}

uint64_t race_load_stale(const void *address, int order)
{
    unsigned word = number_word(address);

    learn(weak_release(word), order);
    return weak_value(word);
}

/* A store, or the store of an update, that is visible at once. */
static void write_now(unsigned word, int order, uint64_t previous)
{
    unsigned self = sim_self->index;

    weak_written(word, self, clocks[self].at[self], previous, &release[word]);
    if (order == memory_order_seq_cst) {
        weak_synchronize(self);
    }
}

void race_store(const void *address, int order, uint64_t previous)
{
    unsigned word = number_word(address);

    write_now(word, order, previous);
    release[word] = told(order);
}

void race_update(const void *address, int order, uint64_t previous)
{
    unsigned word = number_word(address);

    race_load(address, order);
    write_now(word, order, previous);
    struct race_clock clock = told(order);
    race_join(&release[word], &clock);
}

void race_fence(int order)
{
    unsigned self = sim_self->index;
    if (acquires(order)) {
        race_join(&clocks[self], &acquirable[self]);
    }
    if (order == memory_order_seq_cst) {
        weak_synchronize(self);
    }
    if (releases(order)) {
        fenced[self] = clocks[self];
        clocks[self].at[self]++;
    }
}

/* ---- plain accesses ---- */

static void report(const char *what, unsigned other, const void *address, const void *pc)
{
    check_fail("K8", "race: processor %u %s %p without order after processor %u, @%p",
               sim_self->index, what, address, other, pc);
}

static void touch_cell(uint16_t *cell, bool writes, const void *address, const void *pc)
{
    unsigned self = sim_self->index;
    const struct race_clock *known = &clocks[self];

    if (cell[CELL_WRITTEN] > known->at[cell[CELL_WRITER]]) {
        report(writes ? "writes" : "reads", cell[CELL_WRITER], address, pc);
    }
    if (!writes) {
        cell[CELL_READ + self] = known->at[self];
        return;
    }
    for (unsigned i = 0; i < sim_count; i++) {
        if (cell[CELL_READ + i] > known->at[i]) {
            report("writes", i, address, pc);
        }
        cell[CELL_READ + i] = 0;
    }
    cell[CELL_WRITER] = (uint16_t)self;
    cell[CELL_WRITTEN] = known->at[self];
}

/* Another's stack may be read only for the argument of its call, while the worker runs (K5). */
static void check_stack(const void *address, const void *pc)
{
    struct sim_range stacks = sim_stack(0);
    uintptr_t offset = (uintptr_t)address - (uintptr_t)stacks.base;
    uintptr_t owner = offset / stacks.size;
    if (owner < sim_count && owner != sim_self->index && !check_stack_open((unsigned)owner)) {
        check_fail("K5", "processor %u touches the stack of processor %u, @%p", sim_self->index,
                   (unsigned)owner, pc);
    }
}

void race_plain(void *address, unsigned size, bool writes, const void *pc)
{
    if (!number_exists(address)) {
        check_stack(address, pc);
        return;
    }
    for (unsigned i = 0; i < size; i += NUMBERS_GRANULE) {
        unsigned index = number_cell((char *)address + i);
        touch_cell(&cells[index * CELL_SIZE(sim_count)], writes, address, pc);
    }
}

/* ---- state ---- */

void race_register_state(void)
{
    state_add(clocks, sim_count * sizeof clocks[0], false);
    state_add(acquirable, sim_count * sizeof acquirable[0], false);
    state_add(fenced, sim_count * sizeof fenced[0], false);
    state_add(buffered, sim_count * sizeof buffered[0], false);
    state_add(buffered_epoch, sim_count * sizeof buffered_epoch[0], false);
    state_add(release, NUMBERS_WORDS_OF(sim_count) * sizeof release[0], false);
    weak_register_state();
    state_add(cells, NUMBERS_CELLS_OF(sim_count) * CELL_SIZE(sim_count) * sizeof cells[0], false);
}

/* Before the first access; the numbers are also forgotten, since the memory has moved. */
void race_reset(void)
{
    numbers_reset();
    memset(clocks, 0, sizeof clocks);
    memset(acquirable, 0, sizeof acquirable);
    memset(fenced, 0, sizeof fenced);
    memset(buffered, 0, sizeof buffered);
    memset(buffered_epoch, 0, sizeof buffered_epoch);
    weak_reset();
    memset(release, 0, sizeof release);
    memset(cells, 0, sizeof cells);
    for (unsigned i = 0; i < EXPLORE_PROCESSORS; i++) {
        clocks[i].at[i] = 1;
    }
}

/* ---- the hash ---- */

/* The epochs not known to everybody: a few, each with its place. */
struct fresh {
    uint16_t epoch;
    uint16_t of;
    uint32_t place;
};

struct race_collection {
    struct race_clock base; /* per processor: the epoch that everybody knows */
    struct fresh *fresh;
    unsigned count, place;
    uint64_t values;
    uint64_t used[EXPLORE_PROCESSORS][RANKS / 64]; /* which epochs above the base occur */
};

static inline bool collect_epoch(struct race_collection *all, unsigned of, uint16_t epoch)
{
    unsigned above = (unsigned)epoch - all->base.at[of];
    if (epoch <= all->base.at[of]) {
        return false;
    }
    all->fresh[all->count++] =
        (struct fresh){ .epoch = (uint16_t)above, .of = (uint16_t)of, .place = all->place };
    if (above < RANKS) {
        all->used[of][above / 64] |= 1ull << above % 64;
    }
    return true;
}

static inline void collect_clock(struct race_collection *all, const struct race_clock *clock)
{
    all->place++;
    for (unsigned i = 0; i < sim_count; i++) {
        collect_epoch(all, i, clock->at[i]);
    }
}

void race_collect_clock(struct race_collection *all, const struct race_clock *clock)
{
    collect_clock(all, clock);
}

bool race_collect_epoch(struct race_collection *all, unsigned of, uint16_t epoch)
{
    all->place++;
    return collect_epoch(all, of, epoch);
}

void race_collect_value(struct race_collection *all, uint64_t value)
{
    all->values = state_mix(all->values, value, all->place);
}

static void collect_cell(struct race_collection *all, const uint16_t *cell)
{
    all->place += 2;
    collect_epoch(all, cell[CELL_WRITER], cell[CELL_WRITTEN]);
    all->place++;
    for (unsigned i = 0; i < sim_count; i++) {
        collect_epoch(all, i, cell[CELL_READ + i]);
    }
}

static void collect_all(struct race_collection *all)
{
    for (unsigned i = 0; i < sim_count; i++) {
        collect_clock(all, &clocks[i]);
        collect_clock(all, &acquirable[i]);
        collect_clock(all, &fenced[i]);
        for (unsigned j = 0; j < BUFFER_DEPTH; j++) {
            collect_clock(all, &buffered[i][j]);
            (void)race_collect_epoch(all, i, buffered_epoch[i][j]);
        }
    }
    for (unsigned i = 1; i < numbers_of_words(); i++) {
        collect_clock(all, &release[i]);
    }
    /* Words are numbered as schedules touch them: cells take places apart from the words'. */
    all->place = 1u << 16;
    for (unsigned i = 1; i < numbers_of_cells(); i++) {
        collect_cell(all, &cells[i * CELL_SIZE(sim_count)]);
    }
}

/* The number of different epochs of that processor below. Beyond RANKS: itself; prunes less. */
static unsigned rank(const struct race_collection *all, const struct fresh *fresh)
{
    if (fresh->epoch >= RANKS) {
        return fresh->epoch;
    }
    const uint64_t *used = all->used[fresh->of];
    uint64_t below = used[fresh->epoch / 64] & ((1ull << fresh->epoch % 64) - 1);
    unsigned result = (unsigned)__builtin_popcountll(below);
    for (unsigned i = 0; i < fresh->epoch / 64; i++) {
        result += (unsigned)__builtin_popcountll(used[i]);
    }
    return result;
}

uint64_t race_hash(uint64_t hash)
{
    static struct fresh fresh[1u << 15];
    struct race_collection all = { .fresh = fresh };

    for (unsigned i = 0; i < sim_count; i++) {
        all.base.at[i] = UINT16_MAX;
        for (unsigned j = 0; j < sim_count; j++) {
            if (clocks[j].at[i] < all.base.at[i]) {
                all.base.at[i] = clocks[j].at[i];
            }
        }
    }
    collect_all(&all);
    all.place = 2u << 16;
    weak_collect(&all);
    hash ^= all.values;
    for (unsigned i = 0; i < all.count; i++) {
        uint64_t word = (uint64_t)fresh[i].place << 32 | fresh[i].of << 16 | rank(&all, &fresh[i]);
        hash = state_mix(hash, word, i);
    }
    return hash;
}
