/* SPDX-License-Identifier: MIT */
/* Shared by the tests of the MADT reader: runs the reader on a copy, and checks what it found. */
#ifndef TESTS_HOST_ACPI_MADT_PARSER_H
#define TESTS_HOST_ACPI_MADT_PARSER_H

#include "arch/x86_64/acpi_madt.h"
#include "tests/host/acpi_builder.h"

enum { CAPACITY = 16 };

static struct acpi_processor list[CAPACITY];
static struct acpi_processors parsed;

/* Parses a copy in a heap block of exactly `size` bytes. */
static inline int parse_bytes(const uint8_t *data, size_t size, size_t capacity)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    int status;

    memcpy(copy, data, size);
    memset(&parsed, 0x5A, sizeof(parsed));
    parsed.list = list;
    parsed.capacity = capacity;
    status = acpi_parse_madt(copy, size, &parsed);
    free(copy);
    return status;
}

static inline void parse(struct bytes *madt)
{
    finish_table(madt);
    assert_int_equal(parse_bytes(madt->data, madt->size, CAPACITY), 0);
}

/* The sums that hold for every table. */
static inline void assert_plausible(size_t capacity)
{
    assert_true(parsed.list == list);
    assert_int_equal(parsed.capacity, capacity);
    assert_true(parsed.count <= capacity);
    assert_true(parsed.overflow == 0 || parsed.count == capacity);
    assert_true(parsed.io_apic_count <= ACPI_MAX_IO_APICS);
    assert_true(parsed.misplaced <= parsed.count);
    for (size_t i = 0; i < parsed.count; i++) {
        assert_int_not_equal(parsed.list[i].apic_id, 0xFFFFFFFF);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(parsed.list[i].apic_id, parsed.list[j].apic_id);
        }
    }
}

static inline void assert_apic_ids(size_t count, const uint32_t *ids)
{
    assert_int_equal(parsed.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(parsed.list[i].apic_id, ids[i]);
    }
}

#define PROCESSORS_ARE(...)                                 \
    do {                                                    \
        const uint32_t ids[] = { __VA_ARGS__ };             \
                                                            \
        assert_apic_ids(sizeof(ids) / sizeof(ids[0]), ids); \
        assert_plausible(CAPACITY);                         \
    } while (0)

#endif
