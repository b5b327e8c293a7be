/* SPDX-License-Identifier: MIT */
/*
 * A worker executes INT 2Ch, as a failed assertion of Microsoft's compiler does, on the last
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
