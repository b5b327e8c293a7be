/* SPDX-License-Identifier: MIT */
/*
 * The rules that are armed: between arm.c, which makes the list, and inject.c, which acts by
 * it.
 */
#ifndef KERNEL_INJECT_ARMED_H
#define KERNEL_INJECT_ARMED_H

#include <stdatomic.h>

#include "kernel/inject/rule.h"

struct inject_armed {
    struct inject_rule rule;
    _Atomic uint32_t passed;    /* how often what the rule is about has happened */
    _Atomic uint32_t strikes;   /* how often it was interfered with */
    _Atomic uint64_t due_ticks; /* when a doorbell is sent that is held back; 0: none is */
    _Atomic uint32_t sent;      /* unmaskable interrupts to its processor, */
    _Atomic uint32_t answered;  /* and those that it has taken */
    _Atomic bool wedged;        /* its processor is in the loop */
};
extern struct inject_armed inject_armed[INJECT_RULE_LIMIT];
extern _Atomic unsigned inject_armed_count;

/* Acquire: so many of them are complete. */
static inline unsigned inject_count_armed(void)
{
    return atomic_load_explicit(&inject_armed_count, memory_order_acquire);
}

/* What is hooked in where something may be injected. */
extern const struct hooks inject_hooks;

/* Counts a strike, and tells of the first ones. IRQL: any. */
void inject_announce(struct inject_armed *item);

/* The wedge, the pause or the fault of the rule, on this processor, now. IRQL: any. */
void inject_act(struct inject_armed *item);

/* To the rule's processor; what it does with it is inject_answer(). IRQL: any. */
void inject_send_unmaskable(const struct inject_rule *rule);

/* Sends the doorbells that are due; true if one is still held back. IRQL: any. */
bool inject_send_due(uint64_t now_ticks);

#endif
