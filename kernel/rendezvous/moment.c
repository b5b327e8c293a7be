/* SPDX-License-Identifier: MIT */
/*
 * The wait for a moment.
 *
 * This is not a wait for another processor: there is nobody to name or to wake. It looks only at
 * the clock, and the value that it compares the clock with may be wrong. So two things end it, each
 * by this processor's clock alone: the moment is reached, or the longest possible time from naming
 * a moment to the moment itself has passed. A member that was given up on may read a value that is
 * not a moment. A clock may jump forward (the moment is over) or back (in unsigned arithmetic, the
 * wait has then lasted for ages).
 *
 * Far from the moment, each pass relaxes, so that a processor that shares the core, or the thread
 * of an emulator, can run. In the last microseconds no pass does: a relaxed pass may take any time,
 * and each processor would be late by a different fraction of it.
 *
 * No halt: a wake-up takes longer than most such waits last. So where processors share cores, the
 * last of them are late; the user's documentation says so.
 *
 * The serialising instruction keeps the processor from starting the routine ahead of the last look
 * at the clock, with loads whose values date from before the moment.
 */
#include "kernel/rendezvous/moment.h"

#include "include/muster.h"
#include "kernel/arch.h"
#include "kernel/upcall.h"

#define NS_PER_MS 1000000u
#define BARE_NS   2000 /* closer than this, passes do not relax */

uint64_t moment_span_ticks(uint32_t ns)
{
    return (ns * arch_ticks_per_ms() + NS_PER_MS - 1) / NS_PER_MS;
}

void moment_await(uint64_t due_ticks)
{
    const uint64_t limit_ticks = moment_span_ticks(RENDEZVOUS_RELEASE_LIMIT_NS);
    const uint64_t bare_ticks = moment_span_ticks(BARE_NS);
    uint64_t began_ticks = arch_ticks(), now_ticks = began_ticks;

    while (now_ticks < due_ticks && now_ticks - began_ticks <= limit_ticks) {
        if (due_ticks - now_ticks > bare_ticks) {
            bugcheck_poll_freeze();
            arch_relax();
        }
        now_ticks = arch_ticks();
    }
    arch_serialize();
}
