/* SPDX-License-Identifier: MIT */
/*
 * KeIpiGenericCall: the documented entry. It checks the caller and the routine (docs/contract.md,
 * clauses B1, B6), then runs the rendezvous.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/upcall.h"

/* P3 of bug check 0x0A is the kind of access that was refused; bit 3 means execution. */
#define ACCESS_EXECUTE 8

ULONG_PTR NTAPI KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context)
{
    uintptr_t caller = (uintptr_t)__builtin_return_address(0);
    uintptr_t routine = (uintptr_t)BroadcastFunction;
    unsigned irql = arch_irql();

    rendezvous_check_caller(routine, caller);
    if (!arch_code_address_valid(routine)) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, routine, irql, ACCESS_EXECUTE, caller);
    }
    uintptr_t returned = rendezvous_run_everywhere((arch_worker *)routine, Context);
    if (irql <= IRQL_DISPATCH) {
        log_drain(); /* what the workers printed */
    }
    return returned;
}
