/* SPDX-License-Identifier: MIT */
/*
 * The smallest machine beneath kernel/arch.h: one processor, no interrupts, an IRQL that is a plain
 * variable, locks without waiting. Anything that would be a deadlock or a violated rule on a real
 * machine ends the test. For tests of single files of kernel/; several processors need more.
 */
#include "tests/host/stub_machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/irql.h"
#include "kernel/windows/spinlock.h"

unsigned stub_irql = IRQL_PASSIVE;
unsigned stub_lock_count;
unsigned stub_locks_held;

static void stub_require(int condition, const char *rule)
{
    if (!condition) {
        fprintf(stderr, "stub_machine: %s\n", rule);
        abort();
    }
}

unsigned sim_irql(void)
{
    return stub_irql;
}

void sim_irql_write(unsigned irql)
{
    stub_irql = irql;
}

void spinlock_acquire(struct spinlock *lock)
{
    stub_require(stub_irql >= IRQL_DISPATCH, "a lock is taken at DISPATCH_LEVEL or above");
    stub_require(lock->owner == 0, "a lock is not taken by its holder");
    lock->owner = 1;
    stub_lock_count++;
    stub_locks_held++;
}

void spinlock_release(struct spinlock *lock)
{
    stub_require(stub_irql >= IRQL_DISPATCH, "a lock is released at DISPATCH_LEVEL or above");
    stub_require(lock->owner == 1, "a lock is released by its holder");
    lock->owner = 0;
    stub_locks_held--;
}
