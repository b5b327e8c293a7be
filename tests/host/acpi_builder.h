/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of the ACPI readers: tables built from numbers, a physical memory to place
 * them in, and random damage with a fixed seed. Every byte that the readers may access is in a heap
 * block of exactly that size, so that the address sanitizer detects any access beyond it.
 */
#ifndef TESTS_HOST_ACPI_BUILDER_H
#define TESTS_HOST_ACPI_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/acpi.h"

/* --- bytes --- */

/* A table or structure under construction. */
struct bytes {
    uint8_t data[2048];
    size_t size;
};

static inline void put(struct bytes *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes->data[bytes->size++] = (uint8_t)(value >> 8 * i);
    }
}

static inline void put_at(struct bytes *bytes, size_t offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes->data[offset + i] = (uint8_t)(value >> 8 * i);
    }
}

/* Sets the byte at `at` so that the first `size` bytes add up to 0. */
static inline void fix_checksum(struct bytes *bytes, size_t at, size_t size)
{
    uint8_t sum = 0;

    bytes->data[at] = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes->data[i]);
    }
    bytes->data[at] = (uint8_t)-sum;
}

/* The header of a table; finish_table() sets its length and checksum. */
static inline struct bytes begin_table(const char *signature)
{
    struct bytes table = { .size = 36 };

    memcpy(table.data, signature, 4);
    memcpy(table.data + 10, "MUSTERTABLE", 11);
    return table;
}

static inline void finish_table(struct bytes *table)
{
    put_at(table, 4, table->size, 4);
    fix_checksum(table, 9, table->size);
}

/* --- physical memory --- */

struct piece {
    uint64_t phys;
    const struct bytes *bytes;
};

/* The memory that exists, and the views of it. A view is a copy in a heap block of its own. */
struct machine {
    struct piece pieces[16];
    unsigned piece_count;
    void *views[20000];
    unsigned view_count;
};

static struct machine machine;

static inline const void *view(void *context, uint64_t phys, size_t size)
{
    assert_ptr_equal(context, &machine);
    assert_in_range(size, 1, 1 << 20);
    assert_true(phys <= UINT64_MAX - size);
    for (unsigned i = 0; i < machine.piece_count; i++) {
        const struct piece *piece = &machine.pieces[i];
        uint64_t offset = phys - piece->phys;

        if (phys >= piece->phys && offset <= piece->bytes->size &&
            size <= piece->bytes->size - offset) {
            void *copy = malloc(size);

            memcpy(copy, piece->bytes->data + offset, size);
            assert_true(machine.view_count < 20000);
            machine.views[machine.view_count++] = copy;
            return copy;
        }
    }
    return NULL;
}

static const struct acpi_memory memory = { .view = view, .context = &machine };

static inline int empty_machine(void **state)
{
    (void)state;
    while (machine.view_count > 0) {
        free(machine.views[--machine.view_count]);
    }
    machine.piece_count = 0;
    return 0;
}

static inline void place(uint64_t phys, const struct bytes *bytes)
{
    machine.pieces[machine.piece_count++] = (struct piece){ phys, bytes };
}

/* --- tables --- */

enum {
    RSDP_PHYS = 0xF5AD0,
    RSDT_PHYS = 0x7FFE1801, /* odd, as tables may be */
    MADT_PHYS = 0x7FFE2003,
    MADT2_PHYS = 0x7FFE3000,
};
#define XSDT_PHYS 0x17FFE0005u

static inline struct bytes make_rsdp(unsigned revision, uint32_t rsdt_phys, uint64_t xsdt_phys)
{
    struct bytes rsdp = { .size = revision >= 2 ? 36 : 20 };

    memcpy(rsdp.data, "RSD PTR ", 8);
    rsdp.data[15] = (uint8_t)revision;
    put_at(&rsdp, 16, rsdt_phys, 4);
    fix_checksum(&rsdp, 8, 20);
    if (revision >= 2) {
        put_at(&rsdp, 20, 36, 4);
        put_at(&rsdp, 24, xsdt_phys, 8);
        fix_checksum(&rsdp, 32, 36);
    }
    return rsdp;
}

/* A root table with up to two entries; an entry of 0 is kept, as firmware has such entries. */
static inline struct bytes make_root(const char *signature, uint64_t first, uint64_t second)
{
    unsigned entry_size = signature[0] == 'X' ? 8 : 4;
    struct bytes root = begin_table(signature);

    put(&root, 0x1000, entry_size); /* not readable */
    put(&root, first, entry_size);
    put(&root, second, entry_size);
    finish_table(&root);
    return root;
}

