/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/acpi_madt.c: the processors that a list names, and the input of their NMI.
 */
#include "tests/host/acpi_madt_parser.h"

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

/* A2.3: placeholders, even enabled ones; also lists whose type 0 entries are all placeholders. */
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

/* A2.4: every processor is listed in both types, and twice in one of them. */
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

/* A disabled entry does not hide an enabled one with the same id. */
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
    for (unsigned i = 0; i < ACPI_MAX_IO_APICS + 4; i++) {
        put_io_apic(&madt, i, i << 12, i * 24);
    }
    finish_table(&madt);
    assert_int_equal(parse_bytes(madt.data, madt.size, 3), 0);
    assert_int_equal(parsed.count, 3);
    assert_int_equal(parsed.overflow, 2);
    assert_int_equal(parsed.io_apic_count, ACPI_MAX_IO_APICS);
    assert_int_equal(parsed.io_apic_overflow, 4);
    assert_int_equal(parsed.io_apics[63].gsi_base, 63 * 24);
    assert_int_equal(parse_bytes(madt.data, madt.size, 0), 0);
    assert_int_equal(parsed.count, 0);
    assert_int_equal(parsed.overflow, 5);
}

/* A2.3: if type 0 has only placeholders, ids below 255 in type 9 are correct. */
static void parse_takes_small_x2apic_ids_where_there_are_no_others(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        put_lapic(&madt, i, 0xFF, i % 2);
    }
    put_lapic(&madt, 4, 7, 0); /* a disabled entry is not in use either */
    for (unsigned i = 0; i < 4; i++) {
        put_x2apic(&madt, i, 2 * i, 1);
    }
    parse(&madt);
    PROCESSORS_ARE(0, 2, 4, 6);
    assert_int_equal(parsed.misplaced, 0);
}

/*
 * A2.4: if type 0 is in use, they violate the standard. They are accepted, and counted as
 * misplaced.
 */
static void parse_takes_small_x2apic_ids_beside_xapic_ones(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_x2apic(&madt, 300, 8, 1);
    put_lapic(&madt, 0, 0, 1);
    put_x2apic(&madt, 301, 0xFE, 1);
    put_x2apic(&madt, 302, 0xFF, 1); /* correct: no entry of type 0 can name it */
    put_x2apic(&madt, 303, 0, 1);    /* a duplicate */
    parse(&madt);
    PROCESSORS_ARE(8, 0, 0xFE, 0xFF);
    assert_int_equal(parsed.misplaced, 2);
    assert_int_equal(parsed.duplicates, 1);
}

/* A2.5: the address override has 64 bits and replaces the table's own address. */
static void parse_lets_the_override_replace_the_address(void **state)
{
    struct bytes madt = begin_madt(0xFEE00000, 0);

    (void)state;
    put_address_override(&madt, 0x3FFEE00000);
    parse(&madt);
    assert_true(parsed.lapic_phys == 0x3FFEE00000);
}

/* --- NMI (A2.6) --- */

static unsigned nmi_input(struct bytes *madt, uint32_t acpi_uid)
{
    finish_table(madt);
    uint8_t *copy = malloc(madt->size);
    memcpy(copy, madt->data, madt->size);
    unsigned lint = acpi_nmi_input(copy, madt->size, acpi_uid);
    free(copy);
    return lint;
}

static void nmi_is_on_lint1_if_nothing_is_said(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    assert_int_equal(nmi_input(&madt, 0), 1);
    put_lapic_nmi(&madt, 3, 0, 0); /* of another processor */
    put_x2apic_nmi(&madt, 4, 0, 0);
    assert_int_equal(nmi_input(&madt, 0), 1);
    assert_int_equal(nmi_input(&madt, ACPI_UID_UNKNOWN), 1);
    madt.data[0] = 'X';
    assert_int_equal(acpi_nmi_input(madt.data, madt.size, 3), 1);
    assert_int_equal(acpi_nmi_input(madt.data, 0, 3), 1);
}

static void nmi_entries_name_a_processor_or_all(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic_nmi(&madt, 3, 5, 0);
    put_x2apic_nmi(&madt, 300, 5, 0);
    assert_int_equal(nmi_input(&madt, 3), 0);
    assert_int_equal(nmi_input(&madt, 300), 0);
    assert_int_equal(nmi_input(&madt, 4), 1);
    put_lapic_nmi(&madt, 0xFF, 5, 0);
    assert_int_equal(nmi_input(&madt, 4), 0);
    assert_int_equal(nmi_input(&madt, ACPI_UID_UNKNOWN), 0);
    madt = begin_madt(0, 0);
    put_x2apic_nmi(&madt, 0xFFFFFFFF, 5, 0);
    assert_int_equal(nmi_input(&madt, 4), 0);
}

/* 0xFF means all processors only in type 4; in type 0xA, 255 is an ordinary number. */
static void nmi_entries_of_type_a_name_processor_255(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_x2apic_nmi(&madt, 0xFF, 5, 0);
    assert_int_equal(nmi_input(&madt, 4), 1);
    assert_int_equal(nmi_input(&madt, 0xFF), 0);
}

static void nmi_of_this_processor_goes_before_that_of_all(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic_nmi(&madt, 0xFF, 5, 1);
    for (unsigned i = 0; i < 100; i++) { /* many tables have one per processor */
        put_lapic_nmi(&madt, i, 5, i == 90 ? 0 : 1);
    }
    put_lapic_nmi(&madt, 90, 5, 1); /* the first of two counts */
    put_lapic_nmi(&madt, 0xFF, 5, 1);
    assert_int_equal(nmi_input(&madt, 90), 0);
    assert_int_equal(nmi_input(&madt, 91), 1);
}

static void nmi_entries_with_defects_are_passed_over(void **state)
{
    struct bytes madt = begin_madt(0, 0);

    (void)state;
    put_lapic_nmi(&madt, 0xFF, 5, 2); /* no local APIC has LINT2 */
    put_lapic_nmi(&madt, 0xFF, 5, 0xFF);
    put(&madt, 4 | 5 << 8, 2); /* too short */
    put(&madt, 0xFF, 3);
    put(&madt, 0xA | 8 << 8, 2);
    put(&madt, 0xFFFFFFFF, 6);
    assert_int_equal(nmi_input(&madt, 4), 1);
    put(&madt, 0, 2); /* the walk ends here */
    put_lapic_nmi(&madt, 0xFF, 5, 0);
    assert_int_equal(nmi_input(&madt, 4), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parse_reads_every_structure),
        TEST(parse_of_no_entries),
        TEST(parse_counts_only_enabled_processors),
        TEST(parse_ignores_placeholders),
        TEST(parse_counts_each_apic_id_once),
        TEST(parse_takes_the_enabled_one_of_two),
        TEST(parse_keeps_the_order_of_the_table),
        TEST(parse_counts_what_has_no_room),
        TEST(parse_takes_small_x2apic_ids_where_there_are_no_others),
        TEST(parse_takes_small_x2apic_ids_beside_xapic_ones),
        TEST(parse_lets_the_override_replace_the_address),
        TEST(nmi_is_on_lint1_if_nothing_is_said),
        TEST(nmi_entries_name_a_processor_or_all),
        TEST(nmi_entries_of_type_a_name_processor_255),
        TEST(nmi_of_this_processor_goes_before_that_of_all),
        TEST(nmi_entries_with_defects_are_passed_over),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("acpi_madt", tests, NULL, NULL);
}
