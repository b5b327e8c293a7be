/* SPDX-License-Identifier: MIT */
/*
 * All schedules of a scenario with at most the given number of preemptions: depth first, from copy
 * to copy.
 *
 * Where more than one thing may happen, the state is copied and the first choice is made; when
 * everything that follows from it has been explored, the copy is restored and the next choice is
 * made. A state that was met before, with at least as many preemptions left, is not explored again:
 * whatever can follow now could follow then. The comparison covers all of the state (state.c), the
 * processor that went on last, since switching away from it may cost a preemption, and the faults
 * left.
 *
 * A state that is met again on the path from itself is a cycle: a schedule that never ends. If
 * every processor that could go on all the way round did go on, no fair scheduler would end it:
 * livelock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/explore.h"

/* ---- the states that were met ---- */

/* The hash; its low byte is preemptions left + 1, and a flag: on the present path. */
#define BUDGET_MASK 0x7full
#define ON_PATH     0x80ull
#define TAG_MASK    (~0xffull)

struct table {
    uint64_t *slots;
    size_t size, used;
};

static struct table table;

static uint64_t *table_find(uint64_t hash)
{
    size_t at = ((hash & TAG_MASK) * 0x9e3779b97f4a7c15ull) >> 20 & (table.size - 1);
    while (table.slots[at] != 0 && (table.slots[at] & TAG_MASK) != (hash & TAG_MASK)) {
        at = (at + 1) & (table.size - 1);
    }
    return &table.slots[at];
}

static void table_resize(size_t size)
{
    struct table old = table;

    table.slots = calloc(size, sizeof table.slots[0]);
    if (table.slots == NULL) {
        fprintf(stderr, "explore: no memory for %zu states\n", size);
        exit(2);
    }
    table.size = size;
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i] != 0) {
            *table_find(old.slots[i]) = old.slots[i];
        }
    }
    free(old.slots);
}

static void table_clear(void)
{
    free(table.slots);
    table = (struct table){ NULL, 0, 0 };
    table_resize(1u << 16);
}

/* ---- the path: one node for each state with several choices ---- */

struct node {
    struct state_copy copy;
    struct choice choices[CHOICE_LIMIT];
    unsigned count, next;
    unsigned budget;
    unsigned steps; /* of the schedule so far */
    uint64_t hash;
    uint32_t could_run; /* processors that could continue here */
    uint32_t ran;       /* in the steps that led from here to the next node */
};

#define NODE_LIMIT 4096u

static struct node *path[NODE_LIMIT];
static unsigned depth;
static unsigned budget, steps;

/* ---- one state ---- */

static uint32_t able(const struct choice *choices, unsigned count)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < count; i++) {
        if (choices[i].kind <= CHOICE_DELIVER) {
            mask |= 1u << choices[i].processor;
        }
    }
    return mask;
}

static void take(const struct choice *choice)
{
    budget -= choice->cost;
    steps++;
    if (depth != 0 && choice->kind <= CHOICE_DELIVER) {
        path[depth - 1]->ran |= 1u << choice->processor;
    }
    choices_do(choice);
    if (steps > SCHEDULE_STEPS) {
        check_fail("livelock", "%u steps and no end", steps);
    }
}

/* The path has come back to a state on it. */
static void check_fair_cycle(uint64_t hash)
{
    uint32_t ran = 0, could_always = UINT32_MAX;
    unsigned i = depth;

    do {
        i--;
        ran |= path[i]->ran;
        could_always &= path[i]->could_run;
    } while (i != 0 && path[i]->hash != hash);
    if (path[i]->hash == hash && (could_always & ~ran) == 0) {
        check_fail("livelock", "every processor that can run does, and nothing changes");
    }
}

enum arrival { ARRIVAL_NEW, ARRIVAL_SEEN };

/* Must the state be explored? If so, it counts as known from now on. */
static enum arrival arrive(uint64_t hash)
{
    if (table.used * 2 > table.size) {
        table_resize(table.size * 2);
    }
    uint64_t *slot = table_find(hash);
    if (*slot == 0) {
        table.used++;
    } else if ((*slot & BUDGET_MASK) >= budget + 1) {
        if ((*slot & ON_PATH) != 0) {
            check_fair_cycle(hash);
        }
        return ARRIVAL_SEEN;
    }
    *slot = (hash & TAG_MASK) | ON_PATH | (budget + 1);
    return ARRIVAL_NEW;
}

static void push(const struct choice *choices, unsigned count, uint64_t hash)
{
    if (depth == NODE_LIMIT) {
        check_fail("livelock", "%u choices and no end", depth);
        return;
    }
    if (path[depth] == NULL) {
        path[depth] = calloc(1, sizeof *path[depth]);
    }
    struct node *node = path[depth++];
    state_save(&node->copy);
    memcpy(node->choices, choices, count * sizeof choices[0]);
    node->count = count;
    node->next = 0;
    node->budget = budget;
    node->steps = steps;
    node->hash = hash;
    node->could_run = able(choices, count);
    node->ran = 0;
}

/* Back to the last state with an affordable choice left; false when there is none. */
static bool step_back(void)
{
    while (depth != 0) {
        struct node *node = path[depth - 1];
        while (node->next < node->count && node->choices[node->next].cost > node->budget) {
            node->next++;
        }
        if (node->next < node->count) {
            state_restore(&node->copy);
            budget = node->budget;
            steps = node->steps;
            node->ran = 0;
            take(&node->choices[node->next++]);
            return true;
        }
        uint64_t *slot = table_find(node->hash);
        *slot &= ~ON_PATH;
        depth--;
    }
    return false;
}

/* ---- the search ---- */

/* The schedule that has just failed, as departures from the first choice at each node. */
static void record_failure(struct exploration *result)
{
    struct schedule schedule = { .departures = 0 };

    for (unsigned i = 0; i < depth; i++) {
        unsigned choice = path[i]->next - 1;
        if (choice != 0) {
            schedule_add(&schedule, i, choice);
        }
    }
    result->clause = failed_clause;
    result->failed_steps = steps;
    schedule_print(&schedule, result->seed, sizeof result->seed);
}

/* Runs until nothing can run or the state is known. */
static void run_down(struct exploration *result)
{
    struct choice choices[CHOICE_LIMIT];

    while (failed_clause == NULL) {
        unsigned count = choices_list(choices);
        if (count == 0) {
            check_end();
            result->schedules++;
            result->ended += !explore_world.stopped;
            result->longest = steps > result->longest ? steps : result->longest;
            return;
        }
        if (count == 1) {
            take(&choices[0]);
            continue;
        }
        uint64_t hash = state_hash();
        if (arrive(hash) == ARRIVAL_SEEN) {
            result->pruned++;
            return;
        }
        push(choices, count, hash);
        take(&path[depth - 1]->choices[path[depth - 1]->next++]);
    }
}

void search_explore(const struct scenario *chosen, unsigned bound, uint64_t state_limit,
                    struct exploration *result)
{
    *result = (struct exploration){ .clause = NULL };
    scenario_set_up(chosen, chosen->processors);
    table_clear();
    depth = steps = 0;
    budget = bound;
    do {
        run_down(result);
        progress_show(table.used);
    } while (failed_clause == NULL && table.used < state_limit && step_back());
    if (failed_clause == NULL && result->ended == 0 && !scenario_stops()) {
        check_fail("explorer", "each schedule is cut short by a bug check: nothing is shown");
    }
    if (failed_clause != NULL) {
        record_failure(result);
    }
    result->states = table.used;
    result->complete = depth == 0;
}
