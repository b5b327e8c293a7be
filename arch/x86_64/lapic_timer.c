/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's one-shot timer. It belongs to the deadline alarm of halted waiters and of
 * routines, to measurement and to tests; there is no clock tick (contract P2).
 *
 * One timer, two users on a processor: a test arms it, and before its interrupt was handled the
 * processor halts in a wait. The halt then leaves the timer alone and only relaxes, as a wait that
 * does not halt would: the interrupt comes when it was asked for. The vector in the timer's
 * register tells whose it is. The count does not: in an emulator it is zero before the interrupt
 * is requested, and a timer armed anew in between has lost it.
 *
 * Source: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)", "APIC Timer".
 */
#include "arch/x86_64/clock.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/lapic_registers.h"

#define TIMER_DIVIDE_BY_1   0xb
#define TIMER_DIVIDE_BY_128 0xa
#define MEASURE_MS          2
#define MEASURE_ATTEMPTS    3

static uint64_t counts_per_ms;

/* Never too low, or alarms would come early: the counts of a little more than what is timed. */
static uint64_t measure_once(void)
{
    lapic->write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    uint64_t began_ticks = arch_ticks();
    clock_delay_us(MEASURE_MS * 1000);
    uint64_t passed_ticks = arch_ticks() - began_ticks;
    uint64_t counts = UINT32_MAX - lapic->read(LAPIC_TIMER_CURRENT);
    return counts * arch_ticks_per_ms() / passed_ticks;
}

/* By the time that has really passed, and the least of several: a host may stop this processor. */
void lapic_measure_timer(void)
{
    lapic->write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    counts_per_ms = UINT64_MAX;
    for (unsigned i = 0; i < MEASURE_ATTEMPTS; i++) {
        uint64_t found = measure_once();
        counts_per_ms = found < counts_per_ms ? found : counts_per_ms;
    }
    lapic->write(LAPIC_TIMER_INITIAL, 0);
}

/* Whose the timer is. */
static uint32_t timer_vector(void)
{
    return lapic->read(LAPIC_LVT_TIMER) & 0xff;
}

/* By 128 what is too far for 32 bits, else a wake-up that was lost would be mended too early. */
static void start(uint64_t delay_ticks)
{
    uint64_t counts = delay_ticks * counts_per_ms / arch_ticks_per_ms() + 1;
    uint32_t divide = TIMER_DIVIDE_BY_1;

    if (counts > UINT32_MAX) {
        divide = TIMER_DIVIDE_BY_128;
        counts = counts / 128 > UINT32_MAX ? UINT32_MAX : counts / 128;
    }
    lapic->write(LAPIC_TIMER_DIVIDE, divide);
    lapic->write(LAPIC_TIMER_INITIAL, (uint32_t)counts);
}

void arch_request_timer(unsigned irql, uint64_t delay_ticks)
{
    lapic->write(LAPIC_LVT_TIMER, lapic_device_vector(irql));
    start(delay_ticks);
}

void lapic_timer_handled(unsigned vector)
{
    if (timer_vector() == vector) {
        lapic->write(LAPIC_LVT_TIMER, VECTOR_ALARM);
    }
}

void arch_set_alarm(uint64_t delay_ticks)
{
    if (timer_vector() == VECTOR_ALARM && counts_per_ms != 0) {
        start(delay_ticks);
    }
}

/* An alarm that goes off after the halt has ended otherwise finds nothing to look after. */
void arch_halt(uint64_t limit_ticks)
{
    if (timer_vector() != VECTOR_ALARM || counts_per_ms == 0) {
        arch_interrupts_enable();
        arch_relax();
        arch_interrupts_disable();
        return;
    }
    start(limit_ticks);
    arch_idle();
    lapic->write(LAPIC_TIMER_INITIAL, 0);
}
