/* SPDX-License-Identifier: MIT */
/*
 * A processor is late for the end of a call of the extension, comes back, takes part in another,
 * and never leaves a third. Expected: RENDEZVOUS_STUCK, then bug check 0x101, with a verdict on the
 * third call: the verdict on the first no longer counts.
 */
#include "check.h"

#include <muster.h>

KIPI_BROADCAST_WORKER wait_for_caller;
KIPI_BROADCAST_WORKER never_return;

static volatile LONG call_is_over;

ULONG_PTR wait_for_caller(ULONG_PTR Argument)
{
    while (is_last_processor() && !call_is_over) {
        YieldProcessor();
    }
    return Argument;
}

ULONG_PTR never_return(ULONG_PTR Argument)
{
    for (;;) {
        YieldProcessor();
    }
    return Argument;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static struct rendezvous_completion completion;
    static struct processor_set last;
    struct rendezvous_request late = { .routines = { [RENDEZVOUS_ACTION] = wait_for_caller } };
    struct rendezvous_request stuck = { .targets = &last, .routines = { never_return } };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(rendezvous_call(&late) == RENDEZVOUS_STUCK);
    call_is_over = 1;
    KeIpiGenericCall(nothing, 0);
    processor_set_add(&last, processor_total() - 1);
    rendezvous_begin(&stuck, &completion);
    KeIpiGenericCall(nothing, 0);
    return check_result("stuck_again");
}
