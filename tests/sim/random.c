/* SPDX-License-Identifier: MIT */
/*
 * Random schedules, by the PCT method. Source: Burckhardt et al., "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
 *
 * Each processor has a random priority, and the highest that can go on does; at d - 1 random steps
 * the one that would go on drops below all others. A bug that needs d ordering constraints is found
 * with a probability of at least 1 / (n k^(d-1)) in each schedule of n processors and k steps. A
 * coin decides whether a pending interrupt is taken now or later; likewise for draining a store.
 *
 * The number of a schedule is its seed: everything random in the schedule comes from it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/explore.h"

#define CHANGES 4u  /* d - 1 */
#define RARITY  64u /* one choice in this many is a fault, while any are left */

static uint64_t random_state;

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t value = random_state += 0x9e3779b97f4a7c15ull;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
    value = (value ^ value >> 27) * 0x94d049bb133111ebull;
    return value ^ value >> 31;
}

static unsigned draw_below(unsigned limit)
{
    return (unsigned)((draw() >> 32) * limit >> 32);
}

struct priorities {
    int of[EXPLORE_PROCESSORS];
    unsigned change_at[CHANGES];
    int lowest;
};

static void draw_priorities(struct priorities *priorities, unsigned length)
{
    for (unsigned i = 0; i < sim_count; i++) {
        priorities->of[i] = (int)i;
    }
    for (unsigned i = sim_count; i > 1; i--) {
        unsigned other = draw_below(i);
        int kept = priorities->of[i - 1];
        priorities->of[i - 1] = priorities->of[other];
        priorities->of[other] = kept;
    }
    for (unsigned i = 0; i < CHANGES; i++) {
        priorities->change_at[i] = draw_below(length);
    }
    priorities->lowest = -1;
}

static bool is_fault(const struct choice *choice)
{
    return choice->kind == CHOICE_RUN_DROPPING || choice->kind == CHOICE_SPURIOUS ||
           choice->kind == CHOICE_LEAP || choice->kind == CHOICE_RUN_STALE;
}

/* One of the faults, or of the drains, by chance; `count` for neither. */
static unsigned choose_aside(const struct choice *choices, unsigned count)
{
    unsigned at = draw_below(count);

    if (is_fault(&choices[at]) && draw_below(RARITY) == 0) {
        return at;
    }
    if (choices[at].kind == CHOICE_DRAIN && draw_below(2) == 0) {
        return at;
    }
    return count;
}

/* The processor with the highest priority: its interrupt or its step, by a coin. */
static unsigned choose_by_priority(const struct priorities *priorities,
                                   const struct choice *choices, unsigned count)
{
    unsigned best = count;

    for (unsigned i = 0; i < count; i++) {
        if (is_fault(&choices[i]) || choices[i].kind == CHOICE_DRAIN) {
            continue;
        }
        if (best == count ||
            priorities->of[choices[i].processor] > priorities->of[choices[best].processor] ||
            (choices[i].processor == choices[best].processor && draw_below(2) == 0)) {
            best = i;
        }
    }
    return best == count ? draw_below(count) : best;
}

static unsigned choose(struct priorities *priorities, const struct choice *choices, unsigned count,
                       unsigned step)
{
    if (count == 1) {
        return 0;
    }
    unsigned chosen = choose_aside(choices, count);
    if (chosen != count) {
        return chosen;
    }
    chosen = choose_by_priority(priorities, choices, count);
    for (unsigned i = 0; i < CHANGES; i++) {
        if (priorities->change_at[i] == step) {
            priorities->of[choices[chosen].processor] = priorities->lowest--;
            chosen = choose_by_priority(priorities, choices, count);
        }
    }
    return chosen;
}

/* The usual length of this scenario's schedules, so that the changes fall within. */
static unsigned usual_length(void)
{
    return 60 * sim_count * scenario->calls;
}

unsigned random_run(uint64_t number)
{
    struct choice choices[CHOICE_LIMIT];
    struct priorities priorities;
    unsigned steps = 0, count;

    random_state = number;
    draw_priorities(&priorities, usual_length());
    while (failed_clause == NULL && (count = choices_list(choices)) != 0) {
        const struct choice *choice = &choices[choose(&priorities, choices, count, steps)];
        trace_step(choice);
        choices_do(choice);
        if (++steps > SCHEDULE_STEPS) {
            check_fail("livelock", "%u steps and no end", steps);
        }
    }
    check_end();
    return steps;
}

void random_explore(const struct scenario *chosen, unsigned width, uint64_t number, uint64_t count,
                    struct exploration *result)
{
    static struct state_copy start;

    *result = (struct exploration){ .complete = true };
    scenario_set_up(chosen, width);
    state_save(&start);
    for (uint64_t i = 0; i < count && failed_clause == NULL; i++) {
        state_restore(&start);
        unsigned steps = random_run(number + i);
        result->schedules++;
        result->ended += !explore_world.stopped;
        result->steps += steps;
        result->longest = steps > result->longest ? steps : result->longest;
        if (failed_clause != NULL) {
            result->clause = failed_clause;
            result->failed_steps = steps;
            snprintf(result->seed, sizeof result->seed, "%s/%u:r%llu", chosen->name, width,
                     (unsigned long long)(number + i));
        }
        progress_show(result->schedules);
    }
    if (failed_clause == NULL && result->ended == 0 && !scenario_stops()) {
        check_fail("explorer", "each schedule is cut short by a bug check: nothing is shown");
        result->clause = failed_clause;
    }
}
