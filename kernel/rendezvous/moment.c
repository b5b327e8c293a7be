/* SPDX-License-Identifier: MIT */
/*
 * The wait for a moment.
 *
 * It is not a wait for another processor: nobody is to be named or woken. All it looks at is the
 * clock, and what it looks at may be wrong. So two things end it, each by this processor's clock
 * alone: the moment, and the longest that there is from its naming to it. A member that was given
 * up on may read a moment that is none; a clock may leap, ahead (the moment is over) or back (the
 * wait has then lasted for ages, as unsigned numbers count).
 *
 * Far from the moment each pass relaxes, so that a processor which shares the core, or the thread
 * of an emulator, gets on; in the last microseconds none does: a relaxed pass lasts as long as it
 * likes, and each processor would be late by another part of one.
 *
 * No halt: a wake-up takes longer than most such waits last. Where processors share cores the last
 * of them are late therefore; the user is told so.
 *
 * The serialising instruction keeps the processor from beginning ahead of the last look at the
 * clock, with loads whose values would be those of before the moment.
 */
#include "kernel/rendezvous/moment.h"

#include "include/muster.h"
#include "kernel/arch.h"
#include "kernel/upcall.h"

#define NS_PER_MS 1000000u
#define BARE_NS   2000 /* passes do not relax from here on */

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
