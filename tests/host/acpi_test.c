/*
 * arch/x86_64/acpi.c: the tables of good firmware and of bad. Every byte that the code may look at
 * lies in a heap block of exactly that size, so that the address sanitizer sees any step beyond.
 */
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

static void put(struct bytes *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes->data[bytes->size++] = (uint8_t)(value >> 8 * i);
    }
}

static void put_at(struct bytes *bytes, size_t offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes->data[offset + i] = (uint8_t)(value >> 8 * i);
    }
}

/* Sets the byte at `at` so that the first `size` bytes add up to 0. */
static void fix_checksum(struct bytes *bytes, size_t at, size_t size)
{
    uint8_t sum = 0;

    bytes->data[at] = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes->data[i]);
    }
    bytes->data[at] = (uint8_t)-sum;
}

/* The header of a table: the length and checksum come with finish_table(). */
static struct bytes begin_table(const char *signature)
{
    struct bytes table = { .size = 36 };

    memcpy(table.data, signature, 4);
    memcpy(table.data + 10, "MUSTERTABLE", 11);
    return table;
}

static void finish_table(struct bytes *table)
{
    put_at(table, 4, table->size, 4);
    fix_checksum(table, 9, table->size);
}

/* --- physical memory --- */

struct piece {
    uint64_t phys;
    const struct bytes *bytes;
};

/* What exists, and the views handed out. A view is a copy in a heap block of its own. */
struct machine {
    struct piece pieces[8];
    unsigned piece_count;
    void *views[20000];
    unsigned view_count;
};

static struct machine machine;

static const void *view(void *context, uint64_t phys, size_t size)
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

static int empty_machine(void **state)
{
    (void)state;
    while (machine.view_count > 0) {
        free(machine.views[--machine.view_count]);
    }
    machine.piece_count = 0;
    return 0;
}

static void place(uint64_t phys, const struct bytes *bytes)
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

static struct bytes make_rsdp(unsigned revision, uint32_t rsdt_phys, uint64_t xsdt_phys)
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

/* A root table with up to two entries; an entry of 0 stays, as firmware has them. */
static struct bytes make_root(const char *signature, uint64_t first, uint64_t second)
{
    unsigned entry_size = signature[0] == 'X' ? 8 : 4;
    struct bytes root = begin_table(signature);

    put(&root, 0x1000, entry_size); /* not readable */
    put(&root, first, entry_size);
    put(&root, second, entry_size);
    finish_table(&root);
    return root;
}

static struct bytes begin_madt(uint32_t lapic_phys, uint32_t flags)
{
    struct bytes madt = begin_table("APIC");

    put(&madt, lapic_phys, 4);
    put(&madt, flags, 4);
    return madt;
}

static void put_lapic(struct bytes *madt, unsigned uid, unsigned id, uint32_t flags)
{
    put(madt, 0, 1);
    put(madt, 8, 1);
    put(madt, uid, 1);
    put(madt, id, 1);
    put(madt, flags, 4);
}

static void put_x2apic(struct bytes *madt, uint32_t uid, uint32_t id, uint32_t flags)
{
    put(madt, 9, 1);
    put(madt, 16, 1);
    put(madt, 0, 2);
    put(madt, id, 4);
    put(madt, flags, 4);
    put(madt, uid, 4);
}

static void put_io_apic(struct bytes *madt, unsigned id, uint32_t phys, uint32_t gsi_base)
{
    put(madt, 1, 1);
    put(madt, 12, 1);
    put(madt, id, 1);
    put(madt, 0, 1);
    put(madt, phys, 4);
    put(madt, gsi_base, 4);
}

static void put_lapic_nmi(struct bytes *madt, unsigned uid, unsigned flags, unsigned lint)
{
    put(madt, 4, 1);
    put(madt, 6, 1);
    put(madt, uid, 1);
    put(madt, flags, 2);
    put(madt, lint, 1);
}

static void put_x2apic_nmi(struct bytes *madt, uint32_t uid, unsigned flags, unsigned lint)
{
    put(madt, 0xA, 1);
    put(madt, 12, 1);
    put(madt, flags, 2);
    put(madt, uid, 4);
    put(madt, lint, 1);
    put(madt, 0, 3);
}

