#include "kernel/wait.h"

#include "kernel/bugcheck.h"

/* Bare turns before the first relax: about the time that a doorbell's answer takes on real hardware. */
#define BARE_TURNS 256

static uint32_t patience_ms = 5000;

void wait_set_patience_ms(uint32_t ms)
{
    patience_ms = ms;
}

uint32_t wait_patience_ms(void)
{
    return patience_ms;
}

struct wait wait_begin(unsigned factor)
{
    return (struct wait){
        .began_ticks = 0, /* read on the first slow turn: a quick wait costs no clock */
        .patience_ticks = (uint64_t)patience_ms * factor * arch_ticks_per_ms(),
        .turns = 0,
    };
}

void wait_progress(struct wait *wait)
{
    wait->began_ticks = arch_ticks();
}

enum wait_result wait_turn(struct wait *wait)
{
    if (wait->turns < BARE_TURNS) {
        wait->turns++;
        return WAIT_ON;
    }
    bugcheck_poll_freeze();
    arch_relax();
    uint64_t now_ticks = arch_ticks();
    if (wait->began_ticks == 0) {
        wait->began_ticks = now_ticks;
    }
    return now_ticks - wait->began_ticks > wait->patience_ticks ? WAIT_EXPIRED : WAIT_ON;
}
