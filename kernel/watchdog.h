/*
 * When a call gets no further: the ladder from a second doorbell to a verdict (contract B3, B4).
 * watchdog.c tells how; verdict.c says in the end why a processor was silent.
 */
#ifndef KERNEL_WATCHDOG_H
#define KERNEL_WATCHDOG_H

#include "kernel/barrier.h"

/*
 * `missing` have not reached `mark`, and one more quarter of the patience has passed, `quarters` by
 * now: they are rung again, and from the second quarter on also asked. `opening`: it is the first
 * barrier, to which the doorbell calls. The caller has the turn. IRQL: IPI_LEVEL.
 */
void watchdog_step(unsigned quarters, const struct processor_set *missing, bool opening);

/*
 * A wait is over, and all of `members` are there but `missing` (NULL: all are): says which of them
 * were late. The same caller.
 */
void watchdog_welcome(const struct processor_set *members, const struct processor_set *missing);

/*
 * `missing` were given up on in call `generation`, to which they were rung at `sent_ticks`: what
 * verdict_print() tells of. The caller has the turn. IRQL: CLOCK_LEVEL or above.
 */
void watchdog_condemn(const struct processor_set *missing, uint64_t generation,
                      uint64_t sent_ticks);

/*
 * `processor` (of any index) is to blame for a bug check 0x101: the verdict is on it, and when it
 * is inside a routine, on all that are. If it was given up on in the latest call, it is on all that
 * were; what was said of an earlier call counts no more. For the reporter, all others frozen.
 */
void watchdog_suspect(unsigned processor);

/* Whom a verdict is on. Nobody at first. */
struct watchdog_silence {
    struct processor_set missing;
    uint64_t generation; /* the call in which they were, or the latest there is */
    bool rung;           /* they were, for that call; else somebody waited for something else */
    uint64_t sent_ticks; /* when */
};
extern struct watchdog_silence watchdog_silence;

/* A look after the routine that `self` begins, where nobody else may look. IRQL: IPI_LEVEL. */
void watchdog_arm(struct processor *self, uint64_t now_ticks);

static inline void watchdog_guard_routine(struct processor *self, uint64_t now_ticks)
{
    if ((int64_t)(now_ticks - self->alarm.until_ticks) >= 0) {
        watchdog_arm(self, now_ticks);
    }
}

/* The alarm of arch_set_alarm(), with what it interrupted. IRQL: any, interrupts disabled. */
void watchdog_alarm(const void *machine_frame);

#endif