static void put_address_override(struct bytes *madt, uint64_t phys)
{
    put(madt, 5, 1);
    put(madt, 12, 1);
    put(madt, 0, 2);
    put(madt, phys, 8);
}

/* Every structure that is read, and one that is not. */
static struct bytes make_full_madt(void)
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

/* --- finding the MADT --- */

static int find(struct acpi_madt_location *found)
{
    memset(found, 0x5A, sizeof(*found));
    return acpi_find_madt(&memory, RSDP_PHYS, found);
}

static void assert_finds(uint64_t phys, uint32_t warnings)
{
    struct acpi_madt_location found;

    assert_int_equal(find(&found), 0);
    assert_int_equal(found.phys, phys);
    assert_int_equal(found.warnings, warnings);
    assert_memory_equal(found.table, "APIC", 4);
}

static void assert_finds_nothing(int status)
{
    struct acpi_madt_location found;
    struct acpi_madt_location untouched;

    memset(&untouched, 0x5A, sizeof(untouched));
    assert_int_equal(find(&found), status);
    assert_memory_equal(&found, &untouched, sizeof(found));
}

/* The tables of a good machine, each to be damaged by a test before the search. */
struct firmware {
    struct bytes rsdp;
    struct bytes rsdt;
    struct bytes xsdt;
    struct bytes madt;
    struct bytes madt2;
};

/* Revision 0: an RSDT that names madt. Revision 2: an XSDT, too. madt2 is there but not named. */
static void install_firmware(struct firmware *firmware, unsigned revision)
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

static void find_goes_through_the_rsdt_of_revision_0(void **state)
{
    struct firmware firmware;
    struct acpi_madt_location found;

    (void)state;
    install_firmware(&firmware, 0);
    assert_finds(MADT_PHYS, 0);
    assert_int_equal(find(&found), 0);
    assert_int_equal(found.size, firmware.madt.size);
    assert_memory_equal(found.table, firmware.madt.data, found.size);
}

static void find_goes_through_the_xsdt_of_revision_2(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, 0);
    assert_finds(MADT_PHYS, 0);
}

static void find_reads_xsdt_entries_above_4_gib(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.xsdt = make_root("XSDT", 0x987654321B, 0);
    place(0x987654321B, &firmware.madt);
    assert_finds(0x987654321B, 0);
}

static void find_falls_back_to_the_rsdt(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, 0); /* no XSDT */
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, 0x123456789000); /* nothing there */
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, UINT64_MAX - 3);
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, MADT_PHYS); /* another table */
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, XSDT_PHYS);
    firmware.xsdt.data[40] ^= 1; /* bad checksum */
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
    firmware.xsdt = make_root("XSDT", 0, 0); /* no MADT in it */
    assert_finds(MADT_PHYS, ACPI_RSDT_FALLBACK);
}

static void find_does_not_trust_an_xsdt_behind_a_bad_extended_checksum(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, 0);
    firmware.rsdp.data[33] ^= 1;
    assert_finds(MADT2_PHYS, ACPI_RSDT_FALLBACK | ACPI_BAD_RSDP_CHECKSUM);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, XSDT_PHYS);
    put_at(&firmware.rsdp, 20, 35, 4); /* length */
    fix_checksum(&firmware.rsdp, 32, 35);
    assert_finds(MADT2_PHYS, ACPI_RSDT_FALLBACK | ACPI_BAD_RSDP_CHECKSUM);
    put_at(&firmware.rsdp, 20, 0xFFFFFFFF, 4);
    assert_finds(MADT2_PHYS, ACPI_RSDT_FALLBACK | ACPI_BAD_RSDP_CHECKSUM);
}

static void find_uses_a_bad_xsdt_if_there_is_no_better(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.xsdt.data[10] ^= 1;
    firmware.rsdt.data[0] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_ROOT_CHECKSUM);
}

static void find_warns_of_a_bad_rsdp_checksum(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdp.data[9] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_RSDP_CHECKSUM);
}

static void find_warns_of_a_bad_rsdt_checksum(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt.data[10] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_ROOT_CHECKSUM);
}

static void find_uses_a_madt_with_a_bad_checksum_if_it_is_the_only_one(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.madt.data[50] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_CHECKSUM);
}

