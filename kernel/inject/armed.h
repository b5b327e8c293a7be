/* SPDX-License-Identifier: MIT */
/*
 * The armed rules: arm.c makes the list, inject.c acts on it.
 */
#ifndef KERNEL_INJECT_ARMED_H
#define KERNEL_INJECT_ARMED_H

#include <stdatomic.h>

#include "kernel/inject/rule.h"

struct inject_armed {
    struct inject_rule rule;
    _Atomic uint32_t passed;    /* how often the event of the rule has happened */
    _Atomic uint32_t strikes;   /* how often the rule has interfered */
    _Atomic uint64_t due_ticks; /* when the doorbell held back is to be sent; 0: there is none */
    _Atomic uint32_t sent;      /* unmaskable interrupts sent to the rule's processor */
    _Atomic uint32_t answered;  /* those of them that it has taken */
    _Atomic bool wedged;        /* the rule's processor is in the loop */
};
extern struct inject_armed inject_armed[INJECT_RULE_LIMIT];
extern _Atomic unsigned inject_armed_count;

/* Acquire: that many rules are complete. */
static inline unsigned inject_count_armed(void)
{
    return atomic_load_explicit(&inject_armed_count, memory_order_acquire);
}

/* The hooks, for the places where something may be injected. */
extern const struct hooks inject_hooks;

/* Counts a strike, and prints the first few. IRQL: any. */
void inject_announce(struct inject_armed *item);

/* Performs the wedge, the pause or the fault of the rule, on this processor, now. IRQL: any. */
void inject_act(struct inject_armed *item);

/* Sends one to the rule's processor, which handles it in inject_answer(). IRQL: any. */
void inject_send_unmaskable(const struct inject_rule *rule);

/* Sends the doorbells that are due. Returns true if one is still held back. IRQL: any. */
bool inject_send_due(uint64_t now_ticks);

#endif
