/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: interrupts that go astray, processors that hang, workers that fault, by the
 * command line (`inject=`, README) or by a test. The core calls in by its hooks
 * (rendezvous/hooks.h).
 */
#ifndef KERNEL_INJECT_INJECT_H
#define KERNEL_INJECT_INJECT_H

#include "kernel/option.h"
#include "kernel/rendezvous/hooks.h"

/*
 * The unmaskable interrupt has come, and the system is not being frozen: was it one that was
 * injected and is to be returned from? `asked`: it was one of the watchdog's, too. IRQL: any.
 */
bool inject_answer(bool asked);

/* The option `inject=`: rules that are armed by inject_start(). */
extern const struct cmdline_option inject_options[];

/* ---- arming ---- */

/* From now on rules can be armed. Boot processor, before the others start. */
void inject_prepare(void);

/* Does the command line have rules? */
bool inject_is_asked(void);

/*
 * Arms the rules of the command line and says so in one line, `inject armed=RULE,RULE`. Boot
 * processor, all processors online, no call under way.
 * Returns: false, having said why, if one cannot be armed; the run must end then.
 */
bool inject_start(void);

/*
 * For tests: arms one more rule, which is of the form that rule.h shows. A wedge at no point
 * of a call begins at once: at the return the processor is in it. No call may be under way.
 * IRQL: PASSIVE. Returns: the rule's number for inject_strikes(); -1, having said why, if it is not
 * of that form, names a processor that is not online, or there are 8 already.
 */
int inject_arm(const char *text);

/* How often rule `number` has struck. IRQL: any. */
uint32_t inject_strikes(int number);

/*
 * For tests: forgets all rules; what is still held back is sent. No call may be under way, and
 * wedged processors must be back. IRQL: PASSIVE.
 */
void inject_disarm(void);

/* The end of the run: prints how often each rule has struck. */
void inject_conclude(void);

#endif
