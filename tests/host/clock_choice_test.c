/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/clock_rate.c: which source to believe about the rate of the time stamp counter, and
 * what CPUID says about its crystal.
 */
#include "arch/x86_64/clock_rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Nothing is measured here. */
uint64_t sim_ticks(void)
{
    return 0;
}

void sim_relax(void)
{
}

/* --- a choice between sources --- */

static void assert_choice(const struct clock_opinion *opinions, unsigned count, unsigned chosen,
                          int confirmed)
{
    const struct clock_opinion *by = (const struct clock_opinion *)&opinions;

    assert_ptr_equal(clock_choose(opinions, count, &by), &opinions[chosen]);
    assert_ptr_equal(by, confirmed < 0 ? NULL : &opinions[confirmed]);
}

#define CHOICE(chosen, confirmed, ...)                       \
    do {                                                     \
        const uint64_t khz[] = { __VA_ARGS__ };              \
        const unsigned count = sizeof(khz) / sizeof(khz[0]); \
        struct clock_opinion opinions[8] = { { .khz = 0 } }; \
        for (unsigned i = 0; i < count; i++) {               \
            opinions[i].khz = khz[i];                        \
        }                                                    \
        assert_choice(opinions, count, chosen, confirmed);   \
    } while (0)

static void two_that_agree_outvote_the_others(void **state)
{
    (void)state;
    CHOICE(0, 1, 2600000, 2610000);
    CHOICE(0, 2, 2600000, 1300000, 2599000);
    CHOICE(1, 2, 2600000, 1300000, 1301000); /* even where the first is the highest */
    CHOICE(1, 3, 5200000, 2600000, 1300000, 2600000);
}

/* A5: a power management timer at double speed makes the processor look half as fast. */
static void without_agreement_the_highest_rate_is_followed(void **state)
{
    (void)state;
    CHOICE(0, -1, 2600000);
    CHOICE(0, -1, 2600000, 1300000);
    CHOICE(1, -1, 1300000, 2600000);
    CHOICE(2, -1, 1300000, 2600000, 2630000);
}

static void agreement_ends_at_one_percent(void **state)
{
    (void)state;
    assert_true(clock_agree(2600000, 2600000));
    assert_true(clock_agree(1000000, 1010000));
    assert_true(clock_agree(1000000, 990000));
    assert_false(clock_agree(1000000, 1010001));
    assert_false(clock_agree(1000000, 989999));
}

static void no_counter_is_slower_than_1_mhz_or_faster_than_20_ghz(void **state)
{
    (void)state;
    assert_false(clock_is_plausible(0));
    assert_false(clock_is_plausible(999));
    assert_true(clock_is_plausible(1000));
    assert_true(clock_is_plausible(20000000));
    assert_false(clock_is_plausible(20000001));
}

/* --- the crystal --- */

static void a_crystal_that_is_stated_counts(void **state)
{
    (void)state;
    assert_int_equal(clock_crystal_khz(2, 134, 38400000, 0xb0671), 2572800);
    assert_int_equal(clock_crystal_khz(2, 216, 24000000, 0), 2592000);
    assert_int_equal(clock_crystal_khz(2, 216, 24000000, 0x506c9), 2592000);
    assert_int_equal(clock_crystal_khz(3, 500, 19200000, 0), 3200000);
}

static void a_crystal_that_is_left_out_is_known_by_the_model(void **state)
{
    static const uint32_t core[] = { 0x406e3, 0x506e3, 0x806ea, 0x906ed };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(clock_crystal_khz(2, 216, 0, core[i]), 2592000);
    }
    assert_int_equal(clock_crystal_khz(3, 171, 0, 0x506c9), 1094400);
}

static void a_crystal_that_nobody_knows_is_none(void **state)
{
    (void)state;
    assert_int_equal(clock_crystal_khz(2, 216, 0, 0x50654), 0); /* 24 or 25 MHz */
    assert_int_equal(clock_crystal_khz(2, 216, 0, 0), 0);
    assert_int_equal(clock_crystal_khz(2, 216, 0, 0xa20f10), 0);
    assert_int_equal(clock_crystal_khz(0, 216, 24000000, 0), 0);
    assert_int_equal(clock_crystal_khz(2, 0, 24000000, 0), 0);
    assert_int_equal(clock_crystal_khz(200, 1, 24000000, 0), 0); /* no processor is that slow */
    assert_int_equal(clock_crystal_khz(1, 0xFFFFFFFF, 0xFFFFFFFF, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_agree_outvote_the_others),
        cmocka_unit_test(without_agreement_the_highest_rate_is_followed),
        cmocka_unit_test(agreement_ends_at_one_percent),
        cmocka_unit_test(no_counter_is_slower_than_1_mhz_or_faster_than_20_ghz),
        cmocka_unit_test(a_crystal_that_is_stated_counts),
        cmocka_unit_test(a_crystal_that_is_left_out_is_known_by_the_model),
        cmocka_unit_test(a_crystal_that_nobody_knows_is_none),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("clock_choice", tests, NULL, NULL);
}
