/*
 * KeReleaseSpinLock to an IRQL above the present one. Expected: bug check 0x0A, parameter 1 =
 * DISPATCH_LEVEL, parameter 2 = 5.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KSPIN_LOCK lock;
    KIRQL irql;

    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &irql);
    KeReleaseSpinLock(&lock, 5);
    DbgPrint("release_to_higher_irql: KeReleaseSpinLock returned at %u, from %u\n",
             KeGetCurrentIrql(), irql);
    return STATUS_UNSUCCESSFUL;
}
