/*
 * A caller that disables its interrupts, and never comes back from its worker; all others have. It
 * cannot notice that itself, and nobody waits for it. Expected: bug check 0x101, which names it.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER stay_on_the_first;

_Use_decl_annotations_ ULONG_PTR stay_on_the_first(ULONG_PTR Argument)
{
    while (KeGetCurrentProcessorNumberEx(NULL) == 0) {
        YieldProcessor();
    }
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    _disable();
    KeIpiGenericCall(stay_on_the_first, 0);
    return STATUS_SUCCESS;
}
