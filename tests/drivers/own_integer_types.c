/* SPDX-License-Identifier: MIT */
/*
 * A driver that declares the integer types of <stdint.h> itself, as sources older than that header
 * do. Muster's headers must not declare these names.
 */
#include "check.h"

typedef __int8 int8_t;
typedef unsigned __int8 uint8_t;
typedef signed short int16_t;
typedef unsigned short uint16_t;
typedef signed long int32_t;
typedef unsigned long uint32_t;
typedef signed __int64 int64_t;
typedef unsigned __int64 uint64_t;
typedef uint64_t uintptr_t;

C_ASSERT(sizeof(uint32_t) == 4 && sizeof(uintptr_t) == sizeof(PVOID));

DRIVER_INITIALIZE DriverEntry;
KIPI_BROADCAST_WORKER add;

static volatile int32_t sum;

_Use_decl_annotations_ ULONG_PTR add(ULONG_PTR Argument)
{
    return InterlockedAdd(&sum, (int32_t)(uint64_t)Argument);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeIpiGenericCall(add, 3);
    CHECK((uint32_t)sum == 3 * processor_total());
    return check_result("own_integer_types");
}
