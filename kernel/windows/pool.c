/* SPDX-License-Identifier: MIT */
/*
 * The pool is a list of regions, and a region is a row of blocks without gaps:
 *
 *     region | header payload | header payload | header payload ... | end
 *
 * Allocation takes the first free block that is large enough and cuts off the rest. Freeing joins a
 * block with its free neighbours, so two free blocks are never adjacent. There is no list of free
 * blocks: a search walks all headers. That costs more than a list, but the pool is on no hot path,
 * and freed memory, to which a driver may still write, never holds a pointer that the pool follows.
 *
 * Each header has a check word over its fields and its address, and is trusted only if that word is
 * right. So writing past the end of a block is detected when that block or its neighbour is freed,
 * and a search stops at the damage instead of running wild. When a block is joined to its
 * predecessor, its header stays in memory, marked free; this is how a double free is recognised.
 */
#include "kernel/windows/pool.h"

#include <stdbool.h>

#include "kernel/irql.h"
#include "kernel/windows/spinlock.h"

#define POOL_ALIGNMENT 16
#define POOL_PAGE_SIZE 4096

enum pool_state {
    POOL_STATE_FREE = 0x65657266, /* "free" */
    POOL_STATE_USED = 0x64657375, /* "used" */
};

struct pool_block {
    uint32_t state;              /* enum pool_state */
    uint32_t tag;                /* 0 in a free block */
    size_t size;                 /* bytes, this header included; a multiple of 16 */
    struct pool_block *previous; /* the block that ends where this one begins; NULL: the first */
    uint64_t check;              /* pool_make_check() of the fields above */
};

struct pool_region {
    struct pool_region *next;
    struct pool_block *end; /* end of the last block; the first follows this structure */
};

_Static_assert(sizeof(struct pool_block) % POOL_ALIGNMENT == 0, "payloads are aligned");
_Static_assert(sizeof(struct pool_region) % POOL_ALIGNMENT == 0, "the first block is aligned");

#define POOL_MIN_BLOCK (sizeof(struct pool_block) + POOL_ALIGNMENT)

static struct spinlock pool_spinlock;
static struct pool_region *pool_regions;

static unsigned pool_lock(void)
{
    unsigned old_irql = irql_raise(IRQL_DISPATCH);

    spinlock_acquire(&pool_spinlock);
    return old_irql;
}

static void pool_unlock(unsigned old_irql)
{
    spinlock_release(&pool_spinlock);
    irql_lower(old_irql);
}

/* --- headers --- */

/* Mixes a header's fields and its address, so that a copy of a header elsewhere is not one. */
static uint64_t pool_make_check(const struct pool_block *block)
{
    const uint64_t odd = 0x9E3779B97F4A7C15u;
    uint64_t check = (uintptr_t)block;

    check = (check ^ block->state) * odd;
    check = (check ^ block->tag) * odd;
    check = (check ^ block->size) * odd;
    check = (check ^ (uintptr_t)block->previous) * odd;
    return check ^ check >> 32;
}

static bool pool_is_intact(const struct pool_block *block)
{
    return block->check == pool_make_check(block);
}

static void pool_set_state(struct pool_block *block, enum pool_state state, uint32_t tag)
{
    block->state = state;
    block->tag = tag;
    block->check = pool_make_check(block);
}

static void pool_set_size(struct pool_block *block, size_t size)
{
    block->size = size;
    block->check = pool_make_check(block);
}

static void pool_set_previous(struct pool_block *block, struct pool_block *previous)
{
    block->previous = previous;
    block->check = pool_make_check(block);
}

static struct pool_block *pool_first(struct pool_region *region)
{
    return (struct pool_block *)(region + 1);
}

/* The block after this one; NULL for the last. */
static struct pool_block *pool_next(const struct pool_region *region, struct pool_block *block)
{
    struct pool_block *next = (struct pool_block *)((char *)block + block->size);

    return next < region->end ? next : NULL;
}

/* Splits a free block: it keeps `size` bytes, and the rest becomes the free block returned. */
static struct pool_block *pool_split(const struct pool_region *region, struct pool_block *block,
                                     size_t size)
{
    struct pool_block *next = pool_next(region, block);
    struct pool_block *rest = (struct pool_block *)((char *)block + size);

    *rest = (struct pool_block){ .size = block->size - size, .previous = block };
    pool_set_state(rest, POOL_STATE_FREE, 0);
    pool_set_size(block, size);
    if (next != NULL) {
        pool_set_previous(next, rest);
    }
    return rest;
}

/* Joins a free block with the next one, if that is free too. */
static void pool_join_next(const struct pool_region *region, struct pool_block *block)
{
    struct pool_block *next = pool_next(region, block);

    if (next == NULL || next->state != POOL_STATE_FREE) {
        return;
    }
    pool_set_size(block, block->size + next->size);
    next = pool_next(region, block);
    if (next != NULL) {
        pool_set_previous(next, block);
    }
}

/* --- allocation --- */

/*
 * The number of bytes to leave free at the start of a block so that the payload is aligned: zero,
 * or enough for a separate block.
 */
static size_t pool_alignment_gap(const struct pool_block *block, size_t alignment)
{
    size_t gap = -(uintptr_t)(block + 1) & (alignment - 1);

    return gap == 0 || gap >= POOL_MIN_BLOCK ? gap : gap + alignment;
}

static bool pool_fits(const struct pool_block *block, size_t size, size_t alignment)
{
    return block->state == POOL_STATE_FREE &&
           pool_alignment_gap(block, alignment) + size <= block->size;
}

