/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's one-shot timer. It is used for the deadline alarm of halted waiters and of
 * routines, for measurement and for tests. There is no clock tick (contract P2).
 *
 * Two users may compete for the timer of a processor: a test arms it, and before its interrupt is
 * handled the processor halts in a wait. The halt then leaves the timer alone and only relaxes, as
 * a wait that does not halt would, so that the interrupt arrives at the requested time. The vector
 * in the timer's register shows which user the timer belongs to. The count does not show it: in an
 * emulator the count reaches zero before the interrupt is requested, and a timer that is armed
 * again in between loses that interrupt.
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

/* Never too low, or alarms would be early: the counts cover slightly more than the timed period. */
static uint64_t measure_once(void)
{
    lapic->write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    uint64_t began_ticks = arch_ticks();
    clock_delay_us(MEASURE_MS * 1000);
    uint64_t passed_ticks = arch_ticks() - began_ticks;
    uint64_t counts = UINT32_MAX - lapic->read(LAPIC_TIMER_CURRENT);
    return counts * arch_ticks_per_ms() / passed_ticks;
}

/* Uses the time that actually passed, and the lowest result: a host may pause this processor. */
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

/* The vector shows which user the timer belongs to. */
static uint32_t timer_vector(void)
{
    return lapic->read(LAPIC_LVT_TIMER) & 0xff;
}

/* Divides by 128 if 32 bits are too few: otherwise a lost wake-up would be repaired too early. */
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

/* An alarm that goes off after something else has ended the halt has no effect. */
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
