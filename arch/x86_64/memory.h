/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: pages are allocated from one region that the loader reports as usable, and never
 * freed. The kernel's stacks, page tables, processor structures and the pool come from here.
 */
#ifndef ARCH_X86_64_MEMORY_H
#define ARCH_X86_64_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"
#include "boot/boot_info.h"

#define PAGE_BYTES   4096u
#define WINDOW_LIMIT (4ull << 30) /* physical memory that start.S maps */

/*
 * Chooses the largest usable region below 4 GiB, without the image and the ranges that the loader
 * keeps. `boot` must remain valid.
 */
void memory_start(const struct boot_info *boot);

/* A run of pages, not cleared; 0 if memory is short. `size` is rounded up to whole pages. */
uint64_t memory_allocate_phys(size_t size);

/* One page of zeroes, for a page table; 0 if memory is short. */
uint64_t memory_allocate_page_phys(void);

/*
 * A usable page below 1 MiB for the start-up trampoline; 0 if there is none. It is neither page 0
 * nor kept by firmware, and not where STARTUP vectors are reserved (0xA0000..0xBFFFF). It is never
 * reused.
 */
uint64_t memory_low_page_phys(void);

/* Is this address in usable memory, as opposed to a device or nothing? */
bool memory_is_usable(uint64_t phys);

/* The virtual address of physical memory below 4 GiB. */
static inline void *memory_view(uint64_t phys)
{
    return (void *)(WINDOW_BASE + phys);
}

#endif
