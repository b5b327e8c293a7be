/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/acpi_madt.c: entries of impossible length, truncated tables, damaged bytes.
 */
#include "tests/host/acpi_madt_parser.h"

/* A2.1: a length of 0 or 1 would never advance, or overlap. */
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

/* A single byte is left: a type without a length. */
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

/* A2.1: an entry shorter than its type is skipped, and the entries after it are read. */
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
            assert_int_equal(parsed.io_apic_count, 0);
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

/* The table's own length may be less than the mapped size, but not more. */
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
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), ACPI_BAD_TABLE);
    assert_plausible(CAPACITY);
    madt = make_full_madt();
    madt.data[3] = 'X';
    assert_int_equal(parse_bytes(madt.data, madt.size, CAPACITY), ACPI_BAD_TABLE);
    assert_int_equal(parsed.count, 0);
}

static void parse_survives_every_truncation(void **state)
{
    struct bytes madt = make_full_madt();
    size_t last_count = 0;

    (void)state;
    for (size_t size = 0; size <= madt.size; size++) {
        int status = parse_bytes(madt.data, size, CAPACITY);

        assert_int_equal(status, size < 44 ? ACPI_BAD_TABLE : 0);
        assert_plausible(CAPACITY);
        assert_true(parsed.count >= last_count);
        last_count = parsed.count;
    }
    assert_int_equal(last_count, 3);
}

/* --- mutations, with a fixed seed --- */

enum { MUTATIONS = 20000 };

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
        assert_in_range(acpi_nmi_input(madt.data, madt.size, random_number() % 8), 0, 1);
    }
}

/* The whole way from the RSDP; any of the tables may be damaged. */
static void find_survives_random_mutation(void **state)
{
    unsigned found_count = 0;

    (void)state;
    random_state = 2;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct test_firmware firmware;
        struct bytes *const tables[] = {
            &firmware.rsdp,
            &firmware.rsdt,
            &firmware.xsdt,
            &firmware.madt,
        };
        struct acpi_table found;

        empty_machine(NULL);
        install_firmware(&firmware, random_number() % 2 * 2);
        for (unsigned t = random_number() % 4; t < 4; t += 1 + random_number() % 3) {
            mutate(tables[t]);
        }
        if (acpi_find_table(&memory, RSDP_PHYS, "APIC", 44, &found) == 0) {
            found_count++;
            parsed.list = list;
            parsed.capacity = CAPACITY;
            assert_int_equal(acpi_parse_madt(found.bytes, found.size, &parsed), 0);
            assert_plausible(CAPACITY);
        }
        if (i % 16 == 0) {
            acpi_scan_rsdp(&memory);
        }
    }
    assert_in_range(found_count, MUTATIONS / 10, MUTATIONS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    return cmocka_run_group_tests_name("acpi_malformed", tests, NULL, NULL);
}
