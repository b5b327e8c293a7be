/* SPDX-License-Identifier: MIT */
/*
 * The checks of the exported routines that change the IRQL.
 */
#ifndef KERNEL_WINDOWS_IRQL_ROUTINES_H
#define KERNEL_WINDOWS_IRQL_ROUTINES_H

#include "kernel/irql.h"

/*
 * The work of the exported routines (docs/contract.md, clause B7). Raising to a lower level and
 * lowering to a higher one are bug checks that name `caller`, an address.
 */
unsigned irql_raise_checked(unsigned irql, uintptr_t caller);
void irql_lower_checked(unsigned irql, uintptr_t caller);

/* The address from which the enclosing exported routine was called. */
#define IRQL_CALLER ((uintptr_t)__builtin_return_address(0))

#endif
