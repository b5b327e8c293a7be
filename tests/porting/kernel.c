/* SPDX-License-Identifier: MIT */
/*
 * The kernel of the skeleton: the upcalls of the core in their smallest form, and a program that
 * makes one call. Its exit status is 0 if the routine ran once and at IPI_LEVEL.
 */
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/upcall.h"

/* ---- the end of the system ---- */

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    (void)code, (void)p1, (void)p2, (void)p3, (void)p4;
    for (;;) {
        arch_relax();
    }
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    bugcheck_stop(BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, 0, 0, 0, processor);
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    (void)machine_frame;
    bugcheck_timeout(processor);
}

void bugcheck_poll_freeze(void)
{
}

/* ---- what may do nothing ---- */

void log_line(const char *format, ...)
{
    (void)format;
}

void log_drain(void)
{
}

void evidence_ask(const struct processor_set *suspects)
{
    (void)suspects;
}

void evidence_forget(unsigned processor)
{
    (void)processor;
}

void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks)
{
    (void)missing, (void)generation, (void)sent_ticks;
}

void verdict_print_all(void)
{
}

void stats_begin(struct rendezvous_result *result)
{
    (void)result;
}

void stats_sample(struct rendezvous_result *result)
{
    (void)result;
}

void stats_count(const struct rendezvous_result *result)
{
    (void)result;
}

/* ---- one processor, one call ---- */

static struct processor only_processor;
static unsigned runs;

static uintptr_t MUSTER_API count(uintptr_t argument)
{
    runs += arch_irql() == IRQL_IPI;
    return argument;
}

int main(void)
{
    skeleton.processor = &only_processor;
    (void)processors_add(&only_processor);
    arch_interrupts_enable();
    return rendezvous_run_everywhere(count, 203) == 203 && runs == 1 ? 0 : 1;
}
