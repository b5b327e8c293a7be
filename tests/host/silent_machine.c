/* SPDX-License-Identifier: MIT */
/*
 * Processors that a test controls, beneath kernel/silence/verdict.c, evidence.c, watchdog.c and
 * trace.c. Their interrupts go nowhere, and the log is a string.
 */
#include "tests/host/silent_machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/silence/evidence.h"
#include "kernel/silence/frozen.h"
#include "kernel/silence/silence.h"

static struct processor structures[SILENT_PROCESSORS];
struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count = SILENT_PROCESSORS;
unsigned processor_set_used_words = 1;

char silent_console[SILENT_CONSOLE_SIZE];
uint64_t silent_ticks;
uint64_t silent_generation;
unsigned silent_self;
struct arch_snapshot silent_present;
bool silent_reports;
unsigned silent_alarms;

void silent_reset(void)
{
    memset(structures, 0, sizeof(structures));
    memset(&silence, 0, sizeof(silence));
    for (unsigned i = 0; i < SILENT_PROCESSORS; i++) {
        structures[i].index = i;
        processors[i] = &structures[i];
        evidence_forget(i);
    }
    patience_set_ms(100);
    silent_console[0] = '\0';
    silent_self = 0;
    silent_reports = false;
    silent_alarms = 0;
    silent_present = (struct arch_snapshot){ .interrupts_enabled = true, .instruction = 0xdef };
}

void log_line(const char *format, ...)
{
    size_t length = strlen(silent_console);
    va_list arguments;

    va_start(arguments, format);
    length += (size_t)vsnprintf(silent_console + length, sizeof(silent_console) - length, format,
                                arguments);
    va_end(arguments);
    if (length + 1 >= sizeof(silent_console)) {
        abort();
    }
    silent_console[length] = '\n';
    silent_console[length + 1] = '\0';
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    snprintf(text, KSYMS_TEXT_SIZE, "routine_%llx", (unsigned long long)address);
    return text;
}

struct processor *sim_processor(void)
{
    return processors[silent_self];
}

uint64_t sim_ticks(void)
{
    return silent_ticks;
}

uint64_t arch_ticks_per_ms(void)
{
    return 1000;
}

uint64_t round_progress(void)
{
    return silent_generation << ROUND_GENERATION_SHIFT | ROUND_PENDING;
}

void arch_take_snapshot(struct arch_snapshot *snapshot, const void *machine_frame, uintptr_t frame)
{
    (void)machine_frame;
    (void)frame;
    *snapshot = silent_present;
}

void arch_send_unmaskable(const struct processor_set *targets)
{
    (void)targets;
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    (void)targets;
}

void arch_wake(const struct processor_set *targets)
{
    (void)targets;
}

void arch_set_alarm(uint64_t delay_ticks)
{
    (void)delay_ticks;
    silent_alarms++;
}

/* Only one processor freezes in a bug check. */
const struct arch_snapshot *frozen_snapshot(unsigned processor)
{
    return silent_reports && processor == SILENT_FREEZES ? &silent_present : NULL;
}

bool processor_is_running(unsigned index)
{
    (void)index;
    return true;
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    (void)machine_frame;
    fprintf(stderr, "silent_machine: a bug check for %u\n", processor);
    abort();
}
