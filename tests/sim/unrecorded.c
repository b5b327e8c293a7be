/* SPDX-License-Identifier: MIT */
/*
 * Stand-ins for the log, the statistics and the flight recorder, which keep nothing but notify the
 * driver. The cost model uses the real ones, since they are on a call's path.
 */
#include <stdarg.h>
#include <stdio.h>

#include "kernel/console/log.h"
#include "kernel/rendezvous/trace.h"
#include "tests/sim/sim.h"

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
