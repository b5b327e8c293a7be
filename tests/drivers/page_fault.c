/* SPDX-License-Identifier: MIT */
/*
 * A worker writes to an address that is never mapped, on the last processor. Expected: bug check
 * 0xD1 (0x0A if the fault is not in the driver's code), parameter 1 = the address, parameter 2 =
 * IPI_LEVEL, parameter 3 = 1 for a write.
 */
#include "misuse.h"

/* Canonical, in the lower half, far from all memory that a boot loader maps. */
#define UNMAPPED_ADDRESS 0x0000700000001000ULL

KIPI_BROADCAST_WORKER write_to;

_Use_decl_annotations_ ULONG_PTR write_to(ULONG_PTR Argument)
{
    if (is_last_processor()) {
        *(volatile ULONG *)Argument = 1;
    }
    return 0;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(write_to, UNMAPPED_ADDRESS);
}
