/* SPDX-License-Identifier: MIT */
/* What loads, stores, fences and interrupts cost a processor. THE MODEL; access.c explains it. */
#ifndef COST_ACCESS_H
#define COST_ACCESS_H

#include "tests/sim/cost/cpu.h"

/* One access by the code at `pc` to bytes of one line. The caller reads or writes them right after.
 */
void access_load(struct cpu *cpu, uintptr_t address, uintptr_t pc);
void access_store(struct cpu *cpu, uintptr_t address, uintptr_t pc);

/* A locked instruction, or one that behaves as if it were. */
void access_update(struct cpu *cpu, uintptr_t address, uintptr_t pc);

/* Waits for what was loaded; and for what was stored, too. */
void access_settle(struct cpu *cpu);
void access_drain(struct cpu *cpu);

/* Sleeps until a line changes that the processor has looked at since the last such wait. */
void access_await_change(struct cpu *cpu);

#endif
