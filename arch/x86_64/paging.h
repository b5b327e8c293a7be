/* SPDX-License-Identifier: MIT */
/*
 * The kernel's page tables: those of start.S, and the mappings that are added to them later.
 */
#ifndef ARCH_X86_64_PAGING_H
#define ARCH_X86_64_PAGING_H

#include <stddef.h>
#include <stdint.h>

/* Drops the identity map: from then on an access through a NULL pointer faults. */
void paging_start(void);

/* The physical address of the kernel's top-level table. */
uint64_t paging_root_phys(void);

/*
 * A top-level table for processors that are being started: the kernel's, plus the page at
 * `page_phys` (below 1 MiB) at its own address, readable and executable. 0 if memory is short.
 */
uint64_t paging_create_trampoline_root(uint64_t page_phys);

/* A stack of `size` bytes above a guard page. Returns its top; 0 if memory is short. */
uintptr_t paging_create_stack(size_t size);

/* Maps device registers, uncached. Returns their virtual address; 0 if memory is short. */
uintptr_t paging_map_device(uint64_t phys, size_t size);

/*
 * Maps a framebuffer as write-combining: stores are combined, and reads are slow. Returns its
 * virtual address; 0 if memory is short or the processor cannot form such a physical address.
 */
uintptr_t paging_map_framebuffer(uint64_t phys, size_t size);

/* Maps memory above the first 4 GiB, read-only; NULL if memory is short. */
const void *paging_map_readonly(uint64_t phys, size_t size);

#endif
