/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/clock_rate.c with counters that stick, jump, wrap and run at the wrong speed. Time is
 * a number of picoseconds here. It advances only when a counter is read or the processor relaxes.
 */
#include "arch/x86_64/clock_rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PS_PER_US 1000000ull
#define PS_PER_S  1000000000000ull

/*
 * The machine: the cost of its time stamp counter and accesses, and how its counter misbehaves.
 */
static struct {
    uint64_t now_ps;
    uint64_t tsc_khz;
    uint64_t tsc_ps;   /* the duration of reading the time stamp counter */
    uint64_t read_ps;  /* the duration of reading the other counter */
    uint64_t relax_ps; /* the duration of one turn of a wait loop */
    bool tsc_stopped;

    unsigned reads;
    unsigned relaxed;
    uint64_t stop_after_us;                  /* the counter stands still from then on; 0: never */
    unsigned speed_percent;                  /* of its nominal rate */
    unsigned glitch_every;                   /* every n-th reading has a wrong bit; 0: none */
    uint64_t pause_from_us, pause_length_us; /* the host pauses the processor, once */
    unsigned smi_every;                      /* every n-th reading takes 500 us more; 0: none */
    uint32_t offset;                         /* its first value */
    bool gains;                              /* it gets one percent faster each millisecond */
    bool jitters;                            /* a reading is from any moment within its access */
} fake;

static int reset(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    fake.tsc_khz = 2596000;
    fake.tsc_ps = 10000;
    fake.read_ps = PS_PER_US;
    fake.relax_ps = 50000;
    fake.speed_percent = 100;
    return 0;
}

uint64_t sim_ticks(void)
{
    fake.now_ps += fake.tsc_ps;
    return fake.tsc_stopped
               ? 0
               : (uint64_t)((unsigned __int128)fake.now_ps * fake.tsc_khz / 1000000000);
}

void sim_relax(void)
{
    fake.relaxed++;
    fake.now_ps += fake.relax_ps;
}

static void pass_read_time(void)
{
    fake.reads++;
    fake.now_ps += fake.read_ps;
    if (fake.smi_every != 0 && fake.reads % fake.smi_every == 0) {
        fake.now_ps += 500 * PS_PER_US;
    }
    if (fake.pause_length_us != 0 && fake.now_ps > fake.pause_from_us * PS_PER_US) {
        fake.now_ps += fake.pause_length_us * PS_PER_US;
        fake.pause_length_us = 0;
    }
}

static uint32_t read_fake(const struct clock_counter *counter)
{
    pass_read_time();
    uint64_t ps = fake.now_ps - (fake.jitters ? (uint64_t)rand() % fake.read_ps : 0);
    if (fake.stop_after_us != 0 && ps > fake.stop_after_us * PS_PER_US) {
        ps = fake.stop_after_us * PS_PER_US;
    }
    uint64_t count = (uint64_t)((unsigned __int128)ps * counter->hz / PS_PER_S);
    count = count * fake.speed_percent / 100 + fake.offset;
    if (fake.gains) {
        count += count * (ps / (1000 * PS_PER_US)) / 100;
    }
    if (fake.glitch_every != 0 && fake.reads % fake.glitch_every == 0) {
        count ^= 0x2000;
    }
    return (uint32_t)(count & ((1ull << counter->bits) - 1));
}

static struct clock_counter counter_of(uint64_t hz, unsigned bits)
{
    return (struct clock_counter){ .hz = hz, .bits = bits, .read = read_fake };
}

static const uint64_t hpet_hz = 14318180, pm_hz = 3579545, pit_hz = 1193182;

static enum clock_verdict measure(struct clock_counter counter, uint64_t *khz)
{
    *khz = 0x5A;
    return clock_measure(&counter, khz);
}

/* Within a half percent of `expected_khz`. */
static void assert_measures(struct clock_counter counter, uint64_t expected_khz)
{
    uint64_t khz;

    assert_int_equal(measure(counter, &khz), CLOCK_GOOD);
    assert_in_range(khz, expected_khz - expected_khz / 200, expected_khz + expected_khz / 200);
}

static void assert_fails(struct clock_counter counter, enum clock_verdict verdict)
{
    uint64_t khz;

    assert_int_equal(measure(counter, &khz), verdict);
    assert_int_equal(khz, 0);
}

static uint64_t passed_ms(void)
{
    return fake.now_ps / (1000 * PS_PER_US);
}

/* --- counters that count --- */

