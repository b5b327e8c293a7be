/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/acpi_tables.c: the timers of the FADT and the HPET table, the opt-out of the DMAR.
 */
#include "arch/x86_64/acpi_tables.h"

#include "tests/host/acpi_builder.h"

enum { FLAG_TMR_VAL_EXT = 1 << 8, FLAG_HW_REDUCED = 1 << 20 };

static void put_gas(struct bytes *table, size_t offset, unsigned space, uint64_t address)
{
    put_at(table, offset, space | 32 << 8, 4);
    put_at(table, offset + 4, address, 8);
}

/* A FADT of `size` bytes with PM_TMR_BLK at `port`. */
static struct bytes make_fadt(size_t size, uint32_t port, uint32_t flags)
{
    struct bytes fadt = begin_table("FACP");

    fadt.size = size;
    put_at(&fadt, 76, port, 4);
    put_at(&fadt, 112, flags, 4);
    return fadt;
}

/* Reads a copy in a heap block of exactly its size. */
static int parse_fadt(struct bytes *fadt, struct acpi_pm_timer *timer)
{
    finish_table(fadt);
    uint8_t *copy = malloc(fadt->size);
    memcpy(copy, fadt->data, fadt->size);
    memset(timer, 0x5A, sizeof(*timer));
    int status = acpi_parse_fadt(copy, fadt->size, timer);
    free(copy);
    return status;
}

static void assert_timer(struct bytes *fadt, enum acpi_space space, uint64_t address, unsigned bits)
{
    struct acpi_pm_timer timer;

    assert_int_equal(parse_fadt(fadt, &timer), 0);
    assert_int_equal(timer.counter.space, space);
    assert_int_equal(timer.counter.address, address);
    assert_int_equal(timer.bits, bits);
}

/* --- FADT --- */

static void fadt_of_acpi_1_names_a_port(void **state)
{
    struct bytes fadt = make_fadt(116, 0x608, 0);

    (void)state;
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 24);
    fadt = make_fadt(116, 0x608, FLAG_TMR_VAL_EXT);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 32);
}

static void fadt_prefers_the_extended_address(void **state)
{
    struct bytes fadt = make_fadt(276, 0x608, FLAG_TMR_VAL_EXT);

    (void)state;
    put_gas(&fadt, 208, 1, 0x1808);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x1808, 32);
    put_gas(&fadt, 208, 0, 0xFEFF80008);
    assert_timer(&fadt, ACPI_SPACE_MEMORY, 0xFEFF80008, 32);
}

/* A truncated table, an address of 0, an unknown address space, an impossible port. */
static void fadt_falls_back_to_the_old_address(void **state)
{
    struct bytes fadt = make_fadt(219, 0x608, 0);

    (void)state;
    put_gas(&fadt, 208, 1, 0x1808);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 24);
    fadt = make_fadt(244, 0x608, 0);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 24);
    put_gas(&fadt, 208, 0x7F, 0x1808);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 24);
    put_gas(&fadt, 208, 1, 0x10000);
    assert_timer(&fadt, ACPI_SPACE_PORT, 0x608, 24);
}

static void fadt_may_have_no_timer(void **state)
{
    struct bytes fadt = make_fadt(276, 0, FLAG_TMR_VAL_EXT);

    (void)state;
    assert_timer(&fadt, ACPI_SPACE_NONE, 0, 0);
    fadt = make_fadt(276, 0xFFFFFFFF, 0); /* no port */
    assert_timer(&fadt, ACPI_SPACE_NONE, 0, 0);
    fadt = make_fadt(276, 0x608, FLAG_HW_REDUCED);
    put_gas(&fadt, 208, 1, 0x1808);
    assert_timer(&fadt, ACPI_SPACE_NONE, 0, 0);
}

static void fadt_that_is_none_is_refused(void **state)
{
    struct bytes fadt = make_fadt(115, 0x608, 0);
    struct acpi_pm_timer timer;

    (void)state;
    assert_int_equal(parse_fadt(&fadt, &timer), ACPI_BAD_TABLE);
    assert_int_equal(timer.counter.space, ACPI_SPACE_NONE);
    fadt = make_fadt(276, 0x608, 0);
    fadt.data[0] = 'f';
    assert_int_equal(parse_fadt(&fadt, &timer), ACPI_BAD_TABLE);
    fadt = make_fadt(276, 0x608, 0);
    put_at(&fadt, 4, 115, 4); /* its own length is shorter */
    assert_int_equal(acpi_parse_fadt(fadt.data, fadt.size, &timer), ACPI_BAD_TABLE);
    put_at(&fadt, 4, 0xFFFFFFFF, 4);
    assert_int_equal(acpi_parse_fadt(fadt.data, fadt.size, &timer), 0);
}

/* --- HPET --- */

