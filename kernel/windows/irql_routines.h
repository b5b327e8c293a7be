/* SPDX-License-Identifier: MIT */
/*
 * The checks of the exported routines that change the IRQL.
 */
#ifndef KERNEL_WINDOWS_IRQL_ROUTINES_H
#define KERNEL_WINDOWS_IRQL_ROUTINES_H

#include "kernel/irql.h"

/*
 * What the exported routines do (clause B7): a raise to a lower level and a lowering to a higher
 * one are bug checks, with `caller` as the address that did it.
 */
unsigned irql_raise_checked(unsigned irql, uintptr_t caller);
void irql_lower_checked(unsigned irql, uintptr_t caller);

/* Who called the exported routine in which this stands. */
#define IRQL_CALLER ((uintptr_t)__builtin_return_address(0))

#endif
