/* SPDX-License-Identifier: MIT */
/* A driver that makes three calls and prints what the processors did in the last two. */
#include "check.h"

#include <muster.h>

static ULONG_PTR NTAPI first_routine(ULONG_PTR Argument)
{
    return Argument;
}

static ULONG_PTR NTAPI second_routine(ULONG_PTR Argument)
{
    return Argument + 1;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    CHECK(KeIpiGenericCall(first_routine, 1) == 1);
    CHECK(KeIpiGenericCall(first_routine, 2) == 2);
    CHECK(KeIpiGenericCall(second_routine, 3) == 4);
    trace_print(2);
    return check_result("prints_trace");
}
