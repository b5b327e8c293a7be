/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder's dump: lines for a program (tools/trace) that people can read, too.
 *
 *   trace begin processors=8 ticks_per_ms=2445000 base_ticks=81234567890 now_ns=24500
 *   trace processor=0 sent=12@0 arrived=12@154 released=12@2400 started=MyIpiGenericCall@2450 ...
 *   trace processor=1 interrupt=0@900 arrived=12@1000 ...
 *   trace end printed=47 left_out=504
 *
 * Each event is name=value@ns, in nanoseconds after the first printed event. A line has what a
 * processor did in one call. A serial port takes some 11 bytes per millisecond, so a bug check
 * prints only the last calls. For its culprit and for the processor that stopped, it prints all
 * events.
 */
#include "kernel/silence/trace_dump.h"

#include "kernel/arch.h"
#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/ticks.h"
#include "kernel/rendezvous/trace.h"
#include "lib/printf.h"

#define BUGCHECK_CALLS 2

/* The kind of an event's value, which decides how it is printed. */
enum value_kind { VALUE_NUMBER, VALUE_GENERATION, VALUE_ADDRESS };

static const struct {
    const char *name;
    enum value_kind kind;
} events[TRACE_EVENTS] = {
    [TRACE_NONE] = { "none", VALUE_NUMBER },
    [TRACE_SENT] = { "sent", VALUE_GENERATION },
    [TRACE_INTERRUPT] = { "interrupt", VALUE_NUMBER },
    [TRACE_ARRIVED] = { "arrived", VALUE_GENERATION },
    [TRACE_RELEASED] = { "released", VALUE_GENERATION },
    [TRACE_STARTED] = { "started", VALUE_ADDRESS },
    [TRACE_FINISHED] = { "finished", VALUE_GENERATION },
    [TRACE_DONE] = { "done", VALUE_GENERATION },
    [TRACE_RESENT] = { "resent", VALUE_NUMBER },
    [TRACE_ASKED] = { "asked", VALUE_NUMBER },
    [TRACE_NMI] = { "nmi", VALUE_ADDRESS },
    [TRACE_WITHDRAWN] = { "withdrawn", VALUE_GENERATION },
    [TRACE_PAUSED] = { "paused", VALUE_NUMBER },
};

/* What is asked for, what was found, and the line under construction. */
struct dump {
    unsigned calls;       /* print this many calls, the last ones */
    unsigned whole[2];    /* processors whose events are all printed */
    uint64_t since_ticks; /* the others' events before this are left out */
    uint64_t base_ticks;  /* the time of the first printed event */
    unsigned printed, left_out;
    size_t length;
    char line[LOG_LINE_SIZE];
};

static bool is_whole(const struct dump *dump, unsigned processor)
{
    return processor == dump->whole[0] || processor == dump->whole[1];
}

/* ---- what is printed ---- */

static bool is_earlier(uint64_t ticks, uint64_t than_ticks)
{
    return (int64_t)(ticks - than_ticks) < 0;
}

static uint64_t find_newest_call(void)
{
    struct trace_record record;
    uint64_t newest = 0;

    for (unsigned i = 0; i < processor_count; i++) {
        struct trace_cursor cursor = trace_first(processors[i]);
        while (trace_next(&cursor, &record)) {
            if (events[record.event].kind == VALUE_GENERATION && record.value > newest) {
                newest = record.value;
            }
        }
    }
    return newest;
}

/* Finds the beginning of the last calls, and that of the dump. */
static void find_beginning(struct dump *dump)
{
    const uint64_t newest = find_newest_call();
    struct trace_record record;

    dump->since_ticks = dump->base_ticks = arch_ticks();
    for (unsigned i = 0; i < processor_count; i++) {
        struct trace_cursor cursor = trace_first(processors[i]);
        while (trace_next(&cursor, &record)) {
            bool is_late = events[record.event].kind == VALUE_GENERATION &&
                           record.value + dump->calls > newest;
            if (is_late && is_earlier(record.ticks, dump->since_ticks)) {
                dump->since_ticks = record.ticks;
            }
            if ((is_late || is_whole(dump, i)) && is_earlier(record.ticks, dump->base_ticks)) {
                dump->base_ticks = record.ticks;
            }
        }
    }
}

/* ---- the lines ---- */

static void end_line(struct dump *dump)
{
    if (dump->length != 0) {
        log_line("%s", dump->line);
    }
    dump->length = 0;
}

/* Adds " started=MyIpiGenericCall@2450", after the beginning of the line if it is a new one. */
static void add(struct dump *dump, unsigned processor, const struct trace_record *record)
{
    char text[KSYMS_TEXT_SIZE];
    const char *value = text;
    char *line = dump->line;

    if (events[record->event].kind == VALUE_ADDRESS) {
        value = ksyms_describe(record->value, text);
    } else {
        printf_format(text, sizeof(text), "%llu", (unsigned long long)record->value);
    }
    if (dump->length == 0) {
        dump->length = printf_format(line, LOG_LINE_SIZE, "trace processor=%u", processor);
    }
    dump->length += printf_format(line + dump->length, LOG_LINE_SIZE - dump->length, " %s=%s@%lld",
                                  events[record->event].name, value,
                                  (long long)ticks_ns_since(record->ticks, dump->base_ticks));
    dump->printed++;
}

static void print_processor(struct dump *dump, unsigned processor)
{
    const size_t longest = KSYMS_TEXT_SIZE + 40; /* bytes of an event */
    struct trace_cursor cursor = trace_first(processors[processor]);
    struct trace_record record;

    while (trace_next(&cursor, &record)) {
        if (!is_whole(dump, processor) && is_earlier(record.ticks, dump->since_ticks)) {
            dump->left_out++;
            continue;
        }
        if (record.event == TRACE_SENT || record.event == TRACE_INTERRUPT ||
            dump->length > LOG_LINE_SIZE - longest) {
            end_line(dump);
        }
        add(dump, processor, &record);
        if (record.event == TRACE_DONE) {
            end_line(dump);
        }
    }
    end_line(dump);
}

static void print(struct dump *dump)
{
    find_beginning(dump);
    log_line("trace begin processors=%u ticks_per_ms=%llu base_ticks=%llu now_ns=%lld",
             processor_count, (unsigned long long)arch_ticks_per_ms(),
             (unsigned long long)dump->base_ticks,
             (long long)ticks_ns_since(arch_ticks(), dump->base_ticks));
    for (unsigned i = 0; i < processor_count; i++) {
        print_processor(dump, i);
    }
    log_line("trace end printed=%u left_out=%u", dump->printed, dump->left_out);
}

void trace_dump_bugcheck(unsigned culprit)
{
    struct dump dump = { .calls = BUGCHECK_CALLS, .whole = { culprit, arch_processor()->index } };
    print(&dump);
}

MUSTER_API void trace_print(unsigned calls)
{
    struct dump dump = { .calls = calls, .whole = { PROCESSOR_UNNUMBERED, PROCESSOR_UNNUMBERED } };
    print(&dump);
}
