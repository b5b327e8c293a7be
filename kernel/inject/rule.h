/* SPDX-License-Identifier: MIT */
/*
 * One rule, which says what to inject, and its textual form. docs/faults.md explains every kind.
 *
 *     drop:K:N          the N-th doorbell to processor K is not rung,
 *     delay:K:N:US      it is rung US microseconds later,
 *     duplicate:K:N:US  it is rung, and again US microseconds later,
 *     misdirect:K:N:M   it is rung for processor M instead
 *     drop-wake:K:N ... the same with the wake doorbell
 *     wedge:K:WHERE[@N][:MS]  processor K hangs, for MS milliseconds or for ever
 *     fault:K:WHAT[@N]        its worker faults
 *     pause:K:POINT[@N]:US    it does nothing for US microseconds, interrupts disabled
 *     storm:K:COUNT           it gets COUNT unmaskable interrupts while calls are under way
 *
 * N is a number, a range A-B, or * for all. It counts from 1, starting when the rule is armed.
 */
#ifndef KERNEL_INJECT_RULE_H
#define KERNEL_INJECT_RULE_H

#include "kernel/rendezvous/hooks.h"

#define INJECT_RULE_LIMIT 8
#define INJECT_TEXT_SIZE  64 /* of a rule's text, including the NUL */

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

/* Where a rule interferes: at a point of a call (enum hook_point), or at one of these. */
enum inject_place {
    INJECT_MASKED = HOOK_POINTS, /* idle, interrupts disabled */
    INJECT_PRIORITY,             /* idle, interrupts enabled, at HIGH_LEVEL */
    INJECT_UNMASKABLE            /* in the handler of the unmaskable interrupt */
};

struct inject_rule {
    enum inject_kind kind;
    unsigned processor;    /* K */
    uint32_t first, last;  /* N */
    bool wake;             /* the rule is about wake doorbells */
    unsigned other;        /* M */
    uint32_t amount;       /* US, MS (0: for ever) or COUNT */
    unsigned place;        /* WHERE or POINT; a fault is in the worker */
    enum arch_fault fault; /* WHAT */
    char text[INJECT_TEXT_SIZE];
};

/* Parses one rule. IRQL: any. Returns: 0, or -1 if `text` does not have the form above. */
int inject_parse(const char *text, struct inject_rule *rule);

/* The form that a text of this kind should have. */
const char *inject_expected(const char *text);

#endif
