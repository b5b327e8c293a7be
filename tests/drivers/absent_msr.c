/* SPDX-License-Identifier: MIT */
/*
 * A worker that reads an MSR which no processor has. Expected on an engine that does not forgive
 * that (Bochs): bug check 0x1E, parameter 1 = 0xC0000005, since hardware answers by #GP.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER read_absent;

_Use_decl_annotations_ ULONG_PTR read_absent(ULONG_PTR Argument)
{
    return (ULONG_PTR)__readmsr((ULONG)Argument);
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(read_absent, 0xDEADBEEF);
}
