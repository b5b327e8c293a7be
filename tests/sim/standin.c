/*
 * Stand-ins for the neighbours of the simulated sources: what they are told the driver is told, and
 * nothing is measured or recorded.
 */
#include <stdarg.h>
#include <stdio.h>

#include "kernel/console/log.h"
#include "kernel/rendezvous/trace.h"
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

void bugcheck_poll_freeze(void)
{
}

void log_line(const char *format, ...)
{
    char text[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sim_on_log(text);
}

void log_finish_line(void)
{
}

void log_drain(void)
{
}

bool log_is_waiting(void)
{
    return false;
}

void stats_begin(struct rendezvous_result *result)
{
    result->sampled = true;
}

void stats_sample(struct rendezvous_result *result)
{
    sim_on_result(result);
}

void stats_count(const struct rendezvous_result *result)
{
    (void)result;
}

void trace_event(struct processor *self, enum trace_event event, uint64_t ticks, uint64_t value)
{
    (void)self, (void)ticks;
    sim_on_trace(event, value);
}

void trace_nmi_event(struct processor *self, enum trace_event event, uint64_t ticks, uint64_t value)
{
    (void)self, (void)event, (void)ticks, (void)value;
}

void evidence_ask(const struct processor_set *suspects)
{
    sim_on_ask(suspects);
}

void evidence_forget(unsigned processor)
{
    sim_on_forget(processor);
}

void verdict_print_all(void)
{
}

void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks)
{
    (void)missing, (void)generation, (void)sent_ticks;
}
