/* SPDX-License-Identifier: MIT */
/*
 * Local APIC conformance: the timer, on the boot processor. It belongs to the deadline alarm
 * (lapic_timer.c), and is returned to it.
 */
#include "arch/x86_64/clock.h"
#include "tests/kernel/apic.h"

#define LVT_MASKED        0x10000u
#define LVT_PERIODIC      0x20000u
#define TIMER_DIVIDE_BY_1 0xb
#define MEASURE_US        1000
#define PERIOD_MS         5
#define PERIODS           3

static uint32_t counts_per_ms(void)
{
    lapic->write(LAPIC_LVT_TIMER, LVT_MASKED | 0x40);
    lapic->write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    lapic->write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    clock_delay_us(MEASURE_US);
    uint32_t counts = UINT32_MAX - lapic->read(LAPIC_TIMER_CURRENT);
    lapic->write(LAPIC_TIMER_INITIAL, 0);
    return counts;
}

/* `entry` is the local vector with its mode. */
static void start(uint32_t entry, uint32_t counts)
{
    lapic->write(LAPIC_LVT_TIMER, entry);
    lapic->write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    lapic->write(LAPIC_TIMER_INITIAL, counts);
}

static void give_back(void)
{
    lapic->write(LAPIC_TIMER_INITIAL, 0);
    lapic->write(LAPIC_LVT_TIMER, VECTOR_ALARM);
    apic_listen_end();
}

static unsigned count_of(unsigned vector)
{
    unsigned count = 0;
    for (unsigned i = 0; i < atomic_load(&apic_arrival_count) && i < APIC_ARRIVALS; i++) {
        count += apic_arrivals[i].vector == vector;
    }
    return count;
}

static void test_count(void)
{
    uint32_t counts = counts_per_ms();

    EXPECT(counts > 0);
    start(LVT_MASKED | 0x40, UINT32_MAX);
    uint32_t first = lapic->read(LAPIC_TIMER_CURRENT);
    clock_delay_us(100);
    uint32_t second = lapic->read(LAPIC_TIMER_CURRENT);
    EXPECT(second < first);
    EXPECT(lapic->read(LAPIC_TIMER_INITIAL) == UINT32_MAX);
    lapic->write(LAPIC_TIMER_INITIAL, 0);
    EXPECT(lapic->read(LAPIC_TIMER_CURRENT) == 0);
    give_back();
}

/* Lets the timer run once more: by then, anything that the first run sends has been sent. */
static void test_one_shot(void)
{
    uint32_t counts = counts_per_ms();

    apic_listen(NULL);
    start(0x48, counts);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(lapic->read(LAPIC_TIMER_CURRENT) == 0);
    start(0x40, counts);
    EXPECT(apic_await(&apic_arrival_count, 2));
    EXPECT(count_of(0x48) == 1);
    EXPECT(count_of(0x40) == 1);
    give_back();
}

static void test_masked(void)
{
    uint32_t counts = counts_per_ms();

    apic_listen(NULL);
    start(LVT_MASKED | 0x48, counts);
    uint64_t began_ticks = arch_ticks();
    while (lapic->read(LAPIC_TIMER_CURRENT) != 0 &&
           arch_ticks() - began_ticks < 1000 * arch_ticks_per_ms()) {
        arch_relax();
    }
    EXPECT(lapic->read(LAPIC_TIMER_CURRENT) == 0);
    start(0x40, counts);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(count_of(0x48) == 0);
    EXPECT(count_of(0x40) == 1);
    give_back();
}

static void test_periodic(void)
{
    uint32_t counts = counts_per_ms() * PERIOD_MS;

    apic_listen(NULL);
    start(LVT_PERIODIC | 0x48, counts);
    EXPECT(apic_await(&apic_arrival_count, PERIODS));
    EXPECT(lapic->read(LAPIC_TIMER_INITIAL) == counts);
    lapic->write(LAPIC_TIMER_INITIAL, 0);
    lapic->write(LAPIC_LVT_TIMER, LVT_MASKED | 0x48);
    apic_fence();
    EXPECT(lapic->read(LAPIC_TIMER_CURRENT) == 0);
    give_back();
}

/* Like that of any interrupt, and so is the class that it holds back. */
static void test_in_service(void)
{
    uint32_t counts = counts_per_ms();

    apic_listen(NULL);
    start(0x48, counts);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(apic_arrivals[0].vector == 0x48);
    EXPECT(apic_arrivals[0].in_service);
    EXPECT(!apic_arrivals[0].requested);
    EXPECT(apic_arrivals[0].priority == 4);
    give_back();
}

static void test_held_back(void)
{
    uint32_t counts = counts_per_ms();
    unsigned old_irql = irql_set(4);

    apic_listen(NULL);
    start(0x48, counts);
    EXPECT(apic_await_request(0x48));
    EXPECT(atomic_load(&apic_arrival_count) == 0);
    irql_lower(old_irql);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(count_of(0x48) == 1);
    give_back();
}

const struct apic_check apic_timer_checks[] = {
    { "timer.count", "the count goes down, and writing zero stops it", test_count },
    { "timer.one-shot", "one-shot mode interrupts once", test_one_shot },
    { "timer.masked", "a masked timer counts but does not interrupt", test_masked },
    { "timer.periodic", "periodic mode interrupts repeatedly until it is stopped", test_periodic },
    { "service.timer", "in its handler, the timer's interrupt is in service and not requested",
      test_in_service },
    { "timer.held-back", "the TPR holds the timer's interrupt back", test_held_back },
    { NULL, NULL, NULL },
};
