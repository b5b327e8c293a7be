/* SPDX-License-Identifier: MIT */
/*
 * INT 2Ch, which a failed assertion of the compiler's own kind executes, in a worker on the last
 * processor.
 */
#include "misuse.h"

KIPI_BROADCAST_WORKER assert_on_last;

_Use_decl_annotations_ ULONG_PTR assert_on_last(ULONG_PTR Argument)
{
    if (is_last_processor()) {
        __int2c();
    }
    return Argument;
}

static VOID misuse(VOID)
{
    KeIpiGenericCall(assert_on_last, 0);
}
