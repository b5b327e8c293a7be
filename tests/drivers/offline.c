/* SPDX-License-Identifier: MIT */
/*
 * A driver that takes processors offline and brings them back: each call reaches those that are
 * online, and the documented counts follow.
 */
#include "check.h"

#include <muster.h>

static volatile LONG runs[PROCESSOR_LIMIT];

static ULONG_PTR NTAPI count_run(ULONG_PTR Argument)
{
    UNREFERENCED_PARAMETER(Argument);
    InterlockedIncrement(&runs[KeGetCurrentProcessorNumberEx(NULL)]);
    return 0;
}

/* Makes a call and checks which processors ran it: those below `online`, once each. */
static VOID check_call(ULONG online)
{
    ULONG total = KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS);

    RtlZeroMemory((PVOID)runs, sizeof(runs));
    KeIpiGenericCall(count_run, 0);
    for (ULONG i = 0; i < total; i++) {
        CHECK(runs[i] == (i < online));
    }
    CHECK(processor_total() == online);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    ULONG total = KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS);

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    check_call(total);
    for (ULONG i = total - 1; i >= 1; i--) {
        CHECK(processor_offline(i) == PROCESSOR_CHANGED);
        check_call(i);
    }
    CHECK(processor_offline(0) == PROCESSOR_REFUSED);
    CHECK(KeQueryActiveProcessors() == 1);
    for (ULONG i = 1; i < total; i++) {
        CHECK(processor_online(i) == PROCESSOR_CHANGED);
        check_call(i + 1);
    }
    CHECK(processor_online(total) == PROCESSOR_INVALID);
    return check_result("offline");
}
