/*
 * A call with a deadline, far shorter than the kernel's own, to which a processor does not come: it
 * was rung again and asked before that, and the verdict says what it told. The system goes on.
 */
#include "check.h"

#include <muster.h>

#define TIMEOUT_MS 2000

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
    return check_result("gives_up");
}
