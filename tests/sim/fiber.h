/* SPDX-License-Identifier: MIT */
/*
 * Fibers: several stacks in one host thread, switched by hand. A switch is a few instructions
 * (fiber.S), since an exploration makes hundreds of millions of them.
 */
#ifndef SIM_FIBER_H
#define SIM_FIBER_H

#include <stddef.h>

/*
 * Saves the registers on the current stack, stores its stack pointer in `*saved`, and resumes the
 * stack whose pointer was stored before as `stack_pointer`.
 */
void fiber_switch(void **saved, void *stack_pointer);

/*
 * Prepares a stack that enters `entry()` at its first switch. `entry` never returns. Returns the
 * stack pointer to switch to.
 */
void *fiber_prepare(void *stack, size_t size, void (*entry)(void));

#endif
