/* SPDX-License-Identifier: MIT */
/*
 * For the test drivers that do one thing which must stop the system: such a driver consists of
 * misuse() and a comment that gives the bug check. If the system goes on, the run fails.
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
