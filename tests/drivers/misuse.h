/* SPDX-License-Identifier: MIT */
/*
 * For the test drivers that do one thing which must stop the system: a driver is a misuse(), and a
 * comment that says what the bug check is. Where the system goes on, the run fails.
 */
#ifndef TESTS_DRIVERS_MISUSE_H
#define TESTS_DRIVERS_MISUSE_H

#include "check.h"

DRIVER_INITIALIZE DriverEntry;

/* Not inlined: reports name it as the caller. */
static DECLSPEC_NOINLINE VOID misuse(VOID);

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    misuse();
    DbgPrint("the misuse did not stop the system\n");
    return STATUS_UNSUCCESSFUL;
}

#endif /* TESTS_DRIVERS_MISUSE_H */
