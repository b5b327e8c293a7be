#include "kernel/wait.h"

#include <stdatomic.h>

#include "kernel/bugcheck.h"
#include "kernel/rendezvous.h"

#define PROBE_TURNS    2000
#define PROBE_US       20 /* what the slowest real machine takes for them, and QEMU's TCG */
#define PROBE_ATTEMPTS 3

static uint32_t patience_ms = 5000;

void wait_set_patience_ms(uint32_t ms)
{
    patience_ms = ms;
}

uint32_t wait_patience_ms(void)
{
    return patience_ms;
}

/* Ticks for a loop whose every turn goes to memory. */
static uint64_t probe_once(void)
{
    static _Atomic unsigned word;
    uint64_t began_ticks = arch_ticks();

    for (unsigned i = 0; i < PROBE_TURNS; i++) {
        atomic_store_explicit(&word, i, memory_order_relaxed);
    }
    return arch_ticks() - began_ticks;
}

unsigned wait_measure_slowness(void)
{
    uint64_t best_ticks = UINT64_MAX;

    for (unsigned i = 0; i < PROBE_ATTEMPTS; i++) {
        uint64_t ticks = probe_once();
        best_ticks = ticks < best_ticks ? ticks : best_ticks;
    }
    uint64_t slowness = best_ticks * 1000 / (PROBE_US * arch_ticks_per_ms());
    return slowness < 1 ? 1 : (unsigned)slowness;
}

enum wait_result wait_relaxed_turn(struct wait *wait)
{
    bugcheck_poll_freeze();
    if (!arch_interrupts_enabled()) {
        rendezvous_poll(); /* the doorbell cannot reach us (C1) */
    }
    arch_relax();
    uint64_t now_ticks = arch_ticks();
    if (wait->began_ticks == 0) {
        wait->began_ticks = now_ticks;
    }
    uint64_t patience_ticks = (uint64_t)patience_ms * wait->factor * arch_ticks_per_ms();
    return now_ticks - wait->began_ticks > patience_ticks ? WAIT_EXPIRED : WAIT_ON;
}
