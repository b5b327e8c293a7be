/* SPDX-License-Identifier: MIT */
/*
 * The nonpaged pool: memory in blocks of any size, for drivers and for the kernel after its start.
 *
 * IRQL: <= DISPATCH_LEVEL, for all functions. They raise to DISPATCH_LEVEL and take one lock, which
 * a routine that interrupted its holder at a higher level would wait for in vain.
 */
#ifndef KERNEL_WINDOWS_POOL_H
#define KERNEL_WINDOWS_POOL_H

#include <stddef.h>
#include <stdint.h>

/* Errors of pool_free(): the block then stays as it is. */
enum pool_status {
    POOL_NOT_A_BLOCK = -1, /* no block begins there; NULL, too */
    POOL_DOUBLE_FREE = -2, /* a block begins there, or did once, but it is free */
    POOL_WRONG_TAG = -3,   /* it was allocated with another tag */
    POOL_CORRUPTED = -4,   /* its header or that of a neighbour was overwritten */
};

/*
 * Gives the `size` bytes at `start` to the pool, for ever. The memory is mapped writable and used
 * by nobody else. Its first and last bytes up to a multiple of 16 are not used; neighbouring
 * regions stay separate; a region too small for one block is ignored.
 */
void pool_add(void *start, size_t size);

/*
 * Allocates `size` bytes, with their former contents. The block is aligned to 16 bytes, from 4096
 * bytes on to a page, as a driver expects of ExAllocatePool2. A size of 0 gives a block of the
 * smallest size there is. `tag` is four characters that name the user, or any other number.
 *
 * Returns: the block, or NULL if no region has room for it.
 * Source: WDK "ExAllocatePool2 function (wdm.h)".
 */
void *pool_allocate(size_t size, uint32_t tag);

/*
 * Gives a block back; `tag` is that of the allocation, or 0 if it does not matter.
 *
 * Returns: 0, or one of enum pool_status. A block that was freed is recognised as such until its
 * memory is used again.
 */
int pool_free(void *block, uint32_t tag);

/* Returns the bytes in all free blocks together: no single allocation need be able to get them. */
size_t pool_free_bytes(void);

#endif
