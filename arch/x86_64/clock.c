/*
 * How fast the time stamp counter runs.
 *
 * First choice is what the processor says of its crystal (CPUID 0x15). Else channel 2 of the 8254 timer
 * is the yardstick: a one-shot of a known length, timed with the counter. The timer may be absent or
 * stopped, so each attempt is bounded. The smallest of several results counts, since
 * whatever disturbs a measurement makes it longer. If there is nothing to measure with, the rate is
 * assumed, and a message says so.
 *
 * Source: Intel SDM vol. 2A, "CPUID"; Intel 8254 data sheet, mode 0.
 */
#include "arch/x86_64/clock.h"

#include "arch/x86_64/cpu.h"
#include "kernel/arch.h"
#include "kernel/log.h"

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND   0x43
#define PIT_ONE_SHOT  0xb0 /* channel 2, low byte then high byte, mode 0 */
#define PIT_GATE      0x61 /* bit 0 gate of channel 2, bit 1 speaker, bit 5 output */
#define PIT_OUTPUT    0x20
#define PIT_HZ        1193182
#define MEASURE_US    5000
#define ATTEMPTS      3
#define POLL_LIMIT    1000000 /* port reads: about a second on real hardware */
#define ASSUMED_KHZ   2000000 /* errs on the long side for time-outs of slower processors */

static uint64_t ticks_per_ms = ASSUMED_KHZ;

uint64_t arch_ticks_per_ms(void)
{
    return ticks_per_ms;
}

/* The crystal's rate times the ratio that the processor gives; 0 when it gives none. */
static uint64_t crystal_khz(void)
{
    if (cpu_id(0, 0).eax < 0x15) {
        return 0;
    }
    struct cpuid id = cpu_id(0x15, 0);
    return id.eax == 0 ? 0 : (uint64_t)id.ecx * id.ebx / id.eax / 1000;
}

/* Ticks during one shot of MEASURE_US; 0 when the timer does not run. */
static uint64_t measure_once(void)
{
    const uint32_t count = (uint32_t)((uint64_t)PIT_HZ * MEASURE_US / 1000000);
    uint8_t gate = (cpu_in8(PIT_GATE) & ~3) | 1;

    cpu_out8(PIT_GATE, gate);
    cpu_out8(PIT_COMMAND, PIT_ONE_SHOT);
    cpu_out8(PIT_CHANNEL_2, count & 0xff);
    uint64_t began_ticks = arch_ticks();
    cpu_out8(PIT_CHANNEL_2, count >> 8); /* the second byte starts it */
    for (unsigned i = 0; i < POLL_LIMIT; i++) {
        if (cpu_in8(PIT_GATE) & PIT_OUTPUT) {
            uint64_t ticks = arch_ticks() - began_ticks;
            return i == 0 ? 0 : ticks; /* high at once: there is no timer */
        }
        arch_relax();
    }
    return 0;
}

void clock_start(void)
{
    uint64_t khz = crystal_khz();
    if (khz != 0) {
        ticks_per_ms = khz;
        return;
    }
    uint64_t best = 0;
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        uint64_t ticks = measure_once();
        best = ticks != 0 && (best == 0 || ticks < best) ? ticks : best;
    }
    if (best != 0) {
        ticks_per_ms = best * 1000 / MEASURE_US;
    } else {
        log_line("clock: nothing to measure the time stamp counter with, %u MHz assumed",
                 ASSUMED_KHZ / 1000);
    }
}

void clock_delay_us(uint64_t us)
{
    uint64_t began_ticks = arch_ticks();
    uint64_t ticks = us * ticks_per_ms / 1000 + 1;
    while (arch_ticks() - began_ticks < ticks) {
        arch_relax();
    }
}
