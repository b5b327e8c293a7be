/* SPDX-License-Identifier: MIT */
/*
 * A schedule in words: one line for each choice, flush left, and below it what the processor did
 * until the next choice. Addresses are written by name: words by their section and structure, code
 * by function and line, as binutils' addr2line gives them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/explore.h"

#define NAME_SIZE  96u
#define CODE_LIMIT 512u
#define LINE_SIZE  512u

bool trace_on;

/* Addresses of code that were looked up before. */
static struct {
    const void *pc;
    char name[NAME_SIZE];
} codes[CODE_LIMIT];

static unsigned step_number;

void trace_begin(void)
{
    trace_on = true;
    step_number = 0;
}

void trace_end(void)
{
    trace_on = false;
}

/* Runs addr2line for one address: "function at file:line". */
static void name_code(const void *pc, char *name)
{
    char command[160], text[2][256] = { "", "" };

    snprintf(name, NAME_SIZE, "%p", pc);
    snprintf(command, sizeof command, "addr2line -s -f -e /proc/%d/exe %p 2>/dev/null", getpid(),
             (const void *)((const char *)pc - 1));
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) {
        return;
    }
    for (unsigned i = 0; i < 2 && fgets(text[i], sizeof text[i], pipe) != NULL; i++) {
        text[i][strcspn(text[i], " \n")] = '\0';
    }
    if (pclose(pipe) == 0 && text[1][0] != '?') {
        snprintf(name, NAME_SIZE, "%.40s %.40s", text[1], text[0]);
    }
}

const char *trace_code(const void *pc)
{
    unsigned at = (unsigned)((uintptr_t)pc % CODE_LIMIT);

    if (codes[at].pc != pc) {
        codes[at].pc = pc;
        name_code(pc, codes[at].name);
    }
    return codes[at].name;
}

/* The words of a processor's structure that the protocol uses. */
static const char *field_name(size_t offset)
{
    static const struct {
        size_t offset;
        const char *name;
    } fields[] = {
        { offsetof(struct processor, asleep), "asleep" },
        { offsetof(struct processor, seat.reached), "seat.reached" },
        { offsetof(struct processor, seat.done), "seat.done" },
        { offsetof(struct processor, seat.phase), "seat.phase" },
        { offsetof(struct processor, seat.turn), "seat.turn" },
    };
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].offset == offset) {
            return fields[i].name;
        }
    }
    return NULL;
}

/* With nm: the variable at or below the address, and the offset from it. */
static void name_variable(const void *address, char *name)
{
    char command[192], text[128];
    unsigned long long offset;

    snprintf(command, sizeof command,
             "nm -n /proc/%d/exe 2>/dev/null | awk '$1 <= \"%016llx\" { v = $3; a = $1 } "
             "END { print v, a }'",
             getpid(), (unsigned long long)(uintptr_t)address);
    snprintf(name, NAME_SIZE, "%p", address);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) {
        return;
    }
    if (fscanf(pipe, "%127s %llx", text, &offset) == 2) {
        offset = (uintptr_t)address - offset;
        snprintf(name, NAME_SIZE, offset == 0 ? "%.60s" : "%.60s+%llu", text, offset);
    }
    pclose(pipe);
}

const char *trace_word(const void *address)
{
    static struct {
        const void *address;
        char name[NAME_SIZE];
    } words[CODE_LIMIT];
    unsigned at = (unsigned)((uintptr_t)address / 4 % CODE_LIMIT);

    if (words[at].address == address) {
        return words[at].name;
    }
    words[at].address = address;
    for (unsigned i = 0; i < sim_count; i++) {
        size_t offset = (size_t)((const char *)address - (const char *)processors[i]);
        const char *field = offset < sizeof(struct processor) ? field_name(offset) : NULL;
        if (field != NULL) {
            snprintf(words[at].name, NAME_SIZE, "P%u.%s", i, field);
            return words[at].name;
        }
    }
    name_variable(address, words[at].name);
    return words[at].name;
}

void trace_line(const char *format, ...)
{
    char text[LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%s\n", text);
}

void trace_step(const struct choice *choice)
{
    static const char *const words[] = { "goes on",
                                         "goes on, and its doorbell is lost to P",
                                         "goes on, and sees the value before the latest",
                                         "takes an interrupt of class ",
                                         "drains its oldest stores: ",
                                         "is sent a doorbell that nobody rang",
                                         "",
                                         "",
                                         "" };
    if (!trace_on) {
        return;
    }
    step_number++;
    if (choice->kind >= CHOICE_LEAP) {
        trace_line("%4u    time passes %s", step_number,
                   choice->kind == CHOICE_LEAP    ? "a deadline"
                   : choice->kind == CHOICE_ALARM ? "as far as an alarm"
                                                  : "as far as a moment");
    } else if (choice->kind == CHOICE_RUN || choice->kind == CHOICE_RUN_STALE ||
               choice->kind == CHOICE_SPURIOUS) {
        trace_line("%4u P%u %s", step_number, choice->processor, words[choice->kind]);
    } else {
        trace_line("%4u P%u %s%u", step_number, choice->processor, words[choice->kind],
                   choice->operand);
    }
}
