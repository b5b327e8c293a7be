/* SPDX-License-Identifier: MIT */
/*
 * What the core asks of the kernel around it, in its smallest form: the list of processors, a place
 * for the figures of a call, and a way to stop the system with the reason. A kernel that adopts the
 * core already has all of this and gives it these names.
 */
#include "tests/threads/host.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

/* ---- figures: the caller still has its turn, so plain words do ---- */

unsigned host_calls;
unsigned host_incomplete_calls;

/* (If the call failed, the seats may still change: a processor given up on is still in it.) */
static bool is_complete(const struct rendezvous_result *result)
{
    bool complete = true;

    if (result->status != RENDEZVOUS_OK) {
        return false;
    }
    processor_set_for_each(processor, result->members) {
        const struct rendezvous_seat *seat = &processors[processor]->seat;
        complete &= seat->ran == result->generation && seat->irql == IRQL_IPI;
    }
    return complete;
}

void stats_begin(struct rendezvous_result *result)
{
    result->sampled = true;
}

void stats_count(const struct rendezvous_result *result)
{
    (void)result;
}

void stats_sample(struct rendezvous_result *result)
{
    host_calls++;
    host_incomplete_calls += !is_complete(result);
}

/* ---- the log: nothing waits above DISPATCH_LEVEL here ---- */

void log_drain(void)
{
}

/* The watchdog's messages are discarded: the tests check the outcome. */
void log_line(const char *format, ...)
{
    (void)format;
}

/* ---- evidence: a thread is not asked ---- */

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

/* ---- bug check: one processor reports, all others stop in their wait loops ---- */

static _Atomic bool stopping;

/* The reason may arise in a signal handler: no stdio, no allocation. */
__attribute__((format(printf, 1, 2))) static void print_line(const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (write(STDOUT_FILENO, line, (size_t)length) != length) {
        _exit(ARCH_EXIT_FAILED);
    }
}

static void print_processors(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        struct rendezvous_seat *seat = &processors[i]->seat;
        print_line("processor index=%u phase=%u arrived=%llu done=%llu\n", i,
                   atomic_load(&seat->phase), (unsigned long long)atomic_load(&seat->reached) >> 3,
                   (unsigned long long)atomic_load(&seat->done));
    }
}

void bugcheck_poll_freeze(void)
{
    while (atomic_load_explicit(&stopping, memory_order_relaxed)) {
        pause();
    }
}

static _Noreturn void stop(uint32_t code, const uintptr_t p[4], unsigned processor)
{
    while (atomic_exchange(&stopping, true)) {
        pause();
    }
    print_line("bugcheck code=%#x p1=%#zx p2=%#zx p3=%#zx p4=%#zx processor=%u\n", code, p[0], p[1],
               p[2], p[3], processor);
    print_processors();
    _exit(ARCH_EXIT_BUGCHECK);
}

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    stop(code, (uintptr_t[]){ p1, p2, p3, p4 }, arch_processor()->index);
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    stop(BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, (uintptr_t[]){ patience_get_ms(), 0, 0, processor },
         processor);
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    (void)machine_frame;
    bugcheck_timeout(processor);
}
