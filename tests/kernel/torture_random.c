/*
 * Chance: deterministic streams, and what is drawn from them. Everything about a call is drawn
 * before it begins and nothing by the clock, so that where the machine is deterministic, too, a
 * seed gives the same run again.
 */
#include "kernel/irql.h"
#include "tests/kernel/torture.h"

#define LOCKED_ONE_IN 4

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

void torture_choose(struct torture_lane *lane, unsigned lowest, struct torture_action *action)
{
    struct torture_stream *stream = &lane->stream;

    *action = (struct torture_action){
        .kind = (enum torture_kind)torture_below(stream, TORTURE_KINDS),
        .irql = choose_irql(stream, lowest),
        .masked = torture_one_in(stream, 2),
    };
    /* A handler could wait for a lock that the code beneath it holds. */
    action->locked =
        lane->depth == 0 && action->irql >= IRQL_DISPATCH && torture_one_in(stream, LOCKED_ONE_IN);
}
