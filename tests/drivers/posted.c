/* SPDX-License-Identifier: MIT */
/*
 * Two calls without waiting, on the last two processors. The first runs; an injected fault strikes
 * in the second. If a processor is then silent, the completion reports it, and the driver fails.
 */
#include "check.h"

#include <muster.h>

static enum rendezvous_status post_and_await(const struct processor_set *targets, ULONG timeout_ms)
{
    static struct rendezvous_completion completion;
    const struct rendezvous_request request = { .targets = targets,
                                                .routines = { [RENDEZVOUS_ACTION] = nothing },
                                                .timeout_ms = timeout_ms };
    enum rendezvous_status status = rendezvous_begin(&request, &completion);

    while (status == RENDEZVOUS_PENDING) {
        YieldProcessor();
        status = rendezvous_test(&completion);
    }
    return status;
}

static const char *name_of(enum rendezvous_status status)
{
    return status == RENDEZVOUS_OK       ? "ok"
           : status == RENDEZVOUS_ABSENT ? "absent"
           : status == RENDEZVOUS_STUCK  ? "stuck"
                                         : "something else";
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static struct processor_set targets;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    processor_set_add(&targets, processor_total() - 1);
    processor_set_add(&targets, processor_total() - 2);
    enum rendezvous_status first = post_and_await(&targets, 0);
    enum rendezvous_status second = post_and_await(&targets, 0);
    DbgPrint("posted: first %s, second %s\n", name_of(first), name_of(second));
    return first == RENDEZVOUS_OK && second == RENDEZVOUS_OK ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
