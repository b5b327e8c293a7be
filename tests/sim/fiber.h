/* SPDX-License-Identifier: MIT */
/*
 * Fibers: several stacks in one host thread, switched by hand. A switch is a few instructions
 * (fiber.S), since an exploration makes hundreds of millions of them.
 */
#ifndef SIM_FIBER_H
#define SIM_FIBER_H

#include <stddef.h>

/*
 * Leaves the present stack with its registers saved on it, stores its stack pointer in `*saved`,
 * and continues on the stack whose pointer is `stack_pointer`.
 */
void fiber_switch(void **saved, void *stack_pointer);

/*
 * Makes a stack that begins `entry()` at its first switch. `entry` never returns. Returns the stack
 * pointer to switch to.
 */
void *fiber_prepare(void *stack, size_t size, void (*entry)(void));

#endif