static void find_prefers_a_madt_with_a_good_checksum(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.madt.data[50] ^= 1;
    firmware.xsdt = make_root("XSDT", MADT_PHYS, MADT2_PHYS); /* in the same root */
    assert_finds(MADT2_PHYS, 0);
    firmware.xsdt = make_root("XSDT", MADT_PHYS, 0); /* in the other one */
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, 0);
    assert_finds(MADT2_PHYS, ACPI_RSDT_FALLBACK);
}

static void find_takes_the_first_of_two_good_ones(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, MADT_PHYS);
    assert_finds(MADT2_PHYS, 0);
}

static void find_ignores_a_root_entry_that_is_cut(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt = make_root("RSDT", 0, MADT_PHYS);
    firmware.rsdt.size -= 1;
    finish_table(&firmware.rsdt);
    assert_finds_nothing(ACPI_NO_MADT);
}

static void find_refuses_tables_of_impossible_length(void **state)
{
    static const uint32_t lengths[] = { 0, 1, 35, 43, (1 << 20) + 1, 0x80000000, 0xFFFFFFFF };
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        put_at(&firmware.madt, 4, lengths[i], 4);
        assert_finds_nothing(ACPI_NO_MADT);
    }
    finish_table(&firmware.madt);
    put_at(&firmware.rsdt, 4, 35, 4);
    assert_finds_nothing(ACPI_NO_ROOT);
}

static void find_refuses_a_table_that_cannot_be_read_whole(void **state)
{
    struct firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    put_at(&firmware.madt, 4, firmware.madt.size + 1, 4);
    assert_finds_nothing(ACPI_NO_MADT);
}

static void find_says_what_is_missing(void **state)
{
    struct firmware firmware;

    (void)state;
    assert_finds_nothing(ACPI_NO_RSDP);
    install_firmware(&firmware, 2);
    firmware.rsdp.data[7] = '_';
    assert_finds_nothing(ACPI_NO_RSDP);
    firmware.rsdp = make_rsdp(2, 0, 0);
    assert_finds_nothing(ACPI_NO_ROOT);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, XSDT_PHYS);
    firmware.madt.data[0] = 'X';
    assert_finds_nothing(ACPI_NO_MADT);
}

/* --- scanning for the RSDP --- */

static struct bytes ebda_segment;
static struct bytes found_rsdp;

static void scan_finds_an_rsdp_in_the_ebda(void **state)
{
    (void)state;
    ebda_segment = (struct bytes){ .data = { 0xC0, 0x9F }, .size = 2 };
    found_rsdp = make_rsdp(0, 1, 0);
    place(0x40E, &ebda_segment);
    place(0x9FC00 + 1008 - 16, &found_rsdp);
    assert_int_equal(acpi_scan_rsdp(&memory), 0x9FC00 + 1008 - 16);
}

static void scan_looks_at_the_first_kib_of_the_ebda_only(void **state)
{
    (void)state;
    ebda_segment = (struct bytes){ .data = { 0xC0, 0x9F }, .size = 2 };
    found_rsdp = make_rsdp(0, 1, 0);
    place(0x40E, &ebda_segment);
    place(0x9FC00 + 1024, &found_rsdp);
    assert_int_equal(acpi_scan_rsdp(&memory), 0);
}

static void scan_finds_an_rsdp_in_the_bios_area(void **state)
{
    static const uint32_t places[] = { 0xE0000, 0xF5AD0, 0xFFFD0, 0xFFFE0 };

    (void)state;
    found_rsdp = make_rsdp(0, 1, 0);
    for (unsigned i = 0; i < 4; i++) {
        empty_machine(NULL);
        place(places[i], &found_rsdp);
        assert_int_equal(acpi_scan_rsdp(&memory), places[i]);
    }
}

static void scan_finds_nothing_elsewhere(void **state)
{
    static const uint32_t places[] = { 0xDFFF0, 0xE0008, 0xF5AD1, 0xFFFF0, 0x100000, 0x500 };

    (void)state;
    found_rsdp = make_rsdp(0, 1, 0);
    for (unsigned i = 0; i < 6; i++) {
        empty_machine(NULL);
        place(places[i], &found_rsdp);
        assert_int_equal(acpi_scan_rsdp(&memory), 0);
    }
}

