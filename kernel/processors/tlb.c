/* SPDX-License-Identifier: MIT */
/*
 * A second user of the rendezvous, and not a second protocol: two of them, each with a turn of its
 * own, deadlock when each of two callers holds one and waits for the other's target (contract C6).
 */
#include "kernel/processors/tlb.h"

#include "kernel/rendezvous/rendezvous.h"

struct range {
    uintptr_t address;
    size_t pages;
};

static uintptr_t MUSTER_API flush(uintptr_t argument)
{
    const struct range *range = (const struct range *)argument;
    arch_flush_tlb(range->address, range->pages);
    return 0;
}

void tlb_flush(uintptr_t address, size_t pages)
{
    struct range range = { .address = address, .pages = pages };
    rendezvous_check_caller((uintptr_t)flush, (uintptr_t)__builtin_return_address(0));
    (void)rendezvous_run_everywhere(flush, (uintptr_t)&range);
}