static void every_kind_of_counter_gives_the_rate(void **state)
{
    static const uint64_t rates_khz[] = { 4000, 50000, 1000000, 2596000, 6200000 };

    for (unsigned i = 0; i < sizeof(rates_khz) / sizeof(rates_khz[0]); i++) {
        reset(state);
        fake.tsc_khz = rates_khz[i];
        assert_measures(counter_of(hpet_hz, 32), rates_khz[i]);
        assert_measures(counter_of(pm_hz, 24), rates_khz[i]);
        assert_measures(counter_of(pm_hz, 32), rates_khz[i]);
        assert_measures(counter_of(pit_hz, 16), rates_khz[i]);
        assert_measures(counter_of(1000000000, 32), rates_khz[i]);
    }
}

static void an_undisturbed_measurement_is_quick_and_relaxes(void **state)
{
    (void)state;
    assert_measures(counter_of(hpet_hz, 32), 2596000);
    assert_in_range(passed_ms(), 8, 9);
    assert_true(fake.relaxed > 1000);
}

/* A5: 24 bits wrap every 4.7 s, 16 bits every 55 ms: begin just before that. */
static void a_counter_may_wrap_meanwhile(void **state)
{
    static const unsigned ahead_us[] = { 0, 1, 100, 2000, 3990, 4010, 7000 };

    for (unsigned i = 0; i < sizeof(ahead_us) / sizeof(ahead_us[0]); i++) {
        reset(state);
        fake.offset = (1u << 24) - (uint32_t)(pm_hz * ahead_us[i] / 1000000);
        assert_measures(counter_of(pm_hz, 24), 2596000);
        reset(state);
        fake.offset = (1u << 16) - (uint32_t)(pit_hz * ahead_us[i] / 1000000);
        assert_measures(counter_of(pit_hz, 16), 2596000);
        reset(state);
        fake.offset = -(uint32_t)(hpet_hz * ahead_us[i] / 1000000);
        assert_measures(counter_of(hpet_hz, 32), 2596000);
    }
}

/* B4: an emulating hypervisor, where each access takes 13 us and each instruction 0.6 us. */
static void slow_accesses_give_the_rate_all_the_same(void **state)
{
    (void)state;
    fake.tsc_ps = 600000;
    fake.relax_ps = 20 * PS_PER_US;
    fake.read_ps = 39 * PS_PER_US; /* the PIT: three accesses */
    assert_measures(counter_of(pit_hz, 16), 2596000);
    fake.read_ps = 13 * PS_PER_US;
    assert_measures(counter_of(pm_hz, 24), 2596000);
    fake.read_ps = 300 * PS_PER_US;
    assert_measures(counter_of(hpet_hz, 32), 2596000);
    assert_true(passed_ms() < 300);
}

/* --- disturbances --- */

static void an_smi_in_some_readings_does_no_harm(void **state)
{
    (void)state;
    for (unsigned every = 7; every < 3000; every += 31) {
        reset(state);
        fake.smi_every = every;
        assert_measures(counter_of(pm_hz, 24), 2596000);
    }
}

/* The host pauses the processor at any point, for longer than 16 bits take to wrap. */
static void a_pause_does_no_harm(void **state)
{
    static const unsigned lengths_us[] = { 100, 5000, 54925, 100000, 3000000, 60000000 };

    for (unsigned i = 0; i < sizeof(lengths_us) / sizeof(lengths_us[0]); i++) {
        for (unsigned from_us = 0; from_us < 9000; from_us += 250) {
            reset(state);
            fake.pause_from_us = from_us;
            fake.pause_length_us = lengths_us[i];
            assert_measures(counter_of(pit_hz, 16), 2596000);
            fake.pause_from_us = fake.now_ps / PS_PER_US + from_us;
            fake.pause_length_us = lengths_us[i];
            assert_measures(counter_of(hpet_hz, 32), 2596000);
        }
    }
}

static void a_glitch_now_and_then_does_no_harm(void **state)
{
    (void)state;
    for (unsigned every = 1000; every < 6000; every += 77) {
        uint64_t khz;

        reset(state);
        fake.glitch_every = every;
        if (measure(counter_of(pm_hz, 24), &khz) == CLOCK_GOOD) {
            assert_in_range(khz, 2580000, 2610000);
        }
    }
}

/* The last reading but one is far ahead of the last: many counts seemed to pass, but none did. */
static void a_glitch_that_ends_the_wait_does_no_harm(void **state)
{
    (void)state;
    fake.read_ps = 1000;
    fake.tsc_ps = 1000;
    fake.relax_ps = 20000;
    fake.glitch_every = 6; /* five readings are a sample */
    assert_measures(counter_of(pit_hz, 16), 2596000);
}