static void scan_passes_over_bad_checksums(void **state)
{
    struct bytes bad = make_rsdp(0, 1, 0);
    struct bytes bad_extended = make_rsdp(2, 1, 2);
    struct bytes good = make_rsdp(2, 1, 2);

    (void)state;
    bad.data[9] ^= 1;
    bad_extended.data[35] ^= 1;
    place(0xE0000, &bad);
    place(0xE0100, &bad_extended);
    place(0xF0000, &good);
    assert_int_equal(acpi_scan_rsdp(&memory), 0xF0000);
}

/* --- the MADT --- */

enum { CAPACITY = 16 };

static struct acpi_processor list[CAPACITY];
static struct acpi_processors parsed;

/* Parses a copy in a heap block of exactly `size` bytes. */
static int parse_bytes(const uint8_t *data, size_t size, size_t capacity)
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

static void parse(struct bytes *madt)
{
    finish_table(madt);
    assert_int_equal(parse_bytes(madt->data, madt->size, CAPACITY), 0);
}

/* The sums that hold for any table whatever. */
static void assert_plausible(size_t capacity)
{
    assert_true(parsed.list == list);
    assert_int_equal(parsed.capacity, capacity);
    assert_true(parsed.count <= capacity);
    assert_true(parsed.overflow == 0 || parsed.count == capacity);
    assert_true(parsed.io_apic_count <= ACPI_MAX_IO_APICS);
    assert_true(parsed.nmi_count <= ACPI_MAX_LAPIC_NMIS);
    for (size_t i = 0; i < parsed.count; i++) {
        assert_int_not_equal(parsed.list[i].apic_id, 0xFFFFFFFF);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(parsed.list[i].apic_id, parsed.list[j].apic_id);
        }
    }
}

static void assert_apic_ids(size_t count, const uint32_t *ids)
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

static void parse_reads_every_structure(void **state)
{
    struct bytes madt = make_full_madt();

    (void)state;
    parse(&madt);
    PROCESSORS_ARE(0, 4, 0x123);
    assert_int_equal(parsed.list[0].acpi_uid, 1);
    assert_int_equal(parsed.list[1].acpi_uid, 2);
    assert_int_equal(parsed.list[2].acpi_uid, 300);
    assert_int_equal(parsed.disabled, 1);
    assert_int_equal(parsed.duplicates, 0);
    assert_int_equal(parsed.overflow, 0);
    assert_int_equal(parsed.skipped, 0);
    assert_int_equal(parsed.bad_entry_offset, 0);
    assert_true(parsed.pcat_compat);
    assert_true(parsed.lapic_phys == 0x1FEE00000);
    assert_int_equal(parsed.io_apic_count, 1);
    assert_int_equal(parsed.io_apics[0].id, 8);
    assert_int_equal(parsed.io_apics[0].phys, 0xFEC00000);
    assert_int_equal(parsed.io_apics[0].gsi_base, 0);
    assert_int_equal(parsed.nmi_count, 2);
    assert_int_equal(parsed.nmis[0].acpi_uid, ACPI_ALL_PROCESSORS);
    assert_int_equal(parsed.nmis[0].flags, 5);
    assert_int_equal(parsed.nmis[0].lint, 1);
    assert_int_equal(parsed.nmis[1].acpi_uid, 300);
    assert_int_equal(parsed.nmis[1].flags, 0xD);
    assert_int_equal(parsed.nmis[1].lint, 1);
}

static void parse_of_no_entries(void **state)
{
    struct bytes madt = begin_madt(0xFEE00000, 0);

    (void)state;
    parse(&madt);
    assert_int_equal(parsed.count, 0);
    assert_false(parsed.pcat_compat);
    assert_true(parsed.lapic_phys == 0xFEE00000);
    assert_int_equal(parsed.bad_entry_offset, 0);
}

/* A2.2: Online Capable (bit 1) alone is a processor that does not exist yet. */
static void parse_counts_only_enabled_processors(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 0, 0, 1);
    put_lapic(&madt, 1, 1, 0);
    put_lapic(&madt, 2, 2, 2);
    put_lapic(&madt, 3, 3, 3);
    put_lapic(&madt, 4, 4, 0xFFFFFFFE);
    put_x2apic(&madt, 5, 500, 2);
    put_x2apic(&madt, 6, 600, 1);
    parse(&madt);
    PROCESSORS_ARE(0, 3, 600);
    assert_int_equal(parsed.disabled, 4);
}

