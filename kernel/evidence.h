/*
 * What a processor that keeps others waiting is doing: asked by the unmaskable interrupt.
 */
#ifndef KERNEL_EVIDENCE_H
#define KERNEL_EVIDENCE_H

#include "kernel/arch.h"

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
const struct arch_snapshot *evidence_of(unsigned processor);

/* An answer of `processor` is of no use any more. Who may ask. */
void evidence_forget(unsigned processor);

/* Is a question to `processor` open? */
bool evidence_is_open(unsigned processor);

/* The routine that `processor` began last, as the flight recorder has it; NULL if it has none. */
arch_worker *evidence_routine(unsigned processor);

/* Has `processor` taken a doorbell since `leader` last rang, as the flight recorder has it? */
bool evidence_took_doorbell(unsigned processor, unsigned leader);

#endif
