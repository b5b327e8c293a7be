/*
 * Stand-ins for the neighbours of the kernel's sources. Unlike the explorer's (tests/sim/standin.c)
 * they leave the log and the measurements real: both are on a call's path.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "kernel/console/ksyms.h"
#include "kernel/upcall.h"
#include "tests/sim/sim.h"

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    (void)p2, (void)p3, (void)p4;
    sim_on_bugcheck(code, p1, sim_self->index);
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    sim_on_bugcheck(BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, 0, processor);
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    (void)machine_frame;
    bugcheck_timeout(processor);
}

/* The kernel's own looks at one word, too. */
void bugcheck_poll_freeze(void)
{
    static _Atomic(struct processor *) stopper;
    if (atomic_load_explicit(&stopper, memory_order_relaxed) != NULL) {
        abort();
    }
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    (void)address;
    text[0] = 0;
    return text;
}

void *arch_allocate_pages(size_t size)
{
    return aligned_alloc(4096, (size + 4095) / 4096 * 4096);
}

void arch_console_write(const char *text, size_t length)
{
    (void)text, (void)length;
}

void evidence_ask(const struct processor_set *suspects)
{
    (void)suspects;
}

void evidence_forget(unsigned processor)
{
    (void)processor;
}

void verdict_print_all(void)
{
}

void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks)
{
    (void)missing, (void)generation, (void)sent_ticks;
}

uint32_t arch_hardware_id(unsigned processor)
{
    return processor;
}
