/* SPDX-License-Identifier: MIT */
#include "kernel/silence/frozen.h"

#include <stdatomic.h>

#include "kernel/rendezvous/processors.h"

/* `stored` (release): the snapshot is complete. */
static struct {
    struct arch_snapshot snapshot;
    _Atomic bool stored;
} frozen[PROCESSOR_LIMIT + 1]; /* the last is for a processor that has no index yet */

const struct arch_snapshot *frozen_snapshot(unsigned processor)
{
    return processor <= PROCESSOR_LIMIT &&
                   atomic_load_explicit(&frozen[processor].stored, memory_order_acquire)
               ? &frozen[processor].snapshot
               : NULL;
}

void frozen_store(const struct arch_snapshot *snapshot)
{
    unsigned index = arch_processor()->index;

    if (frozen_snapshot(index) == NULL) {
        frozen[index].snapshot = *snapshot;
        atomic_store_explicit(&frozen[index].stored, true, memory_order_release);
    }
}