/* Each access takes 100 us, and shows the counter at any moment within it. */
static void jitter_is_outlasted(void **state)
{
    unsigned good = 0;

    srand(1);
    for (unsigned i = 0; i < 200; i++) {
        uint64_t khz;

        reset(state);
        fake.read_ps = 100 * PS_PER_US;
        fake.jitters = true;
        if (measure(counter_of(pm_hz, 24), &khz) == CLOCK_GOOD) {
            assert_in_range(khz, 2480000, 2710000);
            good++;
        }
    }
    assert_int_equal(good, 200);
}

/* --- counters that do not count --- */

/*
 * A5: the clock of the 8254 is gated, but its registers answer. It is watched for milliseconds, not
 * for ever.
 */
static void a_counter_that_stands_is_given_up(void **state)
{
    (void)state;
    fake.stop_after_us = 1;
    assert_fails(counter_of(pit_hz, 16), CLOCK_STOPPED);
    assert_in_range(passed_ms(), 1, 10);
    reset(state);
    fake.stop_after_us = 6000; /* in the middle of the second measurement */
    assert_fails(counter_of(pm_hz, 24), CLOCK_STOPPED);
    assert_true(passed_ms() < 400);
}

static void a_counter_that_stands_is_watched_for_some_readings(void **state)
{
    (void)state;
    fake.stop_after_us = 1;
    fake.read_ps = 10000 * PS_PER_US;
    assert_fails(counter_of(pit_hz, 16), CLOCK_STOPPED);
    assert_in_range(fake.reads, 65, 100);
}

static void all_standing_still_ends_too(void **state)
{
    (void)state;
    fake.stop_after_us = 1;
    fake.tsc_stopped = true;
    assert_fails(counter_of(pit_hz, 16), CLOCK_STOPPED);
    assert_true(fake.reads < 1100000);
}

static void a_time_stamp_counter_that_stands_has_no_rate(void **state)
{
    (void)state;
    fake.tsc_stopped = true;
    assert_fails(counter_of(hpet_hz, 32), CLOCK_UNEVEN);
}

static void a_counter_that_creeps_is_given_up(void **state)
{
    (void)state;
    fake.speed_percent = 1;
    assert_fails(counter_of(pm_hz, 24), CLOCK_STOPPED);
    assert_true(passed_ms() < 400);
}

static uint32_t read_noise(const struct clock_counter *counter)
{
    pass_read_time();
    return (uint32_t)(rand() & (int)((1ull << counter->bits) - 1));
}

static void a_counter_that_gains_is_uneven(void **state)
{
    (void)state;
    fake.gains = true;
    assert_fails(counter_of(hpet_hz, 32), CLOCK_UNEVEN);
}

static void noise_is_no_counter(void **state)
{
    struct clock_counter counter = counter_of(pit_hz, 16);
    uint64_t khz;
    unsigned good = 0;

    (void)state;
    srand(1);
    counter.read = read_noise;
    for (unsigned i = 0; i < 100; i++) {
        good += measure(counter, &khz) == CLOCK_GOOD;
    }
    assert_true(good < 10);
}

/* --- a counter of the wrong speed --- */

/* A5: old power management timers run at double speed, but evenly: only other timers show it. */
static void a_double_speed_counter_shows_against_another(void **state)
{
    uint64_t hpet_khz;
    uint64_t pm_khz;

    (void)state;
    assert_int_equal(measure(counter_of(hpet_hz, 32), &hpet_khz), CLOCK_GOOD);
    fake.speed_percent = 200;
    assert_int_equal(measure(counter_of(pm_hz, 24), &pm_khz), CLOCK_GOOD);
    assert_false(clock_agree(hpet_khz, pm_khz));
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_counter_gives_the_rate),
        TEST(an_undisturbed_measurement_is_quick_and_relaxes),
        TEST(a_counter_may_wrap_meanwhile),
        TEST(slow_accesses_give_the_rate_all_the_same),
        TEST(an_smi_in_some_readings_does_no_harm),
        TEST(a_pause_does_no_harm),
        TEST(a_glitch_now_and_then_does_no_harm),
        TEST(a_glitch_that_ends_the_wait_does_no_harm),
        TEST(jitter_is_outlasted),
        TEST(a_counter_that_stands_is_given_up),
        TEST(a_counter_that_stands_is_watched_for_some_readings),
        TEST(all_standing_still_ends_too),
        TEST(a_time_stamp_counter_that_stands_has_no_rate),
        TEST(a_counter_that_creeps_is_given_up),
        TEST(a_counter_that_gains_is_uneven),
        TEST(noise_is_no_counter),
        TEST(a_double_speed_counter_shows_against_another),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
