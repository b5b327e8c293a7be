/* SPDX-License-Identifier: MIT */
/* Takes a processor offline above PASSIVE_LEVEL. Expected: a bug check that names the routine. */
#include "misuse.h"

#include <muster.h>

static VOID misuse(VOID)
{
    KeRaiseIrqlToDpcLevel();
    processor_offline(1);
}
