/* SPDX-License-Identifier: MIT */
/*
 * A call that knows which processors it must reach while processors leave and return: K4 and C4 of
 * each call.
 *
 * A processor that was online from before a call until after it has run the worker once, and one
 * that was offline all the time has not. In between either is right, but never twice.
 */
#ifndef TESTS_KERNEL_VISIT_H
#define TESTS_KERNEL_VISIT_H

#include <wdm.h>

#include <stdbool.h>

/* Calls and checks; with a worker of the test's own, which must call visit_count(). IRQL: < IPI. */
void visit_call(void);
void visit_call_with(PKIPI_BROADCAST_WORKER worker);
ULONG_PTR NTAPI visit_count(ULONG_PTR argument);

/* Takes a processor offline, or brings it online, and checks the result. */
void visit_go(unsigned processor);
void visit_come(unsigned processor);

/* Both, with calls before and after each. */
void visit_go_and_come(unsigned processor);

/* For a change made by other means: it begins, or it has ended. */
void visit_note_change(unsigned processor);

/* Is any processor between online and offline? */
bool visit_is_changing(void);

/* Runs `change` for a few processors, including the first and the last of those that can leave. */
void visit_for_some(void (*change)(unsigned processor));

/* Is there no processor that could leave? Then the case is skipped. */
bool visit_is_alone(void);

#endif
