/* Takes a processor online at APC_LEVEL, which is above PASSIVE_LEVEL, too: a bug check. */
#include <ntddk.h>

#include <muster.h>

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    KIRQL old_irql;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeRaiseIrql(APC_LEVEL, &old_irql);
    processor_online(0);
    KeLowerIrql(old_irql);
    return STATUS_SUCCESS;
}
