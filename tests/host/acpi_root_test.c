/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/acpi.c: from the RSDP to a table, through the root tables of good and bad firmware.
 */
#include "tests/host/acpi_builder.h"

/* --- finding a table; the MADT stands for all --- */

static int find(struct acpi_table *found)
{
    memset(found, 0x5A, sizeof(*found));
    return acpi_find_table(&memory, RSDP_PHYS, "APIC", 44, found);
}

static void assert_finds(uint64_t phys, uint32_t warnings)
{
    struct acpi_table found;

    assert_int_equal(find(&found), 0);
    assert_int_equal(found.phys, phys);
    assert_int_equal(found.warnings, warnings);
    assert_memory_equal(found.bytes, "APIC", 4);
}

static void assert_finds_nothing(int status)
{
    struct acpi_table found;
    struct acpi_table untouched;

    memset(&untouched, 0x5A, sizeof(untouched));
    assert_int_equal(find(&found), status);
    assert_memory_equal(&found, &untouched, sizeof(found));
}

static void find_goes_through_the_rsdt_of_revision_0(void **state)
{
    struct test_firmware firmware;
    struct acpi_table found;

    (void)state;
    install_firmware(&firmware, 0);
    assert_finds(MADT_PHYS, 0);
    assert_int_equal(find(&found), 0);
    assert_int_equal(found.size, firmware.madt.size);
    assert_memory_equal(found.bytes, firmware.madt.data, found.size);
}

static void find_goes_through_the_xsdt_of_revision_2(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, 0);
    assert_finds(MADT_PHYS, 0);
}

static void find_reads_xsdt_entries_above_4_gib(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.xsdt = make_root("XSDT", 0x987654321B, 0);
    place(0x987654321B, &firmware.madt);
    assert_finds(0x987654321B, 0);
}

static void find_falls_back_to_the_rsdt(void **state)
{
    struct test_firmware firmware;

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
    struct test_firmware firmware;

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
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.xsdt.data[10] ^= 1;
    firmware.rsdt.data[0] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_ROOT_CHECKSUM);
}

static void find_warns_of_a_bad_rsdp_checksum(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdp.data[9] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_RSDP_CHECKSUM);
}

static void find_warns_of_a_bad_rsdt_checksum(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt.data[10] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_ROOT_CHECKSUM);
}

static void find_uses_a_madt_with_a_bad_checksum_if_it_is_the_only_one(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 2);
    firmware.madt.data[50] ^= 1;
    assert_finds(MADT_PHYS, ACPI_BAD_CHECKSUM);
}

static void find_prefers_a_madt_with_a_good_checksum(void **state)
{
    struct test_firmware firmware;

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
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt = make_root("RSDT", MADT2_PHYS, MADT_PHYS);
    assert_finds(MADT2_PHYS, 0);
}

static void find_ignores_a_root_entry_that_is_cut(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    firmware.rsdt = make_root("RSDT", 0, MADT_PHYS);
    firmware.rsdt.size -= 1;
    finish_table(&firmware.rsdt);
    assert_finds_nothing(ACPI_NO_TABLE);
}

static void find_refuses_tables_of_impossible_length(void **state)
{
    static const uint32_t lengths[] = { 0, 1, 35, 43, (1 << 20) + 1, 0x80000000, 0xFFFFFFFF };
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        put_at(&firmware.madt, 4, lengths[i], 4);
        assert_finds_nothing(ACPI_NO_TABLE);
    }
    finish_table(&firmware.madt);
    put_at(&firmware.rsdt, 4, 35, 4);
    assert_finds_nothing(ACPI_NO_ROOT);
}

static void find_refuses_a_table_that_cannot_be_read_whole(void **state)
{
    struct test_firmware firmware;

    (void)state;
    install_firmware(&firmware, 0);
    put_at(&firmware.madt, 4, firmware.madt.size + 1, 4);
    assert_finds_nothing(ACPI_NO_TABLE);
}

static void find_says_what_is_missing(void **state)
{
    struct test_firmware firmware;

    (void)state;
    assert_finds_nothing(ACPI_NO_RSDP);
    install_firmware(&firmware, 2);
    firmware.rsdp.data[7] = '_';
    assert_finds_nothing(ACPI_NO_RSDP);
    firmware.rsdp = make_rsdp(2, 0, 0);
    assert_finds_nothing(ACPI_NO_ROOT);
    firmware.rsdp = make_rsdp(2, RSDT_PHYS, XSDT_PHYS);
    firmware.madt.data[0] = 'X';
    assert_finds_nothing(ACPI_NO_TABLE);
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
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("acpi_root", tests, NULL, NULL);
}
