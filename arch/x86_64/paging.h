/* SPDX-License-Identifier: MIT */
/*
 * The kernel's page tables: those of start.S, and what is added to them while it runs.
 */
#ifndef ARCH_X86_64_PAGING_H
#define ARCH_X86_64_PAGING_H

#include <stddef.h>
#include <stdint.h>

/* Drops the identity map: from here on an access through a NULL pointer faults. */
void paging_start(void);

/* The physical address of the kernel's top-level table. */
uint64_t paging_root_phys(void);

/*
 * A top-level table for processors on their way up: the kernel's, plus the page at `page_phys`
 * (below 1 MiB) at its own address, readable and executable. 0 when memory is short.
 */
uint64_t paging_create_trampoline_root(uint64_t page_phys);

/* A stack of `size` bytes over a guard page; returns its top, 0 when memory is short. */
uintptr_t paging_create_stack(size_t size);

/* Maps device registers, not cached; returns their virtual address, 0 when memory is short. */
uintptr_t paging_map_device(uint64_t phys, size_t size);

/*
 * Maps a framebuffer, write-combining: stores are gathered, and reads are slow. Returns its virtual
 * address, 0 when memory is short or the processor has no such physical address.
 */
uintptr_t paging_map_framebuffer(uint64_t phys, size_t size);

/* Maps memory that the first 4 GiB do not cover, read-only; NULL when memory is short. */
const void *paging_map_readonly(uint64_t phys, size_t size);

#endif
