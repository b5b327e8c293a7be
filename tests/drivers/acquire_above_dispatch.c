/*
 * KeAcquireSpinLock above DISPATCH_LEVEL, which would lower the IRQL. Expected: bug check 0x09,
 * parameter 1 = 5, parameter 2 = DISPATCH_LEVEL.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KSPIN_LOCK lock;
    KIRQL irql, lock_irql;

    KeInitializeSpinLock(&lock);
    KeRaiseIrql(5, &irql);
    KeAcquireSpinLock(&lock, &lock_irql);
    DbgPrint("acquire_above_dispatch: KeAcquireSpinLock returned, from %u\n", lock_irql);
    return STATUS_UNSUCCESSFUL;
}
