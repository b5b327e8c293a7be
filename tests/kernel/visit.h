/* SPDX-License-Identifier: MIT */
/*
 * A call that checks which processors it reached while processors go offline and come back: K4 and
 * C4 of each call.
 *
 * A processor that was online during the whole call has run the worker once, and one that was
 * offline all the time has not run it. For others, once and not at all are both right.
 */
#ifndef TESTS_KERNEL_VISIT_H
#define TESTS_KERNEL_VISIT_H

#include <wdm.h>

#include <stdbool.h>

/* Call and check; the second with the test's own worker, which calls visit_count(). IRQL: < IPI. */
void visit_call(void);
void visit_call_with(PKIPI_BROADCAST_WORKER worker);
ULONG_PTR NTAPI visit_count(ULONG_PTR argument);

/* Take a processor offline, or bring it online, and check the result. */
void visit_go(unsigned processor);
void visit_come(unsigned processor);

/* Both, with calls before and after each. */
void visit_go_and_come(unsigned processor);

/* For a change that is made in another way: it begins, or has ended. */
void visit_note_change(unsigned processor);

/* Is any processor between online and offline? */
bool visit_is_changing(void);

/* Runs `change` for a few processors, including the first and the last that can go offline. */
void visit_for_some(void (*change)(unsigned processor));

/* True, with the case skipped, if no processor can go offline. */
bool visit_is_alone(void);

#endif
