/* SPDX-License-Identifier: MIT */
/*
 * Patience: how long silence lasts until somebody is to blame. One of it is behind every deadline
 * of the kernel: of a wait, of a collection, of a routine under the alarm, of a call that is not
 * waited for.
 *
 *   begin --a quarter passes--> look: 1 --> look: 2 --> look: 3 --> look: 4, and it is over
 *     ^                                                    |
 *     +---------------- progress, up to ten times ---------+
 *
 * It is counted in quarters, each of which is seen to pass, by a look at the clock or an alarm. So
 * a pause of whoever looks, however long, is one quarter; and where more can be done about silence
 * than to wait, each quarter is the time to do it (watchdog.c).
 *
 * Progress begins it anew. A trickle must not postpone the end for ever, but where processors share
 * cores many come one by one, each soon after the other; so progress counts only when a quarter had
 * passed before it, and counts ten times.
 */
#ifndef KERNEL_RENDEZVOUS_PATIENCE_H
#define KERNEL_RENDEZVOUS_PATIENCE_H

#include "include/muster.h" /* struct patience */
#include "kernel/arch.h"

/* So often progress, after a quarter of silence, begins it anew. */
#define PATIENCE_RESTARTS 10

/*
 * The kernel's patience, in milliseconds: set once, from `timeout_ms=` (5000), and lengthened where
 * a hypervisor may stop a processor, or the machine is slow (main.c).
 */
void patience_set_ms(uint32_t ms);
uint32_t patience_get_ms(void);

/*
 * In so many quarters, 4. The kernel does not change it. The explorer of schedules does, where time
 * is to pass in one leap.
 */
extern unsigned patience_quarters;

/* How long the kernel's patience is in ticks, and a quarter of it. */
static inline uint64_t patience_ticks(void)
{
    return (uint64_t)patience_get_ms() * arch_ticks_per_ms();
}

static inline uint64_t patience_quarter_ticks(void)
{
    return patience_ticks() / patience_quarters;
}

/*
 * Begins one that lasts `whole_ticks`: all zero until now, or renewed. What progress has cost so
 * far stays counted.
 */
static inline void patience_begin(struct patience *patience, uint64_t now_ticks,
                                  uint64_t whole_ticks)
{
    patience->began_ticks = now_ticks;
    patience->quarter_ticks = whole_ticks / patience_quarters;
}

/* One that is over when `ticks` have passed, in one piece. */
static inline void patience_begin_last_quarter(struct patience *patience, uint64_t now_ticks,
                                               uint64_t ticks)
{
    patience->began_ticks = now_ticks;
    patience->quarter_ticks = ticks;
    patience->quarters = patience_quarters - 1;
}

static inline bool patience_has_begun(const struct patience *patience)
{
    return patience->began_ticks != 0;
}

static inline bool patience_is_over(const struct patience *patience)
{
    return patience->quarters >= patience_quarters;
}

/*
 * How long after the end of the present quarter, in ticks; negative: before it. Whoever looks may
 * do so by another processor's clock than the last look, which may be behind.
 */
static inline int64_t patience_ticks_late(const struct patience *patience, uint64_t now_ticks)
{
    return (int64_t)(now_ticks - patience->began_ticks - patience->quarter_ticks);
}

/* One more quarter has passed: an alarm, which comes so often, or a look at the clock says so. */
static inline void patience_pass_quarter(struct patience *patience)
{
    patience->quarters++;
}

/* A look at the clock: has one more quarter passed? The next one counts from now. */
static inline bool patience_look(struct patience *patience, uint64_t now_ticks)
{
    if (patience_is_over(patience) || patience_ticks_late(patience, now_ticks) <= 0) {
        return false;
    }
    patience_pass_quarter(patience);
    if (!patience_is_over(patience)) {
        patience->began_ticks = now_ticks;
    }
    return true;
}

/* Begins anew, when it is looked at next. */
static inline void patience_renew(struct patience *patience)
{
    patience->began_ticks = 0;
    patience->quarters = 0;
}

/* A processor that is waited for has made progress. */
static inline void patience_progress(struct patience *patience)
{
    if (patience->quarters == 0 || patience->restarts < PATIENCE_RESTARTS) {
        patience->restarts += patience->quarters != 0;
        patience_renew(patience);
    }
}

#endif
