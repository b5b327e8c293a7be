/* SPDX-License-Identifier: MIT */
/* What a host test can ask of the stub of a machine in stub_machine.c. */
#ifndef TESTS_HOST_STUB_MACHINE_H
#define TESTS_HOST_STUB_MACHINE_H

/* The IRQL of the only processor. */
extern unsigned stub_irql;

/* The number of acquisitions so far, and the number of locks held now. */
extern unsigned stub_lock_count;
extern unsigned stub_locks_held;

#endif