/* Makes a used block of `size` bytes out of a free block with room for it. */
static struct pool_block *pool_take(const struct pool_region *region, struct pool_block *block,
                                    size_t size, size_t alignment, uint32_t tag)
{
    size_t gap = pool_alignment_gap(block, alignment);

    if (gap > 0) {
        block = pool_split(region, block, gap);
    }
    if (block->size - size >= POOL_MIN_BLOCK) {
        pool_split(region, block, size);
    }
    pool_set_state(block, POOL_STATE_USED, tag);
    return block;
}

/* Takes `size` bytes, header included, from the region's first block with room; else NULL. */
static struct pool_block *pool_search(struct pool_region *region, size_t size, size_t alignment,
                                      uint32_t tag)
{
    struct pool_block *block = pool_first(region);

    for (; block != NULL && pool_is_intact(block); block = pool_next(region, block)) {
        if (pool_fits(block, size, alignment)) {
            return pool_take(region, block, size, alignment, tag);
        }
    }
    return NULL;
}

void *pool_allocate(size_t size, uint32_t tag)
{
    size_t alignment = size >= POOL_PAGE_SIZE ? POOL_PAGE_SIZE : POOL_ALIGNMENT;
    struct pool_block *block = NULL;
    unsigned irql;

    if (size > PTRDIFF_MAX) {
        return NULL;
    }
    size = size == 0 ? POOL_ALIGNMENT : (size + POOL_ALIGNMENT - 1) & -(size_t)POOL_ALIGNMENT;
    size += sizeof(struct pool_block);

    irql = pool_lock();
    for (struct pool_region *region = pool_regions; region != NULL && block == NULL;
         region = region->next) {
        block = pool_search(region, size, alignment, tag);
    }
    pool_unlock(irql);
    return block != NULL ? block + 1 : NULL;
}

/* --- freeing --- */

/* The region in which a payload could begin at `payload`; else NULL. */
static struct pool_region *pool_find_region(const void *payload)
{
    uintptr_t address = (uintptr_t)payload;
    struct pool_region *region = pool_regions;

    if (address % POOL_ALIGNMENT != 0) {
        return NULL;
    }
    while (region != NULL &&
           (address < (uintptr_t)(pool_first(region) + 1) || address >= (uintptr_t)region->end)) {
        region = region->next;
    }
    return region;
}

/* True if a walk of the region reaches this header, intact or damaged. */
static bool pool_is_header(struct pool_region *region, const struct pool_block *wanted)
{
    struct pool_block *block = pool_first(region);

    while (block != NULL && block != wanted && pool_is_intact(block)) {
        block = pool_next(region, block);
    }
    return block == wanted;
}

/* Returns 0 if the block may be freed; else one of enum pool_status. */
static int pool_check_block(struct pool_region *region, struct pool_block *block, uint32_t tag)
{
    struct pool_block *next;

    if (!pool_is_intact(block)) {
        return pool_is_header(region, block) ? POOL_CORRUPTED : POOL_NOT_A_BLOCK;
    }
    if (block->state == POOL_STATE_FREE) {
        return POOL_DOUBLE_FREE;
    }
    if (tag != 0 && tag != block->tag) {
        return POOL_WRONG_TAG;
    }
    next = pool_next(region, block);
    if ((next != NULL && !pool_is_intact(next)) ||
        (block->previous != NULL && !pool_is_intact(block->previous))) {
        return POOL_CORRUPTED;
    }
    return 0;
}

static int pool_free_locked(void *payload, uint32_t tag)
{
    struct pool_region *region = pool_find_region(payload);
    struct pool_block *block;
    int status;

    if (region == NULL) {
        return POOL_NOT_A_BLOCK;
    }
    block = (struct pool_block *)payload - 1;
    status = pool_check_block(region, block, tag);
    if (status < 0) {
        return status;
    }
    pool_set_state(block, POOL_STATE_FREE, 0);
    pool_join_next(region, block);
    if (block->previous != NULL && block->previous->state == POOL_STATE_FREE) {
        pool_join_next(region, block->previous);
    }
    return 0;
}

int pool_free(void *block, uint32_t tag)
{
    unsigned irql = pool_lock();
    int status = pool_free_locked(block, tag);

    pool_unlock(irql);
    return status;
}

/* --- the whole pool --- */

void pool_add(void *start, size_t size)
{
    size_t gap = -(uintptr_t)start & (POOL_ALIGNMENT - 1);
    struct pool_region *region = (struct pool_region *)((char *)start + gap);
    struct pool_block *block = (struct pool_block *)(region + 1);
    unsigned irql;

    if (size < gap + sizeof(*region) + POOL_MIN_BLOCK) {
        return;
    }
    size = (size - gap - sizeof(*region)) & -(size_t)POOL_ALIGNMENT;
    *block = (struct pool_block){ .size = size };
    pool_set_state(block, POOL_STATE_FREE, 0);
    region->end = (struct pool_block *)((char *)block + size);

    irql = pool_lock();
    region->next = pool_regions;
    pool_regions = region;
    pool_unlock(irql);
}

size_t pool_free_bytes(void)
{
    unsigned irql = pool_lock();
    size_t bytes = 0;

    for (struct pool_region *region = pool_regions; region != NULL; region = region->next) {
        struct pool_block *block = pool_first(region);

        for (; block != NULL && pool_is_intact(block); block = pool_next(region, block)) {
            bytes += block->state == POOL_STATE_FREE ? block->size - sizeof(*block) : 0;
        }
    }
    pool_unlock(irql);
    return bytes;
}
