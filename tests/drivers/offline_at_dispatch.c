/* Takes a processor offline above PASSIVE_LEVEL: a bug check that names the routine. */
#include <ntddk.h>

#include <muster.h>

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    KIRQL old_irql;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeRaiseIrql(DISPATCH_LEVEL, &old_irql);
    processor_offline(1);
    KeLowerIrql(old_irql);
    return STATUS_SUCCESS;
}
