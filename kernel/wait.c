#include "kernel/wait.h"

#include "kernel/bugcheck.h"
#include "kernel/rendezvous.h"

static uint32_t patience_ms = 5000;

void wait_set_patience_ms(uint32_t ms)
{
    patience_ms = ms;
}

uint32_t wait_patience_ms(void)
{
    return patience_ms;
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
