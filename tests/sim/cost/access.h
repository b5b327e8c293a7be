/* SPDX-License-Identifier: MIT */
/* The cost to a processor of loads, stores, fences and interrupts. THE MODEL is in access.c. */
#ifndef COST_ACCESS_H
#define COST_ACCESS_H

#include "tests/sim/cost/cpu.h"

/*
 * One access by the code at `pc` to bytes of one line. The caller reads or writes them right
 * afterwards.
 */
void access_load(struct cpu *cpu, uintptr_t address, uintptr_t pc);
void access_store(struct cpu *cpu, uintptr_t address, uintptr_t pc);

/* A locked instruction, or one that behaves like one. */
void access_update(struct cpu *cpu, uintptr_t address, uintptr_t pc);

/* Waits for all loads; the second also waits for all stores. */
void access_settle(struct cpu *cpu);
void access_drain(struct cpu *cpu);

/* Sleeps until a line changes that the processor has read since the last such wait. */
void access_await_change(struct cpu *cpu);

#endif
