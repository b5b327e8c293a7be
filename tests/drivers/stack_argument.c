/* SPDX-License-Identifier: MIT */
/*
 * An argument on the caller's stack, in a thousand calls back to back. Right after each call the
 * memory is reused, which reveals a processor that still touches the argument.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
#define CALLS 1000
#define MARK  0x5a5a5a5a

typedef struct _STACK_ARGUMENT {
    ULONG Mark;
    volatile LONG Count;
    volatile LONG64 Sum;
} STACK_ARGUMENT;

KIPI_BROADCAST_WORKER add_index;

_Use_decl_annotations_ ULONG_PTR add_index(ULONG_PTR Argument)
{
    STACK_ARGUMENT *argument = (STACK_ARGUMENT *)Argument;

    if (argument->Mark == MARK) {
        InterlockedIncrement(&argument->Count);
        InterlockedExchangeAdd64(&argument->Sum, KeGetCurrentProcessorNumberEx(NULL));
    }
    return Argument;
}

/* Makes a call with an argument that dies on return; tells whether every processor counted once. */
static DECLSPEC_NOINLINE BOOLEAN call_once(LONG64 count)
{
    STACK_ARGUMENT argument = { MARK, 0, 0 };
    ULONG_PTR result = KeIpiGenericCall(add_index, (ULONG_PTR)&argument);

    return result == (ULONG_PTR)&argument && argument.Count == count &&
           argument.Sum == count * (count - 1) / 2;
}

/* Fills the stack where the argument was, and checks that nothing changes it. */
static DECLSPEC_NOINLINE BOOLEAN reuse_stack(VOID)
{
    volatile UCHAR filler[256];
    ULONG i;
    BOOLEAN intact = TRUE;

    for (i = 0; i < sizeof(filler); i++) {
        filler[i] = 0xc3;
    }
    for (i = 0; i < sizeof(filler); i++) {
        intact = intact && filler[i] == 0xc3;
    }
    return intact;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    LONG64 count = processor_total();
    ULONG wrong = 0, touched = 0, i;

    for (i = 0; i < CALLS; i++) {
        wrong += !call_once(count);
        touched += !reuse_stack();
    }
    CHECK(wrong == 0);
    CHECK(touched == 0);
    return check_result("stack_argument");
}
