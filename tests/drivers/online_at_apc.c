/* SPDX-License-Identifier: MIT */
/*
 * Takes a processor online at APC_LEVEL, which is also above PASSIVE_LEVEL. Expected: a bug check.
 */
#include "misuse.h"

#include <muster.h>

static VOID misuse(VOID)
{
    KIRQL irql;

    KeRaiseIrql(APC_LEVEL, &irql);
    processor_online(0);
}
