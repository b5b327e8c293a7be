/* SPDX-License-Identifier: MIT */
/*
 * The calls that a compiler emits under -fsanitize=thread, routed to the hooks of sim.h. The
 * sanitizer's own library is not linked: only its calls are wanted, one for each access that other
 * processors could see, and the sources need no change. The driver's own accesses, made on no
 * processor, are performed at once without a hook.
 */
#include <stdint.h>
#include <string.h>

#include "tests/sim/sim.h"

#define CALLER __builtin_return_address(0)

/* ---- accesses, performed ---- */

uint64_t sim_read(const void *address, unsigned size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)address;
    case 2:
        return *(const uint16_t *)address;
    case 4:
        return *(const uint32_t *)address;
    default:
        return *(const uint64_t *)address;
    }
}

void sim_write(void *address, unsigned size, uint64_t value)
{
    memcpy(address, &value, size); /* little endian: the low bytes */
}

static uint64_t truncated(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & ((1ull << size * 8) - 1);
}

uint64_t sim_result(const struct sim_access *access, uint64_t old)
{
    const uint64_t operand = access->operand;
    switch (access->operation) {
    case SIM_LOAD:
        return old;
    case SIM_ADD:
        return truncated(old + operand, access->size);
    case SIM_SUB:
        return truncated(old - operand, access->size);
    case SIM_AND:
        return old & operand;
    case SIM_OR:
        return old | operand;
    case SIM_XOR:
        return old ^ operand;
    case SIM_COMPARE_EXCHANGE:
        return old == access->expected ? operand : old;
    default:
        return operand;
    }
}

bool sim_writes(const struct sim_access *access, uint64_t old)
{
    return access->operation != SIM_LOAD &&
           (access->operation != SIM_COMPARE_EXCHANGE || old == access->expected);
}

uint64_t sim_perform(const struct sim_access *access)
{
    uint64_t old = sim_read(access->address, access->size);
    if (sim_writes(access, old)) {
        sim_write(access->address, access->size, sim_result(access, old));
    }
    return old;
}

/* ---- what the compiler calls; it declares these itself ---- */

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
    if (sim_self != NULL) {
        sim_on_function(pc);
    }
}

void __tsan_func_exit(void)
{
    if (sim_self != NULL) {
        sim_on_function(NULL);
    }
}

static void access_plain(void *address, size_t size, bool writes, const void *pc)
{
    if (sim_self != NULL) {
        sim_on_plain(address, (unsigned)size, writes, pc);
    }
}

#define PLAIN(size)                                  \
    void __tsan_read##size(void *address)            \
    {                                                \
        access_plain(address, size, false, CALLER);  \
    }                                                \
    void __tsan_write##size(void *address)           \
    {                                                \
        access_plain(address, size, true, CALLER);   \
    }                                                \
    void __tsan_unaligned_read##size(void *address)  \
    {                                                \
        access_plain(address, size, false, CALLER);  \
    }                                                \
    void __tsan_unaligned_write##size(void *address) \
    {                                                \
        access_plain(address, size, true, CALLER);   \
    }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *address, size_t size)
{
    access_plain(address, size, false, CALLER);
}

void __tsan_write_range(void *address, size_t size)
{
    access_plain(address, size, true, CALLER);
}

void __tsan_atomic_thread_fence(int order)
{
    if (sim_self != NULL) {
        sim_on_fence(order, CALLER);
    }
}

void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}

static uint64_t access_atomic(enum sim_operation operation, volatile void *address, unsigned size,
                              uint64_t operand, int order, const void *pc)
{
    const struct sim_access access = { .address = (void *)address,
                                       .pc = pc,
                                       .operation = operation,
                                       .size = size,
                                       .order = order,
                                       .order_failure = order,
                                       .operand = operand };
    return sim_self != NULL ? sim_on_access(&access) : sim_perform(&access);
}

static uint64_t compare_exchange(volatile void *address, unsigned size, uint64_t expected,
                                 uint64_t desired, int order, int order_failure, const void *pc)
{
    const struct sim_access access = { .address = (void *)address,
                                       .pc = pc,
                                       .operation = SIM_COMPARE_EXCHANGE,
                                       .size = size,
                                       .order = order,
                                       .order_failure = order_failure,
                                       .operand = desired,
                                       .expected = expected };
    return sim_self != NULL ? sim_on_access(&access) : sim_perform(&access);
}

#define UPDATE(bits, name, operation)                                                      \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *address,          \
                                                uint##bits##_t operand, int order)         \
    {                                                                                      \
        return (uint##bits##_t)access_atomic(operation, address, bits / 8, operand, order, \
                                             CALLER);                                      \
    }

#define COMPARE(bits, name)                                                                      \
    int __tsan_atomic##bits##_##name(volatile uint##bits##_t *address, uint##bits##_t *expected, \
                                     uint##bits##_t desired, int order, int order_failure)       \
    {                                                                                            \
        uint##bits##_t wanted = *expected;                                                       \
        *expected = (uint##bits##_t)compare_exchange(address, bits / 8, wanted, desired, order,  \
                                                     order_failure, CALLER);                     \
        return *expected == wanted;                                                              \
    }

/* Clang's form of both. */
#define COMPARE_VALUE(bits)                                                                  \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                               \
        volatile uint##bits##_t *address, uint##bits##_t expected, uint##bits##_t desired,   \
        int order, int order_failure)                                                        \
    {                                                                                        \
        return (uint##bits##_t)compare_exchange(address, bits / 8, expected, desired, order, \
                                                order_failure, CALLER);                      \
    }

#define ATOMIC(bits)                                                                             \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *address, int order) \
    {                                                                                            \
        return (uint##bits##_t)access_atomic(SIM_LOAD, (volatile void *)address, bits / 8, 0,    \
                                             order, CALLER);                                     \
    }                                                                                            \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *address, uint##bits##_t operand,   \
                                     int order)                                                  \
    {                                                                                            \
        access_atomic(SIM_STORE, address, bits / 8, operand, order, CALLER);                     \
    }                                                                                            \
    UPDATE(bits, exchange, SIM_EXCHANGE)                                                         \
    UPDATE(bits, fetch_add, SIM_ADD)                                                             \
    UPDATE(bits, fetch_sub, SIM_SUB)                                                             \
    UPDATE(bits, fetch_and, SIM_AND)                                                             \
    UPDATE(bits, fetch_or, SIM_OR)                                                               \
    UPDATE(bits, fetch_xor, SIM_XOR)                                                             \
    COMPARE(bits, compare_exchange_strong)                                                       \
    COMPARE(bits, compare_exchange_weak)                                                         \
    COMPARE_VALUE(bits)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* Clang calls these for copies and clears that it generates. */
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    __tsan_read_range((void *)from, size);
    __tsan_write_range(to, size);
    return memcpy(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size)
{
    __tsan_write_range(to, size);
    return memset(to, byte, size);
}