/* A2.3: placeholders, even enabled ones; and lists in which type 0 has nothing else. */
static void parse_ignores_placeholders(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 0, 0xFF, 1);
    put_lapic(&madt, 1, 0xFF, 0);
    put_x2apic(&madt, 2, 0xFFFFFFFF, 1);
    put_x2apic(&madt, 3, 0, 1);
    put_x2apic(&madt, 4, 0xFF, 1);
    put_x2apic(&madt, 5, 0xFE, 1);
    parse(&madt);
    PROCESSORS_ARE(0, 0xFF, 0xFE);
    assert_int_equal(parsed.disabled, 0);
    assert_int_equal(parsed.duplicates, 0);
}

/* A2.4: every processor listed as both types, and twice in one. */
static void parse_counts_each_apic_id_once(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 10, 2, 1);
    put_lapic(&madt, 11, 0, 1);
    put_lapic(&madt, 12, 2, 1);
    put_x2apic(&madt, 10, 2, 1);
    put_x2apic(&madt, 11, 0, 1);
    put_x2apic(&madt, 13, 256, 1);
    put_x2apic(&madt, 14, 256, 1);
    parse(&madt);
    PROCESSORS_ARE(2, 0, 256);
    assert_int_equal(parsed.list[0].acpi_uid, 10);
    assert_int_equal(parsed.duplicates, 4);
}

/* A disabled entry does not stand in the way of an enabled one with the same id. */
static void parse_takes_the_enabled_one_of_two(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 1, 3, 0);
    put_x2apic(&madt, 2, 3, 1);
    parse(&madt);
    PROCESSORS_ARE(3);
    assert_int_equal(parsed.disabled, 1);
    assert_int_equal(parsed.duplicates, 0);
}

/* A2.4, A2.5: types in any order; the order of the table is kept. */
static void parse_keeps_the_order_of_the_table(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_x2apic(&madt, 1, 999, 1);
    put_lapic(&madt, 2, 7, 1);
    put_x2apic(&madt, 3, 5, 1);
    put_lapic(&madt, 4, 0, 1);
    parse(&madt);
    PROCESSORS_ARE(999, 7, 5, 0);
}

static void parse_counts_what_has_no_room(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        put_lapic(&madt, i, i, 1);
    }
    for (unsigned i = 0; i < 20; i++) {
        put_io_apic(&madt, i, i << 12, i * 24);
        put_lapic_nmi(&madt, i, 0, 1);
    }
    finish_table(&madt);
    assert_int_equal(parse_bytes(madt.data, madt.size, 3), 0);
    assert_int_equal(parsed.count, 3);
    assert_int_equal(parsed.overflow, 2);
    assert_int_equal(parsed.io_apic_count, 16);
    assert_int_equal(parsed.io_apic_overflow, 4);
    assert_int_equal(parsed.io_apics[15].gsi_base, 15 * 24);
    assert_int_equal(parsed.nmi_count, 16);
    assert_int_equal(parsed.nmi_overflow, 4);
    assert_int_equal(parse_bytes(madt.data, madt.size, 0), 0);
    assert_int_equal(parsed.count, 0);
    assert_int_equal(parsed.overflow, 5);
}

/* A2.1: a length of 0 or 1 would stand still or overlap. */
static void parse_stops_at_a_length_of_0_or_1(void **state)
{
    (void)state;
    for (unsigned length = 0; length < 2; length++) {
        struct bytes madt = begin_madt(0, 0);
        size_t bad;

        put_lapic(&madt, 0, 0, 1);
        bad = madt.size;
        put(&madt, length << 8, 2);
        put_lapic(&madt, 1, 1, 1);
        parse(&madt);
        PROCESSORS_ARE(0);
        assert_int_equal(parsed.bad_entry_offset, bad);
    }
}

/* A2.1: an entry that runs past the end, by one byte or by many. */
static void parse_stops_at_an_entry_beyond_the_end(void **state)
{
    (void)state;
    for (unsigned extra = 1; extra < 0xF8; extra += 7) {
        struct bytes madt = begin_madt(0, 0);
        size_t bad;

        put_lapic(&madt, 0, 0, 1);
        bad = madt.size;
        put_lapic(&madt, 1, 1, 1);
        madt.data[bad + 1] = (uint8_t)(8 + extra);
        parse(&madt);
        PROCESSORS_ARE(0);
        assert_int_equal(parsed.bad_entry_offset, bad);
    }
}

