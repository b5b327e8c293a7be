/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: interrupts that go astray, processors that hang, workers that fault. The rules
 * come from the command line (`inject=`, docs/faults.md) or from a test. The core calls in through
 * its hooks (rendezvous/hooks.h).
 */
#ifndef KERNEL_INJECT_INJECT_H
#define KERNEL_INJECT_INJECT_H

#include "kernel/option.h"
#include "kernel/rendezvous/hooks.h"

/*
 * The unmaskable interrupt has come, and the system is not being frozen. Returns whether it was
 * injected, so that its handler should return. `asked`: it also answered a question of the
 * watchdog. IRQL: any.
 */
bool inject_answer(bool asked);

/* The option `inject=`: rules for inject_start() to arm. */
extern const struct cmdline_option inject_options[];

/* ---- arming ---- */

/* Makes arming possible. Boot processor, before the others start. */
void inject_prepare(void);

/* Are there rules on the command line? */
bool inject_is_asked(void);

/*
 * Arms the rules of the command line and says so in one line, `inject armed=RULE,RULE`. Boot
 * processor, all processors online, no call under way.
 * Returns: false, having said why, if one cannot be armed; the run must end then.
 */
bool inject_start(void);

/*
 * For tests: arms one more rule, in the form that rule.h shows. A wedge that is not at a point of a
 * call begins at once: on return its processor is in it. No call may be under way.
 * IRQL: PASSIVE. Returns: the rule's number for inject_strikes(); or -1, having said why, if it
 * does not have that form, names a processor that is not online, or there are 8 rules already.
 */
int inject_arm(const char *text);

/* How often rule `number` has struck. IRQL: any. */
uint32_t inject_strikes(int number);

/*
 * For tests: forgets all rules, and sends the doorbells that are still held back. No call may be
 * under way, and wedged processors must be back. IRQL: PASSIVE.
 */
void inject_disarm(void);

/* At the end of the run: prints how often each rule has struck. */
void inject_conclude(void);

#endif
