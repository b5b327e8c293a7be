/* What a test of code that locks can ask of the stubs in stub_spinlock.c. */
#ifndef TESTS_HOST_STUB_SPINLOCK_H
#define TESTS_HOST_STUB_SPINLOCK_H

/* The IRQL of the only processor. */
extern unsigned stub_irql;

/* How often a lock was taken so far, and how many are held now. */
extern unsigned stub_lock_count;
extern unsigned stub_locks_held;

#endif
