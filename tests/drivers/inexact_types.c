/* SPDX-License-Identifier: MIT */
/*
 * A driver in the style of many: workers of the wrong C type, with a cast or without one; headers
 * in any spelling; Microsoft's keywords, pragmas, tags and wide strings. It compiles with warnings
 * at most, and every worker runs.
 */
#include <Ntifs.h>
#include <Wdm.h>
#include <Intrin.h>
#include "check.h"

#pragma warning(disable : 4100 4201)
#pragma warning(push)
__pragma(warning(pop))
#define POOL_TAG 'kHoE'

    typedef struct __declspec(align(64)) _EVERY_KEYWORD {
    union {
        struct {
            unsigned __int32 low;
            unsigned __int32 high;
        };
        unsigned __int64 whole;
    };
    __int16 small;
    __int8 tiny;
} EVERY_KEYWORD;
C_ASSERT(sizeof(EVERY_KEYWORD) == 64);

DRIVER_INITIALIZE DriverEntry;
#pragma alloc_text(INIT, DriverEntry)

static volatile LONG runs;

static __forceinline VOID count_run(VOID)
{
    InterlockedIncrement(&runs);
}

/* No parameter and no return value */
static VOID no_parameter(VOID)
{
    count_run();
}

/* A parameter, but no return value */
static VOID no_value(ULONG_PTR context)
{
    InterlockedExchangeAdd(&runs, (LONG)context);
}

/* A pointer as its parameter */
static ULONG_PTR pointer_parameter(PVOID context)
{
    InterlockedIncrement((PLONG)context);
    return (ULONG_PTR)context;
}

/* A status as its return value */
static NTSTATUS __stdcall status_value(IN OUT PVOID context OPTIONAL)
{
    UNREFERENCED_PARAMETER(context);
    count_run();
    return STATUS_SUCCESS;
}

#pragma code_seg("PAGE")
static __declspec(noinline) BOOLEAN strings_and_tags(VOID)
{
    UNICODE_STRING name;
    PVOID block = ExAllocatePoolWithTag(NonPagedPool, 100, POOL_TAG);
    BOOLEAN good;

    PAGED_CODE();
    RtlInitUnicodeString(&name, L"\\Device\\Inexact");
    good = block != NULL && name.Length == 15 * sizeof(WCHAR) && name.Buffer[1] == L'D';
    if (block) {
        ExFreePoolWithTag(block, POOL_TAG);
    }
    return good;
}
#pragma code_seg()

NTSTATUS
DriverEntry(IN PDRIVER_OBJECT DriverObject, IN PUNICODE_STRING RegistryPath)
{
    LONG count = (LONG)processor_total();
    LONG on_stack = 0;
    EVERY_KEYWORD value = { .whole = 0x0000000500000007ULL };

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);

    KeIpiGenericCall((PKIPI_BROADCAST_WORKER)no_parameter, 0);
    CHECK(runs == count);
    KeIpiGenericCall((PVOID)no_value, 2);
    CHECK(runs == 3 * count);
    KeIpiGenericCall(pointer_parameter, &on_stack);
    CHECK(on_stack == count);
    KeIpiGenericCall(status_value, NULL);
    CHECK(runs == 4 * count);
    KeIpiGenericCall(no_parameter, (ULONG_PTR)NULL);
    CHECK(runs == 5 * count);
    CHECK(value.low == 7 && value.high == 5);
    CHECK(strings_and_tags());
    return check_result("inexact_types");
}