/* A single byte is left: there is a type, but no length. */
static void parse_stops_at_half_an_entry_header(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 0, 0, 1);
    put(&madt, 0, 1);
    parse(&madt);
    PROCESSORS_ARE(0);
    assert_int_equal(parsed.bad_entry_offset, madt.size - 1);
}

/* A2.1: an entry shorter than its type is passed over, and what follows is read. */
static void parse_skips_entries_that_are_too_short(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t size;
    } types[] = { { 0, 8 }, { 1, 12 }, { 4, 6 }, { 5, 12 }, { 9, 16 }, { 0xA, 12 } };

    (void)state;
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        for (unsigned length = 2; length < types[i].size; length++) {
            struct bytes madt = begin_madt(0xFEE00000, 0);

            put(&madt, types[i].type | length << 8, 2);
            for (unsigned j = 2; j < length; j++) {
                put(&madt, 1, 1);
            }
            put_lapic(&madt, 0, 9, 1);
            parse(&madt);
            PROCESSORS_ARE(9);
            assert_int_equal(parsed.skipped, 1);
            assert_int_equal(parsed.io_apic_count + parsed.nmi_count, 0);
            assert_true(parsed.lapic_phys == 0xFEE00000);
        }
    }
}

/* A2.1: a future revision may make an entry longer. */
static void parse_accepts_entries_that_are_longer_than_known(void **state)
{
    struct bytes madt = begin_madt(0, 0);
    size_t first = madt.size;
    size_t second;

    (void)state;
    put_lapic(&madt, 0, 3, 1);
    madt.data[first + 1] = 20;
    put(&madt, 0, 8);
    put(&madt, 0, 4);
    second = madt.size;
    put_x2apic(&madt, 0, 300, 1);
    madt.data[second + 1] = 17;
    put(&madt, 0, 1);
    put_lapic(&madt, 0, 4, 1);
    parse(&madt);
    PROCESSORS_ARE(3, 300, 4);
    assert_int_equal(parsed.skipped, 0);
}

static void parse_passes_over_unknown_types(void **state)
{
    static const unsigned types[] = { 2, 3, 6, 7, 8, 0xB, 0xC, 0x10, 0x7F, 0x80, 0xFF };
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        put(&madt, types[i] | 4 << 8, 4);
    }
    put_lapic(&madt, 0, 3, 1);
    parse(&madt);
    PROCESSORS_ARE(3);
    assert_int_equal(parsed.skipped, 0);
}

/* The table's own length may be less than what was mapped, never more. */
static void parse_believes_a_shorter_length_only(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic(&madt, 0, 0, 1);
    put_lapic(&madt, 1, 1, 1);
    put_at(&madt, 4, madt.size - 8, 4);
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), 0);
    PROCESSORS_ARE(0);
    put_at(&madt, 4, 0xFFFFFFFF, 4);
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), 0);
    PROCESSORS_ARE(0, 1);
}

static void parse_refuses_what_is_no_madt(void **state)
{
    struct bytes madt = make_full_madt();

    (void)state;
    put_at(&madt, 4, 43, 4);
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), ACPI_BAD_MADT);
    assert_plausible(CAPACITY);
    madt = make_full_madt();
    madt.data[3] = 'X';
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), ACPI_BAD_MADT);
    assert_int_equal(parsed.count, 0);
}

static void parse_survives_every_truncation(void **state)
{
    struct bytes madt = make_full_madt();
    size_t last_count = 0;

    (void)state;
    for (size_t size = 0; size <= madt.size; size++) {
        int status = parse_bytes(madt.data, size, CAPACITY);

        assert_int_equal(status, size < 44 ? ACPI_BAD_MADT : 0);
        assert_plausible(CAPACITY);
        assert_true(parsed.count >= last_count);
        last_count = parsed.count;
    }
    assert_int_equal(last_count, 3);
}

/* --- mutations, with a fixed seed --- */

enum { MUTATIONS = 20000 };

static uint32_t random_state;

