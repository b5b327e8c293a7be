/*
 * Fault injection: interrupts that go astray, processors that hang, workers that fault, by the
 * command line (`inject=`, README) or by a test.
 *
 * The kernel calls in at a few places: where it rings a doorbell (doorbell.h), at the points of a
 * call that enum inject_point names, in every wait loop, and when the unmaskable interrupt comes.
 * Where nothing can be injected `inject_hooks` is NULL, and each of these is one branch.
 */
#ifndef KERNEL_INJECT_H
#define KERNEL_INJECT_H

#include "kernel/arch.h"

/* Where in a call a processor is, in the order in which it gets there. */
enum inject_point {
    INJECT_ENTRY,   /* the doorbell was taken and is not acknowledged */
    INJECT_ARRIVAL, /* a call wants this processor, which has not arrived */
    INJECT_WORKER,  /* in the phase, instead of the routine's first instruction */
    INJECT_FINISH,  /* the routine has returned; the leader does not know it yet */
    INJECT_COLLECT, /* the leader only: about to wait for the others */

    /* Not points of a call: where else a processor may be wedged. */
    INJECT_MASKED,    /* idle, interrupts disabled */
    INJECT_PRIORITY,  /* idle, interrupts enabled, at HIGH_LEVEL */
    INJECT_UNMASKABLE /* in the handler of the unmaskable interrupt */
};

/* What happens at each place. */
struct inject_hooks {
    void (*reach)(enum inject_point point);
    void (*ring)(const struct processor_set *targets);
    void (*wake)(const struct processor_set *targets);
    bool (*turn)(void);
    bool (*answer)(bool asked);
};

/* Set before the other processors start, constant from then on; NULL: nothing is injected. */
extern const struct inject_hooks *inject_hooks;

/* ---- where the kernel calls in ---- */

/* The current processor is at `point` of a call. IRQL: IPI_LEVEL. */
static inline void inject_reach(enum inject_point point)
{
    if (inject_hooks != NULL) {
        inject_hooks->reach(point);
    }
}

/*
 * A turn of a wait loop, or of the idle loop: sends what was held back for long enough. Returns
 * true while something is held back, so that this processor must not halt. IRQL: any.
 */
static inline bool inject_turn(void)
{
    return inject_hooks != NULL && inject_hooks->turn();
}

/*
 * The unmaskable interrupt has come, and the system is not being frozen: was it one that was
 * injected and is to be returned from? `asked`: it was one of the watchdog's, too.
 */
static inline bool inject_answer(bool asked)
{
    return inject_hooks != NULL && inject_hooks->answer(asked);
}

/* ---- who arms ---- */

struct inject_rule;

/* From now on rules can be armed. Boot processor, before the others start. */
void inject_prepare(void);

/*
 * Arms the rules of the command line and says so in one line, `inject armed=RULE,RULE`; a rule that
 * cannot be is complained of. Boot processor, all processors online, no call under way.
 */
void inject_start(const struct inject_rule *rules, unsigned count);

/*
 * For tests: arms one more rule, which is of the form that inject_rule.h shows. A wedge at no point
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
