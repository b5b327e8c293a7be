/* SPDX-License-Identifier: MIT */
/*
 * Accesses to model-specific registers that are allowed to fault, for tests.
 */
#ifndef ARCH_X86_64_PROBE_H
#define ARCH_X86_64_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads or writes an MSR. If that instruction causes a general protection fault, trap.c continues
 * at the `refused` label instead of ending in a bug check.
 *
 * IRQL: any.
 * Returns: true when the access was made; false when it faulted, *value unchanged.
 */
bool probe_read_msr(uint32_t msr, uint64_t *value);
bool probe_write_msr(uint32_t msr, uint64_t value);

/*
 * Where to continue after a general protection fault at `instruction`; 0 if it is neither of the
 * two above.
 */
uintptr_t probe_refused_at(uintptr_t instruction);

#endif
