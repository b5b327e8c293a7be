/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: pages handed out once and never taken back, from one region that the loader
 * calls usable. The kernel's stacks, page tables, processor structures and the pool come from here.
 */
#ifndef ARCH_X86_64_MEMORY_H
#define ARCH_X86_64_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"
#include "boot/boot_info.h"

#define PAGE_BYTES   4096u
#define WINDOW_LIMIT (4ull << 30) /* physical memory that is mapped from the beginning */

/*
 * Chooses the largest usable region below 4 GiB, less the image and what the loader keeps. `boot`
 * stays.
 */
void memory_start(const struct boot_info *boot);

/* A run of pages with whatever was in them, 0 when there is none. `size` is rounded up to pages. */
uint64_t memory_allocate_phys(size_t size);

/* One page of zeroes, for a page table; 0 when there is none. */
uint64_t memory_allocate_page_phys(void);

/*
 * A usable page below 1 MiB for the start-up trampoline, 0 when there is none: neither page 0 nor
 * what firmware keeps, and not where a vector is reserved (0xA0000..0xBFFFF). It is kept for ever.
 */
uint64_t memory_low_page_phys(void);

/* Is this address memory, rather than a device or nothing? */
bool memory_is_usable(uint64_t phys);

/* The virtual address of physical memory below 4 GiB. */
static inline void *memory_view(uint64_t phys)
{
    return (void *)(WINDOW_BASE + phys);
}

#endif