static uint32_t random_number(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

/* Changes up to eight bytes: to anything, or to the values that hurt. */
static void mutate(struct bytes *bytes)
{
    static const uint8_t favourites[] = { 0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF };
    unsigned count = 1 + random_number() % 8;

    while (count-- > 0) {
        size_t at = random_number() % bytes->size;
        uint32_t value = random_number();

        bytes->data[at] = value & 0x100 ? (uint8_t)value : favourites[value % 8];
    }
}

static void parse_survives_random_mutation(void **state)
{
    (void)state;
    random_state = 1;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct bytes madt = make_full_madt();
        size_t capacity = random_number() % (CAPACITY + 1);

        mutate(&madt);
        parse_bytes(madt.data, 1 + random_number() % madt.size, capacity);
        assert_plausible(capacity);
    }
}

/* The whole way from the RSDP, any table of which may be damaged. */
static void find_survives_random_mutation(void **state)
{
    unsigned found_count = 0;

    (void)state;
    random_state = 2;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct firmware firmware;
        struct bytes *const tables[] = {
            &firmware.rsdp,
            &firmware.rsdt,
            &firmware.xsdt,
            &firmware.madt,
        };
        struct acpi_madt_location found;

        empty_machine(NULL);
        install_firmware(&firmware, random_number() % 2 * 2);
        for (unsigned t = random_number() % 4; t < 4; t += 1 + random_number() % 3) {
            mutate(tables[t]);
        }
        if (find(&found) == 0) {
            found_count++;
            parsed.list = list;
            parsed.capacity = CAPACITY;
            assert_int_equal(acpi_parse_madt(found.table, found.size, &parsed), 0);
            assert_plausible(CAPACITY);
        }
        if (i % 16 == 0) {
            acpi_scan_rsdp(&memory);
        }
    }
    assert_in_range(found_count, MUTATIONS / 10, MUTATIONS - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty_machine, empty_machine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(find_goes_through_the_rsdt_of_revision_0),
        TEST(find_goes_through_the_xsdt_of_revision_2),
        TEST(find_reads_xsdt_entries_above_4_gib),
        TEST(find_falls_back_to_the_rsdt),
        TEST(find_does_not_trust_an_xsdt_behind_a_bad_extended_checksum),
        TEST(find_uses_a_bad_xsdt_if_there_is_no_better),
        TEST(find_warns_of_a_bad_rsdp_checksum),
        TEST(find_warns_of_a_bad_rsdt_checksum),
        TEST(find_uses_a_madt_with_a_bad_checksum_if_it_is_the_only_one),
        TEST(find_prefers_a_madt_with_a_good_checksum),
        TEST(find_takes_the_first_of_two_good_ones),
        TEST(find_ignores_a_root_entry_that_is_cut),
        TEST(find_refuses_tables_of_impossible_length),
        TEST(find_refuses_a_table_that_cannot_be_read_whole),
        TEST(find_says_what_is_missing),
        TEST(scan_finds_an_rsdp_in_the_ebda),
        TEST(scan_looks_at_the_first_kib_of_the_ebda_only),
        TEST(scan_finds_an_rsdp_in_the_bios_area),
        TEST(scan_finds_nothing_elsewhere),
        TEST(scan_passes_over_bad_checksums),
        TEST(parse_reads_every_structure),
        TEST(parse_of_no_entries),
        TEST(parse_counts_only_enabled_processors),
        TEST(parse_ignores_placeholders),
        TEST(parse_counts_each_apic_id_once),
        TEST(parse_takes_the_enabled_one_of_two),
        TEST(parse_keeps_the_order_of_the_table),
        TEST(parse_counts_what_has_no_room),
        TEST(parse_stops_at_a_length_of_0_or_1),
        TEST(parse_stops_at_an_entry_beyond_the_end),
        TEST(parse_stops_at_half_an_entry_header),
        TEST(parse_skips_entries_that_are_too_short),
        TEST(parse_accepts_entries_that_are_longer_than_known),
        TEST(parse_passes_over_unknown_types),
        TEST(parse_believes_a_shorter_length_only),
        TEST(parse_refuses_what_is_no_madt),
        TEST(parse_survives_every_truncation),
        TEST(parse_survives_random_mutation),
        TEST(find_survives_random_mutation),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