static struct bytes make_hpet(unsigned space, uint64_t address)
{
    struct bytes hpet = begin_table("HPET");

    hpet.size = 56;
    put_gas(&hpet, 40, space, address);
    finish_table(&hpet);
    return hpet;
}

static void hpet_is_in_memory(void **state)
{
    struct bytes hpet = make_hpet(0, 0xFED00000);

    (void)state;
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0xFED00000);
    hpet = make_hpet(0, 0x8FED00000);
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0x8FED00000);
    hpet = make_hpet(1, 0x400);
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0);
    hpet = make_hpet(0, 0);
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0);
}

static void hpet_that_is_none_is_refused(void **state)
{
    struct bytes hpet = make_hpet(0, 0xFED00000);

    (void)state;
    assert_true(acpi_parse_hpet(hpet.data, 55) == 0);
    put_at(&hpet, 4, 55, 4);
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0);
    hpet = make_hpet(0, 0xFED00000);
    hpet.data[3] = 'X';
    assert_true(acpi_parse_hpet(hpet.data, hpet.size) == 0);
}

/* --- DMAR --- */

static bool opts_out(unsigned flags, size_t size)
{
    struct bytes dmar = begin_table("DMAR");

    dmar.size = 48;
    put_at(&dmar, 36, 38, 1); /* host address width */
    put_at(&dmar, 37, flags, 1);
    finish_table(&dmar);
    return acpi_parse_dmar_opt_out(dmar.data, size);
}

static void dmar_opts_out_with_two_bits(void **state)
{
    (void)state;
    assert_false(opts_out(0, 48));
    assert_false(opts_out(1, 48)); /* interrupts can be remapped */
    assert_false(opts_out(2, 48)); /* has no meaning alone */
    assert_true(opts_out(3, 48));
    assert_true(opts_out(0xFF, 48));
    assert_false(opts_out(0xFC, 48));
    assert_false(opts_out(3, 47));
    assert_false(opts_out(3, 0));
}

/* --- all of them through a root table --- */

static void find_reaches_every_table_by_its_signature(void **state)
{
    struct bytes rsdp = make_rsdp(0, RSDT_PHYS, 0);
    struct bytes rsdt = make_root("RSDT", 0x2000, 0x3000);
    struct bytes fadt = make_fadt(276, 0x608, 0);
    struct bytes hpet = make_hpet(0, 0xFED00000);
    struct acpi_table found;

    (void)state;
    finish_table(&fadt);
    place(RSDP_PHYS, &rsdp);
    place(RSDT_PHYS, &rsdt);
    place(0x2000, &fadt);
    place(0x3000, &hpet);
    assert_int_equal(acpi_find_table(&memory, RSDP_PHYS, "FACP", 116, &found), 0);
    assert_int_equal(found.phys, 0x2000);
    assert_int_equal(found.size, 276);
    assert_int_equal(acpi_find_table(&memory, RSDP_PHYS, "FACP", 277, &found), ACPI_NO_TABLE);
    assert_int_equal(acpi_find_table(&memory, RSDP_PHYS, "HPET", 56, &found), 0);
    assert_int_equal(found.phys, 0x3000);
    assert_int_equal(acpi_find_table(&memory, RSDP_PHYS, "DMAR", 48, &found), ACPI_NO_TABLE);
}

/* --- damage --- */

static void readers_survive_random_mutation(void **state)
{
    (void)state;
    random_state = 3;
    for (unsigned i = 0; i < 20000; i++) {
        struct bytes table = make_fadt(276, 0x608, FLAG_TMR_VAL_EXT);
        struct acpi_pm_timer timer;
        size_t size = 1 + random_number() % 276;

        finish_table(&table);
        mutate(&table);
        uint8_t *copy = malloc(size);
        memcpy(copy, table.data, size);
        if (acpi_parse_fadt(copy, size, &timer) == 0 && timer.bits != 0) {
            assert_true(timer.counter.address != 0);
            assert_true(timer.counter.space != ACPI_SPACE_PORT || timer.counter.address < 0xFFFD);
        }
        memcpy(copy, "HPET", size < 4 ? size : 4);
        acpi_parse_hpet(copy, size);
        memcpy(copy, "DMAR", size < 4 ? size : 4);
        acpi_parse_dmar_opt_out(copy, size);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fadt_of_acpi_1_names_a_port),
        TEST(fadt_prefers_the_extended_address),
        TEST(fadt_falls_back_to_the_old_address),
        TEST(fadt_may_have_no_timer),
        TEST(fadt_that_is_none_is_refused),
        TEST(hpet_is_in_memory),
        TEST(hpet_that_is_none_is_refused),
        TEST(dmar_opts_out_with_two_bits),
        TEST(find_reaches_every_table_by_its_signature),
        TEST(readers_survive_random_mutation),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("acpi_tables", tests, NULL, NULL);
}
