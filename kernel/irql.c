/*
 * The exported IRQL routines: the checks of clause B7 over the machine's priority register.
 */
#include "kernel/irql.h"

#include <wdm.h>

#include "kernel/bugcheck.h"

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
    return (KIRQL)arch_irql();
}

/* B7: raising to a lower level is an error of the caller, whose address the report gives. */
KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    unsigned old_irql = arch_irql();
    if (NewIrql < old_irql || NewIrql > IRQL_HIGH) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, old_irql, NewIrql, 0,
                      (uintptr_t)__builtin_return_address(0));
    }
    arch_irql_write(NewIrql);
    return (KIRQL)old_irql;
}

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    unsigned old_irql = arch_irql();
    if (NewIrql > old_irql) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, old_irql, NewIrql, 0,
                      (uintptr_t)__builtin_return_address(0));
    }
    arch_irql_write(NewIrql);
}

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID)
{
    return KfRaiseIrql(IRQL_DISPATCH);
}

KIRQL NTAPI KeRaiseIrqlToSynchLevel(VOID)
{
    return KfRaiseIrql(IRQL_SYNCH);
}
