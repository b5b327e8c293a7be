/* SPDX-License-Identifier: MIT */
/*
 * Shared by the readers of ACPI tables: the layout of the common header, and numbers from bytes.
 */
#ifndef ARCH_X86_64_ACPI_BYTES_H
#define ARCH_X86_64_ACPI_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* ACPI 6.5, "System Description Table Header". */
enum acpi_table_layout {
    TABLE_LENGTH = 4,
    TABLE_HEADER_SIZE = 36,
    TABLE_SIZE_LIMIT = 1 << 20,
};

/* Tables are packed and may be unaligned, so numbers are assembled byte by byte. */
static inline uint64_t acpi_read(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    while (size-- > 0) {
        value = value << 8 | bytes[size];
    }
    return value;
}

static inline uint16_t acpi_read_u16(const uint8_t *bytes)
{
    return (uint16_t)acpi_read(bytes, 2);
}

static inline uint32_t acpi_read_u32(const uint8_t *bytes)
{
    return (uint32_t)acpi_read(bytes, 4);
}

/* The usable size of a table: its own length field may only make `size` smaller. */
static inline size_t acpi_table_size(const uint8_t *table, size_t size)
{
    size_t stated = size < TABLE_HEADER_SIZE ? size : acpi_read_u32(table + TABLE_LENGTH);

    return stated < size ? stated : size;
}

#endif
