/* SPDX-License-Identifier: MIT */
/*
 * The nonpaged pool: memory in blocks of any size, for drivers and for the kernel after its start.
 *
 * IRQL: <= DISPATCH_LEVEL, for all functions. They raise to DISPATCH_LEVEL and take one lock. A
 * routine that interrupted the holder at a higher level would wait for that lock forever.
 */
#ifndef KERNEL_WINDOWS_POOL_H
#define KERNEL_WINDOWS_POOL_H

#include <stddef.h>
#include <stdint.h>

/* Errors of pool_free(), which then changes nothing */
enum pool_status {
    POOL_NOT_A_BLOCK = -1, /* no block begins there; also for NULL */
    POOL_DOUBLE_FREE = -2, /* a block begins there, or did so once, but it is free */
    POOL_WRONG_TAG = -3,   /* the block was allocated with another tag */
    POOL_CORRUPTED = -4,   /* its header or a neighbour's was overwritten */
};

/*
 * Adds the `size` bytes at `start` to the pool, permanently. The memory must be mapped writable and
 * have no other use. Bytes before the first and after the last multiple of 16 are wasted; adjacent
 * regions stay separate; a region too small for one block is ignored.
 */
void pool_add(void *start, size_t size);

/*
 * Allocates `size` bytes and does not clear them. The block is aligned to 16 bytes, or to a page if
 * it has 4096 bytes or more, as drivers expect of ExAllocatePool2. For a size of 0 the block has
 * the smallest possible size. `tag` is four characters that name the user, or any other number.
 *
 * Returns: the block; NULL if no region has room for it.
 * Source: WDK "ExAllocatePool2 function (wdm.h)".
 */
void *pool_allocate(size_t size, uint32_t tag);

/*
 * Frees a block. `tag` is the tag of the allocation; 0: not checked.
 *
 * Returns: 0, or one of enum pool_status. A freed block is recognised as such until its memory is
 * used again.
 */
int pool_free(void *block, uint32_t tag);

/* Returns the bytes of all free blocks together; one allocation may not be able to get them. */
size_t pool_free_bytes(void);

#endif
