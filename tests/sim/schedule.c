/* SPDX-License-Identifier: MIT */
/*
 * Schedules as text. A seed is SCENARIO/PROCESSORS: followed by one of two things. Either `r` and
 * the number of a random schedule, or the departures from the first choice, each as NODE.CHOICE,
 * joined by commas: at the NODEth state where several things could happen, choice number CHOICE was
 * made (choices.c lists the choices).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/explore.h"

void schedule_add(struct schedule *schedule, unsigned node, unsigned choice)
{
    if (schedule->departures < DEPARTURE_LIMIT) {
        schedule->departure[schedule->departures++] = (struct departure){ node, choice };
    }
}

void schedule_print(const struct schedule *schedule, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s/%u:", scenario->name, sim_count);

    for (unsigned i = 0; i < schedule->departures && length < size; i++) {
        length += (size_t)snprintf(text + length, size - length, "%s%u.%u", i == 0 ? "" : ",",
                                   schedule->departure[i].node, schedule->departure[i].choice);
    }
}

const struct scenario *scenario_find(const char *name, size_t length)
{
    const struct scenario *found;

    for (unsigned i = 0; (found = scenario_at(i)) != NULL; i++) {
        if (strlen(found->name) == length && strncmp(found->name, name, length) == 0) {
            break;
        }
    }
    return found;
}

/* Parses a decimal number; `*text` then points at the character after it. */
static bool parse_number(const char **text, uint64_t *value)
{
    char *end;

    errno = 0;
    if (**text < '0' || **text > '9') {
        return false;
    }
    *value = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

static bool parse_departures(const char *text, struct schedule *schedule)
{
    uint64_t node, choice;

    while (*text != '\0') {
        if (!parse_number(&text, &node) || *text++ != '.' || !parse_number(&text, &choice) ||
            choice >= CHOICE_LIMIT || node > UINT32_MAX ||
            schedule->departures == DEPARTURE_LIMIT) {
            return false;
        }
        schedule_add(schedule, (unsigned)node, (unsigned)choice);
        if (*text != '\0' && (*text++ != ',' || *text == '\0')) {
            return false;
        }
    }
    return true;
}

bool schedule_parse(const char *text, struct seed *seed)
{
    const char *slash = strchr(text, '/');
    uint64_t width;

    memset(seed, 0, sizeof *seed);
    if (slash == NULL || (seed->scenario = scenario_find(text, (size_t)(slash - text))) == NULL) {
        return false;
    }
    text = slash + 1;
    if (!parse_number(&text, &width) || *text++ != ':' || width == 0 ||
        width > EXPLORE_PROCESSORS) {
        return false;
    }
    seed->processors = (unsigned)width;
    if (*text == 'r') {
        text++;
        seed->random = true;
        return parse_number(&text, &seed->number) && *text == '\0';
    }
    return parse_departures(text, &seed->schedule);
}

/* Follows the departures; false when a node is never reached, or offers fewer choices. */
static bool replay_departures(const struct schedule *schedule, struct exploration *result)
{
    struct choice choices[CHOICE_LIMIT];
    unsigned node = 0, at = 0, count;

    while (failed_clause == NULL && result->steps < SCHEDULE_STEPS &&
           (count = choices_list(choices)) != 0) {
        unsigned choice = 0;
        if (count > 1) {
            if (at < schedule->departures && schedule->departure[at].node == node) {
                choice = schedule->departure[at++].choice;
            }
            node++;
        }
        if (choice >= count) {
            return false;
        }
        trace_step(&choices[choice]);
        choices_do(&choices[choice]);
        result->steps++;
    }
    if (failed_clause == NULL && result->steps == SCHEDULE_STEPS) {
        check_fail("livelock", "%u steps and no end", SCHEDULE_STEPS);
    }
    check_end();
    return failed_clause != NULL || at == schedule->departures;
}

bool schedule_replay(const struct seed *seed, struct exploration *result)
{
    bool fits = true;

    *result = (struct exploration){ .schedules = 1 };
    scenario_set_up(seed->scenario, seed->processors);
    trace_begin();
    if (seed->random) {
        result->steps = random_run(seed->number);
    } else {
        fits = replay_departures(&seed->schedule, result);
    }
    trace_end();
    result->clause = failed_clause;
    result->failed_steps = (unsigned)result->steps;
    return fits;
}
