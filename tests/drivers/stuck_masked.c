/* SPDX-License-Identifier: MIT */
/*
 * A caller disables its interrupts and never returns from its worker; all others have returned. It
 * cannot notice that itself, and no processor waits for it. Expected: bug check 0x101, which names
 * it.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER stay_on_the_first;

_Use_decl_annotations_ ULONG_PTR stay_on_the_first(ULONG_PTR Argument)
{
    while (KeGetCurrentProcessorNumberEx(NULL) == 0) {
        YieldProcessor();
    }
    return Argument;
}

static VOID misuse(VOID)
{
    _disable();
    KeIpiGenericCall(stay_on_the_first, 0);
}
