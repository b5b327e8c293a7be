/* SPDX-License-Identifier: MIT */
/*
 * A call at which a processor does not arrive before the deadline, TIMEOUT_MS. The including file
 * defines DRIVER_NAME.
 */
#include "check.h"

#include <muster.h>

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER must_not_run;

static volatile LONG ran;

_Use_decl_annotations_ ULONG_PTR must_not_run(ULONG_PTR Argument)
{
    InterlockedIncrement(&ran);
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = must_not_run },
                                          .timeout_ms = TIMEOUT_MS };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(rendezvous_call(&request) == RENDEZVOUS_ABSENT);
    CHECK(ran == 0);
    return check_result(DRIVER_NAME);
}
