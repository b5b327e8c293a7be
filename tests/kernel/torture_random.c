/* SPDX-License-Identifier: MIT */
/*
 * Random choices: deterministic streams, and the values drawn from them. All properties of a call
 * are drawn before it begins, and none depends on the clock. So on a deterministic machine the
 * same seed repeats the same run.
 */
#include "kernel/irql.h"
#include "tests/kernel/torture.h"

#define LOCKED_ONE_IN  4
#define TIMEOUT_ONE_IN 8
#define TIMEOUT_MS     4 /* at most: some are too short when many processors call */

/* Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
uint64_t torture_random(struct torture_stream *stream)
{
    uint64_t value = stream->state += 0x9e3779b97f4a7c15;

    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

unsigned torture_below(struct torture_stream *stream, unsigned limit)
{
    return (unsigned)(torture_random(stream) % limit);
}

bool torture_one_in(struct torture_stream *stream, unsigned limit)
{
    return torture_below(stream, limit) == 0;
}

static unsigned choose_irql(struct torture_stream *stream, unsigned lowest)
{
    static const uint8_t levels[] = { IRQL_PASSIVE, IRQL_APC, IRQL_DISPATCH, IRQL_SYNCH,
                                      IRQL_CLOCK };
    unsigned choice = torture_below(stream, sizeof(levels) + 1);
    unsigned irql = choice < sizeof(levels)
                        ? levels[choice]
                        : IRQL_DEVICE_FIRST + torture_below(stream, IRQL_SYNCH - IRQL_DEVICE_FIRST);
    return irql < lowest ? lowest : irql;
}

/* One processor, or a quarter, half or three quarters of them; an empty set is legal, too. */
static void choose_targets(struct torture_stream *stream, struct processor_set *targets)
{
    unsigned density = torture_below(stream, 4);

    if (density == 0) {
        processor_set_add(targets, torture_below(stream, processor_count));
        return;
    }
    for (unsigned i = 0; i < processor_count; i++) {
        if (torture_below(stream, 4) < density) {
            processor_set_add(targets, i);
        }
    }
}

/* The properties that KeIpiGenericCall does not have. */
static void choose_extension(struct torture_stream *stream, struct torture_action *action)
{
    action->phases = 1 + torture_below(stream, (1u << RENDEZVOUS_PHASES) - 1);
    action->reported = torture_one_in(stream, 2);
    action->everybody = torture_one_in(stream, 4);
    if (!action->everybody) {
        choose_targets(stream, &action->targets);
    }
    if (torture_one_in(stream, TIMEOUT_ONE_IN)) {
        action->timeout_ms = 1 + torture_below(stream, TIMEOUT_MS);
    }
}

/* A handler could wait for a lock or a posted call of the code that it interrupts. */
void torture_choose(struct torture_lane *lane, unsigned lowest, struct torture_action *action)
{
    struct torture_stream *stream = &lane->stream;
    unsigned kinds = lane->depth == 0 ? TORTURE_KINDS : TORTURE_POSTED;

    *action = (struct torture_action){
        .kind = (enum torture_kind)torture_below(stream, kinds),
        .irql = choose_irql(stream, lowest),
        .masked = torture_one_in(stream, 2),
        .everybody = true,
        .phases = 1u << RENDEZVOUS_ACTION,
    };
    action->locked =
        lane->depth == 0 && action->irql >= IRQL_DISPATCH && torture_one_in(stream, LOCKED_ONE_IN);
    if (action->kind == TORTURE_PHASED || action->kind == TORTURE_POSTED) {
        choose_extension(stream, action);
    }
}
