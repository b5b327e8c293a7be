/* SPDX-License-Identifier: MIT */
/*
 * Accesses to model-specific registers that may fault: for tests of what must fault.
 */
#ifndef ARCH_X86_64_PROBE_H
#define ARCH_X86_64_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads or writes an MSR. A general protection fault of that one instruction is taken for the
 * answer: trap.c goes on at the instruction's `refused` label instead of ending in a bug check.
 *
 * IRQL: any.
 * Returns: true when the access was made; false when it faulted, *value unchanged.
 */
bool probe_read_msr(uint32_t msr, uint64_t *value);
bool probe_write_msr(uint32_t msr, uint64_t value);

/*
 * Where to go on after a general protection fault at `instruction`; 0 when that is none of the two
 * above.
 */
uintptr_t probe_refused_at(uintptr_t instruction);

#endif
