/* SPDX-License-Identifier: MIT */
/* What a processor does during a long wait in a call. */
#ifndef KERNEL_PROCESSORS_WAIT_POLICY_H
#define KERNEL_PROCESSORS_WAIT_POLICY_H

#include "kernel/rendezvous/wait.h"

/*
 * Sets the policy that is asked for; for AUTO, the one that fits the machine, found by a few calls.
 * If it chooses to halt, it logs why. All processors online, no call under way. IRQL: PASSIVE.
 */
void wait_choose_policy(enum wait_policy asked);

#endif
