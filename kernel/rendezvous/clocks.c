/* SPDX-License-Identifier: MIT */
/*
 * What is known about the processors' clocks, and what a call at a moment itself shows of them. How
 * they are measured, and why that works, is in clocks_measure.c.
 */
#include "kernel/rendezvous/clocks.h"

#include "kernel/rendezvous/moment.h"
#include "kernel/rendezvous/ticks.h"
#include "kernel/upcall.h"

/* The clock of an arriving processor may be read this long before the load that let it arrive. */
#define READ_AHEAD_NS 1000

struct clocks_finding clocks_judge(unsigned processor, int64_t there_ticks, int64_t back_ticks)
{
    int64_t shorter = there_ticks < back_ticks ? there_ticks : back_ticks;
    int64_t longer = there_ticks < back_ticks ? back_ticks : there_ticks;

    if (shorter < 0) {
        return (struct clocks_finding){ CLOCKS_DISAGREE, processor,
                                        ticks_to_ns((uint64_t)-shorter) };
    }
    if (longer == CLOCKS_NEVER || ticks_to_ns((uint64_t)longer) > RENDEZVOUS_RELEASE_LIMIT_NS) {
        return (struct clocks_finding){ CLOCKS_UNKNOWN, processor, 0 };
    }
    return (struct clocks_finding){ CLOCKS_AGREE, processor, ticks_to_ns((uint64_t)longer) };
}

void clocks_note(const struct clocks_finding *finding)
{
    atomic_store_explicit(&processors[finding->processor]->clock_agrees,
                          finding->status == CLOCKS_AGREE, memory_order_relaxed);
}

void clocks_tell(const struct clocks_finding *finding)
{
    if (finding->status == CLOCKS_DISAGREE) {
        log_line("the clock of processor %u disagrees by %llu ns", finding->processor,
                 (unsigned long long)finding->ns);
    } else if (finding->status == CLOCKS_UNKNOWN) {
        log_line("the clock of processor %u could not be measured", finding->processor);
    }
}

void clocks_watch(const struct rendezvous_result *result)
{
    const uint64_t slack_ticks = moment_span_ticks(READ_AHEAD_NS);
    uint64_t released_ticks = arch_processor()->seat.released_ticks;

    processor_set_for_each(i, result->members) {
        uint64_t arrived_ticks = processors[i]->seat.arrived_ticks;
        struct clocks_finding finding =
            clocks_judge(i, (int64_t)(arrived_ticks - result->sent_ticks + slack_ticks),
                         (int64_t)(released_ticks - arrived_ticks + slack_ticks));
        if (finding.status == CLOCKS_DISAGREE) {
            clocks_note(&finding);
            clocks_tell(&finding);
        }
    }
}
