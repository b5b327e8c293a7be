/* SPDX-License-Identifier: MIT */
/*
 * Copies of the whole simulated system, and the hash by which two of its states are compared.
 *
 * A state consists of: the kernel's variables and the processors' structures; IRQL, flag, pending
 * and serviced interrupts; each stack from its stack pointer up, which includes the registers;
 * store buffers; what loops have read; happens-before (race.c); what the checks remember; the time
 * and the faults left. All of it is copied, and all of it is hashed, so two states with the same
 * hash continue alike. (56 bits of the hash are kept, see search.c: among 10^7 states, the
 * probability that any two different ones collide is 7 in 10^4.)
 *
 * Dead data must not distinguish states that continue alike. What lies below a stack pointer is
 * zeroed whenever a processor stops. That is not enough: a frame has slots that its function does
 * not use, or does not use yet, and those hold what earlier calls left there. So each function that
 * may be on a stopped stack zeroes its frame before anything else (fiber.S); without that, half of
 * the states or more are duplicates. What a function leaves in a slot that it no longer needs stays
 * there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/explore.h"

#define RANGE_LIMIT 40u

struct range {
    char *base;
    size_t size;
    bool hashed;
};

static struct range ranges[RANGE_LIMIT];
static unsigned range_count;

void state_ranges_clear(void)
{
    range_count = 0;
}

void state_add(void *base, size_t size, bool hashed)
{
    if (range_count == RANGE_LIMIT) {
        fprintf(stderr, "explore: too many ranges of state\n");
        exit(2);
    }
    ranges[range_count++] = (struct range){ base, size, hashed };
}

/* The used part of a processor's stack. */
static struct range used_stack(unsigned processor)
{
    struct sim_range stack = sim_stack(processor);
    char *top = (char *)stack.base + stack.size;
    char *pointer = sim_cpus[processor].stack_pointer;
    return (struct range){ pointer, (size_t)(top - pointer), true };
}

/* The depth of the deepest call from a stopping place. */
#define DEAD_STACK 2048u

void state_clear_dead_stack(unsigned processor)
{
    memset((char *)sim_cpus[processor].stack_pointer - DEAD_STACK, 0, DEAD_STACK);
}

void state_save(struct state_copy *copy)
{
    size_t size = 0;
    for (unsigned i = 0; i < range_count; i++) {
        size += ranges[i].size;
    }
    for (unsigned i = 0; i < sim_count; i++) {
        size += used_stack(i).size;
    }
    if (copy->size < size) {
        copy->bytes = realloc(copy->bytes, size);
        copy->size = size;
    }
    if (copy->bytes == NULL) {
        fprintf(stderr, "explore: no memory for a state of %zu bytes\n", size);
        exit(2);
    }
    char *to = copy->bytes;
    for (unsigned i = 0; i < range_count; i++) {
        memcpy(to, ranges[i].base, ranges[i].size);
        to += ranges[i].size;
    }
    for (unsigned i = 0; i < sim_count; i++) {
        struct range stack = used_stack(i);
        memcpy(to, stack.base, stack.size);
        to += stack.size;
    }
}

/* The ranges come first: they hold the stack pointers. */
void state_restore(const struct state_copy *copy)
{
    const char *from = copy->bytes;
    for (unsigned i = 0; i < range_count; i++) {
        memcpy(ranges[i].base, from, ranges[i].size);
        from += ranges[i].size;
    }
    for (unsigned i = 0; i < sim_count; i++) {
        struct range stack = used_stack(i);
        memcpy(stack.base, from, stack.size);
        from += stack.size;
    }
}

/* One step of a multiplicative hash: both halves of the product count. */
uint64_t state_mix(uint64_t hash, uint64_t first, uint64_t second)
{
    unsigned __int128 product = (unsigned __int128)(first ^ hash) *
                                (second ^ 0x9e3779b97f4a7c15ull ^ (hash << 32 | hash >> 32));
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) + 0xd1b54a32d192ed03ull;
}

static uint64_t hash_range(uint64_t hash, const struct range *range)
{
    const char *at = range->base, *end = range->base + range->size;
    uint64_t pair[2];

    for (; end - at >= 32; at += 32) {
        uint64_t four[4];
        memcpy(four, at, 32);
        if ((four[0] | four[1] | four[2] | four[3]) != 0) { /* most of it is zero */
            hash = state_mix(hash + (uint64_t)(at - range->base), four[0], four[1]);
            hash = state_mix(hash, four[2], four[3]);
        }
    }
    for (; end - at >= 16; at += 16) {
        memcpy(pair, at, 16);
        hash = state_mix(hash, pair[0], pair[1]);
    }
    pair[0] = pair[1] = 0;
    memcpy(pair, at, (size_t)(end - at));
    return state_mix(hash, pair[0], pair[1] ^ range->size);
}

uint64_t state_hash(void)
{
    uint64_t hash = 0x2545f4914f6cdd1dull;
    for (unsigned i = 0; i < range_count; i++) {
        if (ranges[i].hashed) {
            hash = hash_range(hash, &ranges[i]);
        }
    }
    for (unsigned i = 0; i < sim_count; i++) {
        struct range stack = used_stack(i);
        hash = hash_range(hash, &stack);
    }
    return race_hash(hash);
}
