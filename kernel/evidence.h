/*
 * What a processor that keeps others waiting is doing: asked by the unmaskable interrupt.
 */
#ifndef KERNEL_EVIDENCE_H
#define KERNEL_EVIDENCE_H

#include "kernel/arch.h"
#include "kernel/processor.h"

/* What a processor told of itself, all of it at one moment. */
struct evidence {
    uint64_t ticks;        /* when: what the flight recorder has of later does not belong to it */
    enum seat_phase phase; /* these two from its seat */
    uint64_t reached;
    struct arch_snapshot snapshot;
};

/*
 * Asks `suspects` to tell what they are doing, and returns at once. One that has not answered an
 * earlier question is not asked again. The caller has the turn. IRQL: IPI_LEVEL.
 */
void evidence_ask(const struct processor_set *suspects);

/*
 * The unmaskable interrupt has come: was it a question? Then it is answered by now. `machine_frame`
 * is where it came.
 */
bool evidence_answer(const void *machine_frame);

/* The latest answer of `processor`; NULL while a question is open, or if none was asked. */
const struct evidence *evidence_of(unsigned processor);

/* An answer of `processor` is of no use any more. Who may ask. */
void evidence_forget(unsigned processor);

/* Is a question to `processor` open for so long that who lives would have answered? */
bool evidence_is_overdue(unsigned processor);

/*
 * Two questions to the flight recorder, as it was at `until_ticks`. Which routine had `processor`
 * begun in the last call at which it arrived; NULL for none. Had it taken a doorbell since
 * `since_ticks`, a time of the processor that rang it?
 */
arch_worker *evidence_routine(unsigned processor, uint64_t until_ticks);
bool evidence_took_doorbell(unsigned processor, uint64_t since_ticks, uint64_t until_ticks);

#endif
