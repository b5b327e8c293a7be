/* SPDX-License-Identifier: MIT */
#include "tests/threads/pages.h"

#include <stdatomic.h>
#include <stddef.h>

#include "kernel/arch.h"

/* The page table, shared by all; release: the frame is filled before it is mapped. */
static const unsigned *_Atomic table[PAGES];

/* This processor's cached translations; NULL: none. */
static _Thread_local const unsigned *cached[PAGES];

void pages_map(unsigned page, const unsigned *frame)
{
    atomic_store_explicit(&table[page], frame, memory_order_release);
}

unsigned pages_load(unsigned page)
{
    uintptr_t saved = arch_interrupts_save();

    if (cached[page] == NULL) {
        cached[page] = atomic_load_explicit(&table[page], memory_order_acquire);
    }
    unsigned loaded = *cached[page];
    arch_interrupts_restore(saved);
    return loaded;
}

void arch_flush_tlb(uintptr_t address, size_t pages)
{
    size_t first = address / PAGE_BYTES;

    for (size_t page = first; page < PAGES && page - first < pages; page++) {
        cached[page] = NULL;
    }
}
