/* SPDX-License-Identifier: MIT */
/*
 * The exported IRQL routines: the checks of clause B7 (docs/contract.md) around the machine's
 * priority register.
 */
#include "kernel/windows/irql_routines.h"

#include <wdm.h>

#include "kernel/upcall.h"

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
    return (KIRQL)arch_irql();
}

/* B7: a change in the wrong direction is an error of the caller. The report gives its address. */
unsigned irql_raise_checked(unsigned irql, uintptr_t caller)
{
    unsigned old_irql = arch_irql();
    if (irql < old_irql || irql > IRQL_HIGH) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, old_irql, irql, 0, caller);
    }
    arch_irql_write(irql);
    return old_irql;
}

void irql_lower_checked(unsigned irql, uintptr_t caller)
{
    unsigned old_irql = arch_irql();
    if (irql > old_irql) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, old_irql, irql, 0, caller);
    }
    arch_irql_write(irql);
    if (irql <= IRQL_DISPATCH) {
        log_drain(); /* print what was logged at the higher IRQL */
    }
}

KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    return (KIRQL)irql_raise_checked(NewIrql, IRQL_CALLER);
}

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    irql_lower_checked(NewIrql, IRQL_CALLER);
}

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID)
{
    return (KIRQL)irql_raise_checked(IRQL_DISPATCH, IRQL_CALLER);
}

KIRQL NTAPI KeRaiseIrqlToSynchLevel(VOID)
{
    return (KIRQL)irql_raise_checked(IRQL_SYNCH, IRQL_CALLER);
}
