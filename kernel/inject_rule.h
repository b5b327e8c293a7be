/*
 * What is to be injected: one rule, and its form in words. README has the table.
 *
 *     drop:K:N  delay:K:N:US  duplicate:K:N:US  misdirect:K:N:M      the N-th doorbell to processor K
 *     drop-wake:K:N  ...                                             the N-th wake doorbell
 *     wedge:K:WHERE[@N][:MS]      fault:K:WHAT[@N]      pause:K:POINT[@N]:US      storm:K:COUNT
 *
 * N is counted from 1 since the rule was armed: a number, a range A-B, or * for all.
 */
#ifndef KERNEL_INJECT_RULE_H
#define KERNEL_INJECT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch.h"

#define INJECT_RULE_LIMIT 8
#define INJECT_TEXT_SIZE  64 /* of a rule in words, the NUL included */

enum inject_kind {
    INJECT_DROP,
    INJECT_DELAY,
    INJECT_DUPLICATE,
    INJECT_MISDIRECT,
    INJECT_WEDGE,
    INJECT_FAULT,
    INJECT_PAUSE,
    INJECT_STORM,
};

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

struct inject_rule {
    enum inject_kind kind;
    unsigned processor;      /* K */
    uint32_t first, last;    /* N */
    bool wake;               /* of the wake doorbells */
    unsigned other;          /* M */
    uint32_t amount;         /* US, MS (0: for ever) or COUNT */
    enum inject_point point; /* WHERE, POINT; that of a fault is the worker */
    enum arch_fault fault;   /* WHAT */
    char text[INJECT_TEXT_SIZE];
};

/* Reads one rule. IRQL: any. Returns: 0, or -1 if `text` is not of the form above. */
int inject_parse(const char *text, struct inject_rule *rule);

/* What a text of its kind should look like. */
const char *inject_expected(const char *text);

#endif
