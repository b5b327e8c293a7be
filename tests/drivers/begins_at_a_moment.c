/* SPDX-License-Identifier: MIT */
/*
 * A driver whose routine begins on all processors when their clocks show one value. No processor
 * may begin before its own clock shows it, and the value must be exactly the requested time after
 * the last arrival.
 */
#include "check.h"

#include <muster.h>

#define RELEASE_NS  200000
#define NS_PER_S    1000000000
#define MAX_ANSWERS 1024

static LARGE_INTEGER began[MAX_ANSWERS]; /* by processor */
static struct rendezvous_report reports[MAX_ANSWERS];

static ULONG_PTR NTAPI note_time(ULONG_PTR Argument)
{
    began[KeGetCurrentProcessorNumberEx(NULL)] = KeQueryPerformanceCounter(NULL);
    return Argument;
}

static VOID check_moment(LONGLONG before, LONGLONG frequency)
{
    for (ULONG i = 0; i < processor_total(); i++) {
        LONGLONG due = before + reports[i].due_ns * frequency / NS_PER_S;
        CHECK(reports[i].due_ns == reports[0].due_ns);
        CHECK(reports[i].due_ns >= reports[i].arrived_ns + RELEASE_NS);
        CHECK(reports[i].started_ns >= reports[i].due_ns);
        CHECK(began[i].QuadPart >= due);
        DbgPrint("processor %lu: released %I64d ns before the moment, begins %I64d ns after it\n",
                 i, reports[i].due_ns - reports[i].released_ns,
                 reports[i].started_ns - reports[i].due_ns);
    }
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    const struct rendezvous_request request = {
        .routines = { [RENDEZVOUS_ACTION] = note_time },
        .release_after_ns = RELEASE_NS,
        .reports = reports,
        .report_count = MAX_ANSWERS,
    };
    LARGE_INTEGER frequency, before;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    before = KeQueryPerformanceCounter(&frequency);
    enum rendezvous_status status = rendezvous_call(&request);
    if (status == RENDEZVOUS_SKEWED) { /* nothing has run; without a moment, it would have */
        DbgPrint("begins_at_a_moment: the clocks are not known to agree\n");
        CHECK(began[0].QuadPart == 0);
    } else {
        CHECK(status == RENDEZVOUS_OK);
        check_moment(before.QuadPart, frequency.QuadPart);
    }
    return check_result("begins_at_a_moment");
}
