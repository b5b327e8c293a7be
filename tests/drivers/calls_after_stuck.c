/* SPDX-License-Identifier: MIT */
/*
 * A call of the extension, and, if a processor is stuck in it, a call of all processors. Expected
 * if one never leaves the first: RENDEZVOUS_STUCK, then bug check 0x101, because it is still in a
 * call that was given up.
 */
#include "check.h"

#include <muster.h>

KIPI_BROADCAST_WORKER must_not_run;

ULONG_PTR must_not_run(ULONG_PTR Argument)
{
    DbgPrint("calls_after_stuck: processor %u ran the second routine\n",
             KeGetCurrentProcessorNumberEx(NULL));
    return Argument;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = nothing } };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(rendezvous_call(&request) == RENDEZVOUS_STUCK);
    KeIpiGenericCall(must_not_run, 0);
    return check_result("calls_after_stuck");
}
