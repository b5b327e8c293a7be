/* SPDX-License-Identifier: MIT */
/*
 * Patience: how long a silence may last before a processor is blamed for it. Every deadline of the
 * kernel is a patience: that of a wait, of a collection, of a routine under the alarm, of a call
 * that is not waited for.
 *
 *   begin --a quarter passes--> look: 1 --> look: 2 --> look: 3 --> look: 4, and it is over
 *     ^                                                    |
 *     +---------------- progress, up to ten times ---------+
 *
 * It is counted in quarters. A look at the clock, or an alarm, notices that a quarter has passed.
 * So a pause of the processor that looks counts as one quarter, however long it is. And where
 * something can be done about silence, it is done at each quarter (watchdog.c).
 *
 * Progress restarts it. A trickle of arrivals must not postpone the end for ever; but where
 * processors share cores, many may arrive one by one, each soon after the one before. So only
 * restarts after a quarter of silence are counted, and there may be ten of them.
 */
#ifndef KERNEL_RENDEZVOUS_PATIENCE_H
#define KERNEL_RENDEZVOUS_PATIENCE_H

#include "include/muster.h" /* struct patience */
#include "kernel/arch.h"

/* The number of times that progress after a quarter of silence restarts it. */
#define PATIENCE_RESTARTS 10

/*
 * The kernel's patience, in milliseconds. It is set once, from `timeout_ms=` (5000), and lengthened
 * where a hypervisor may stop a processor or the machine is slow (main.c).
 */
void patience_set_ms(uint32_t ms);
uint32_t patience_get_ms(void);

/*
 * The number of quarters: 4. The kernel does not change it. The explorer of schedules does, to let
 * time pass in one step.
 */
extern unsigned patience_quarters;

/* The kernel's patience in ticks, and a quarter of it. */
static inline uint64_t patience_ticks(void)
{
    return (uint64_t)patience_get_ms() * arch_ticks_per_ms();
}

static inline uint64_t patience_quarter_ticks(void)
{
    return patience_ticks() / patience_quarters;
}

/*
 * Begins `patience`, to last `whole_ticks`. It must be all zero, or have been renewed. The restarts
 * counted so far stay counted.
 */
static inline void patience_begin(struct patience *patience, uint64_t now_ticks,
                                  uint64_t whole_ticks)
{
    patience->began_ticks = now_ticks;
    patience->quarter_ticks = whole_ticks / patience_quarters;
}

/* Begins `patience`, to be over when `ticks` have passed, without quarters. */
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
 * How many ticks after the end of the present quarter it is; negative: before it. This look and the
 * last one may be by the clocks of two processors, so time may seem to run backwards.
 */
static inline int64_t patience_ticks_late(const struct patience *patience, uint64_t now_ticks)
{
    return (int64_t)(now_ticks - patience->began_ticks - patience->quarter_ticks);
}

/* One more quarter has passed: an alarm came, or a look at the clock says so. */
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

/* Restarts at the next look. */
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
