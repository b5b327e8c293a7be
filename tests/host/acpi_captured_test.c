/* SPDX-License-Identifier: MIT */
/*
 * All readers of ACPI tables on tables that real firmware made: the files tests/data/NAME.acpi, in
 * the text format of acpidump after a comment. The tests run in the top directory.
 */
#include <stdio.h>

#include "arch/x86_64/acpi_madt.h"
#include "arch/x86_64/acpi_tables.h"
#include "tests/host/acpi_madt_parser.h"

static struct bytes captured[16];
static uint64_t captured_rsdp_phys;

/* Adds the bytes of a line `    0010: 58 42 ...` to a piece. */
static void read_hex_line(const char *line, struct bytes *piece)
{
    unsigned offset;
    unsigned value;
    int length;

    assert_int_equal(sscanf(line, " %x:%n", &offset, &length), 1);
    assert_int_equal(offset, piece->size);
    for (line += length; sscanf(line, " %2x%n", &value, &length) == 1; line += length) {
        put(piece, value, 1);
    }
}

/* Places the tables of a file in memory. */
static void load(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];
    char name[16];
    unsigned long long phys;
    unsigned count = 0;

    if (file == NULL) {
        fail_msg("%s cannot be read: run this test in the top directory", path);
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%15[A-Z ]@ 0x%llx", name, &phys) == 2) {
            assert_true(count < 16);
            captured_rsdp_phys = memcmp(name, "RSD PTR", 7) == 0 ? phys : captured_rsdp_phys;
            captured[count].size = 0;
            place(phys, &captured[count++]);
        } else if (line[0] == ' ') {
            read_hex_line(line, &captured[count - 1]);
        }
    }
    fclose(file);
    assert_in_range(count, 4, 16);
}

static struct acpi_table find(const char *signature, size_t least)
{
    struct acpi_table found;

    assert_int_equal(acpi_find_table(&memory, captured_rsdp_phys, signature, least, &found), 0);
    assert_int_equal(found.warnings, 0);
    return found;
}

static bool is_there(const char *signature)
{
    struct acpi_table found;

    return acpi_find_table(&memory, captured_rsdp_phys, signature, 36, &found) == 0;
}

static void parse_captured_madt(unsigned io_apics)
{
    struct acpi_table madt = find("APIC", ACPI_MADT_LEAST);

    assert_int_equal(parse_bytes(madt.bytes, madt.size, CAPACITY), 0);
    assert_int_equal(parsed.duplicates + parsed.skipped + parsed.bad_entry_offset, 0);
    assert_int_equal(parsed.misplaced, 0);
    assert_true(parsed.lapic_phys == 0xFEE00000);
    assert_int_equal(parsed.io_apic_count, io_apics);
    assert_int_equal(parsed.io_apics[0].phys, 0xFEC00000);
    assert_int_equal(acpi_nmi_input(madt.bytes, madt.size, parsed.list[0].acpi_uid), 1);
}

static void assert_pm_timer(enum acpi_space space, uint64_t address, unsigned bits)
{
    struct acpi_table fadt = find("FACP", ACPI_FADT_LEAST);
    struct acpi_pm_timer timer;

    assert_int_equal(acpi_parse_fadt(fadt.bytes, fadt.size, &timer), 0);
    assert_int_equal(timer.counter.space, space);
    assert_int_equal(timer.counter.address, address);
    assert_int_equal(timer.bits, bits);
}

static void assert_hpet(uint64_t phys)
{
    struct acpi_table hpet = find("HPET", ACPI_HPET_LEAST);

    assert_true(acpi_parse_hpet(hpet.bytes, hpet.size) == phys);
}

static void q35_by_seabios(void **state)
{
    (void)state;
    load("tests/data/q35-seabios.acpi");
    parse_captured_madt(1);
    PROCESSORS_ARE(0, 1, 2, 3);
    assert_true(parsed.pcat_compat);
    assert_pm_timer(ACPI_SPACE_PORT, 0x608, 24);
    assert_hpet(0xFED00000);
    struct acpi_table dmar = find("DMAR", ACPI_DMAR_LEAST);
    assert_int_equal(dmar.bytes[37], 1); /* remaps interrupts, does not opt out */
    assert_false(acpi_parse_dmar_opt_out(dmar.bytes, dmar.size));
}

static void pc_with_free_sockets(void **state)
{
    (void)state;
    load("tests/data/pc-hotplug.acpi");
    parse_captured_madt(1);
    PROCESSORS_ARE(0, 1, 2);
    assert_int_equal(parsed.disabled, 3);
    assert_pm_timer(ACPI_SPACE_PORT, 0x608, 24); /* a FADT of ACPI 1.0 */
    assert_false(is_there("HPET"));
}

static void q35_by_ovmf(void **state)
{
    (void)state;
    load("tests/data/q35-ovmf.acpi");
    parse_captured_madt(1);
    PROCESSORS_ARE(0, 1, 2, 4, 5, 6); /* three cores per socket */
    assert_pm_timer(ACPI_SPACE_PORT, 0x608, 24);
    assert_hpet(0xFED00000);
    assert_false(is_there("DMAR"));
}

/* Hardware-reduced ACPI: no power management timer, no 8259, an XSDT and no RSDT. */
static void microvm(void **state)
{
    (void)state;
    load("tests/data/microvm.acpi");
    parse_captured_madt(2);
    PROCESSORS_ARE(0, 1);
    assert_pm_timer(ACPI_SPACE_NONE, 0, 0);
    assert_false(is_there("HPET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(q35_by_seabios),
        TEST(pc_with_free_sockets),
        TEST(q35_by_ovmf),
        TEST(microvm),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("acpi_captured", tests, NULL, NULL);
}
