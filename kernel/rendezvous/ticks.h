/* SPDX-License-Identifier: MIT */
/*
 * Ticks of arch_ticks() as nanoseconds. Any number of ticks can be converted, since clocks that
 * disagree may be days apart. (With a single multiplication, two hours or so would exceed 64 bits.)
 */
#ifndef KERNEL_RENDEZVOUS_TICKS_H
#define KERNEL_RENDEZVOUS_TICKS_H

#include "kernel/arch.h"

#define TICKS_NS_PER_MS 1000000

static inline uint64_t ticks_to_ns(uint64_t ticks)
{
    uint64_t per_ms = arch_ticks_per_ms();
    return ticks / per_ms * TICKS_NS_PER_MS + ticks % per_ms * TICKS_NS_PER_MS / per_ms;
}

/* From `since_ticks` to `ticks`; negative when that is earlier. */
static inline int64_t ticks_ns_since(uint64_t ticks, uint64_t since_ticks)
{
    bool earlier = (int64_t)(ticks - since_ticks) < 0;
    uint64_t ns = ticks_to_ns(earlier ? since_ticks - ticks : ticks - since_ticks);

    return earlier ? -(int64_t)ns : (int64_t)ns;
}

#endif
