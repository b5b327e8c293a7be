/* SPDX-License-Identifier: MIT */
/* What a host test can ask the machine of stub_machine.c. */
#ifndef TESTS_HOST_STUB_MACHINE_H
#define TESTS_HOST_STUB_MACHINE_H

/* The IRQL of the only processor. */
extern unsigned stub_irql;

/* How often a lock has been taken, and how many are held now. */
extern unsigned stub_lock_count;
extern unsigned stub_locks_held;

#endif