static inline struct bytes begin_madt(uint32_t lapic_phys, uint32_t flags)
{
    struct bytes madt = begin_table("APIC");

    put(&madt, lapic_phys, 4);
    put(&madt, flags, 4);
    return madt;
}

static inline void put_lapic(struct bytes *madt, unsigned uid, unsigned id, uint32_t flags)
{
    put(madt, 0, 1);
    put(madt, 8, 1);
    put(madt, uid, 1);
    put(madt, id, 1);
    put(madt, flags, 4);
}

static inline void put_x2apic(struct bytes *madt, uint32_t uid, uint32_t id, uint32_t flags)
{
    put(madt, 9, 1);
    put(madt, 16, 1);
    put(madt, 0, 2);
    put(madt, id, 4);
    put(madt, flags, 4);
    put(madt, uid, 4);
}

static inline void put_io_apic(struct bytes *madt, unsigned id, uint32_t phys, uint32_t gsi_base)
{
    put(madt, 1, 1);
    put(madt, 12, 1);
    put(madt, id, 1);
    put(madt, 0, 1);
    put(madt, phys, 4);
    put(madt, gsi_base, 4);
}

static inline void put_lapic_nmi(struct bytes *madt, unsigned uid, unsigned flags, unsigned lint)
{
    put(madt, 4, 1);
    put(madt, 6, 1);
    put(madt, uid, 1);
    put(madt, flags, 2);
    put(madt, lint, 1);
}

static inline void put_x2apic_nmi(struct bytes *madt, uint32_t uid, unsigned flags, unsigned lint)
{
    put(madt, 0xA, 1);
    put(madt, 12, 1);
    put(madt, flags, 2);
    put(madt, uid, 4);
    put(madt, lint, 1);
    put(madt, 0, 3);
}

static inline void put_address_override(struct bytes *madt, uint64_t phys)
{
    put(madt, 5, 1);
    put(madt, 12, 1);
    put(madt, 0, 2);
    put(madt, phys, 8);
}

/* Every structure that the kernel reads, and one that it does not. */
static inline struct bytes make_full_madt(void)
{
    struct bytes madt = begin_madt(0xFEE00000, 1);

    put_lapic(&madt, 1, 0, 1);
    put_lapic(&madt, 2, 4, 1);
    put_lapic(&madt, 3, 6, 0);
    put_io_apic(&madt, 8, 0xFEC00000, 0);
    put(&madt, 0x0A02, 2); /* interrupt source override */
    put(&madt, 0x0900, 8);
    put_lapic_nmi(&madt, 0xFF, 5, 1);
    put_x2apic(&madt, 300, 0x123, 1);
    put_x2apic_nmi(&madt, 300, 0xD, 1);
    put_address_override(&madt, 0x1FEE00000);
    finish_table(&madt);
    return madt;
}

/* --- the tables of a good machine --- */

/* A test may damage each of them before the search. */
struct test_firmware {
    struct bytes rsdp;
    struct bytes rsdt;
    struct bytes xsdt;
    struct bytes madt;
    struct bytes madt2;
};

/* Revision 0: an RSDT that names madt. Revision 2: also an XSDT. madt2 exists but is not named. */
static inline void install_firmware(struct test_firmware *firmware, unsigned revision)
{
    firmware->rsdp = make_rsdp(revision, RSDT_PHYS, XSDT_PHYS);
    firmware->rsdt = make_root("RSDT", MADT_PHYS, 0);
    firmware->xsdt = make_root("XSDT", MADT_PHYS, 0);
    firmware->madt = make_full_madt();
    firmware->madt2 = make_full_madt();
    place(RSDP_PHYS, &firmware->rsdp);
    place(RSDT_PHYS, &firmware->rsdt);
    place(XSDT_PHYS, &firmware->xsdt);
    place(MADT_PHYS, &firmware->madt);
    place(MADT2_PHYS, &firmware->madt2);
}

/* --- damage --- */

static uint32_t random_state;

static inline uint32_t random_number(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

/* Changes up to eight bytes, to random values or to dangerous ones. */
static inline void mutate(struct bytes *bytes)
{
    static const uint8_t favourites[] = { 0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF };
    unsigned count = 1 + random_number() % 8;

    while (count-- > 0) {
        size_t at = random_number() % bytes->size;
        uint32_t value = random_number();

        bytes->data[at] = value & 0x100 ? (uint8_t)value : favourites[value % 8];
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty_machine, empty_machine)

#endif
