/* SPDX-License-Identifier: MIT */
/*
 * The end of the system, and the one report about it. The processor that claims the report writes
 * it, while all others freeze (freeze.c).
 *
 * The report is a list of steps, and a step has one part or several (`steps`). `progress` names the
 * next part, and is advanced before a part begins. So each part runs at most once, whatever happens
 * in it.
 *
 *   run_steps --part--> run_steps --part--> ... --> end_system
 *                 |
 *                 | a fault, KeBugCheckEx in a callback, a callback that does not return in time:
 *                 | this processor enters stop() or bugcheck_give_up() again
 *                 v
 *              go_on() --> one line says what and where --> run_steps, with the next part
 *
 * Nothing ever returns to an interrupted part, so nothing has to be unwound. Each new entry begins
 * on an empty stack (arch_abandon_to()), and everything that later parts need is in static memory.
 * The line about a fault may itself fault. `telling` is still set then, and the report goes on
 * without the line. So a part costs at most two entries. The number of parts is finite, and each is
 * bounded in time or watched (arch_watch_code()). Therefore the report always ends.
 */
#include "kernel/stop/bugcheck.h"

#include "kernel/console/conclude.h"
#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/patience.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/silence/frozen.h"
#include "kernel/silence/silence.h"
#include "kernel/silence/trace_dump.h"
#include "kernel/silence/verdict.h"
#include "kernel/stop/report.h"
#include "lib/printf.h"
#include "lib/string.h"

/*
 * The time for the others to freeze, and for each callback. It is much longer than either takes on
 * a working machine, and short for a reader of the report. Where a fifth of the patience is longer,
 * that is the time.
 */
#define LIMIT_MS   1000
#define TITLE_SIZE 64
#define DOING_SIZE 192

static enum arch_end end;

struct bugcheck_subject bugcheck_subject;

/* The next part of the report; `doing` describes the current one. */
static struct {
    unsigned step;
    unsigned part;
    char doing[DOING_SIZE];
} progress;

/* What interrupted the report. */
static struct {
    struct bugcheck bugcheck;
    const char *name; /* a description of it */
    uintptr_t instruction;
    bool is_bugcheck; /* `bugcheck` is set */
} interruption;
static bool telling;

void bugcheck_set_end(enum arch_end how)
{
    end = how;
}

uint32_t bugcheck_limit_ms(void)
{
    uint32_t share_ms = patience_get_ms() / 5;
    return share_ms > LIMIT_MS ? share_ms : LIMIT_MS;
}

/* ---- the report ---- */

/* All others are frozen, so the watchdog's evidence is final. */
static bool print_verdict_on_silent(unsigned part)
{
    const struct bugcheck *bugcheck = &bugcheck_subject.bugcheck;

    if (part == 0 && bugcheck->waited_for) {
        silence_suspect(bugcheck->processor);
    }
    return bugcheck->waited_for && (part == 0 || verdict_print(part - 1));
}

static void print_trace(void)
{
    trace_dump_bugcheck(bugcheck_subject.bugcheck.processor);
}

static void print_verdict(void)
{
    log_line("verdict status=bugcheck exit=2");
}

static void show_end(void)
{
    char title[TITLE_SIZE];
    uint32_t code = bugcheck_subject.bugcheck.code;

    printf_format(title, sizeof(title), "BUG CHECK %#x %s", code, bugcheck_code_name(code));
    conclude(title, CONCLUDE_BAD);
}

static void end_system(void)
{
    arch_exit(ARCH_EXIT_BUGCHECK, end);
}

/*
 * A step has one part, `once`, or several. The most important ones come first: a photo of a screen
 * may not show the later ones.
 */
static const struct {
    const char *doing;
    void (*once)(void);
    bugcheck_step *parts;
} steps[] = {
    { "freezing the other processors", .parts = bugcheck_freeze_others },
    { "taking the console", .once = log_enter_emergency },
    { "printing the lines left in the log", .once = log_drain_emergency },
    { "printing the first line", .once = bugcheck_print_headline },
    { "printing what the first line means", .once = bugcheck_print_meaning },
    { "printing who stopped", .once = bugcheck_print_reason },
    { "printing why a processor was silent", .parts = print_verdict_on_silent },
    { "printing who froze", .once = bugcheck_print_freeze },
    { "printing the registers", .once = bugcheck_print_registers },
    { "printing a backtrace", .parts = bugcheck_print_backtraces },
    { "printing the table of processors", .parts = bugcheck_print_processors },
    { "printing where the others were called", .parts = bugcheck_print_callers },
    { "printing the last events", .once = print_trace },
    { "looking for callbacks with a reason", .parts = callback_run_with_reason },
    { "looking for callbacks", .parts = callback_run_plain },
    { "printing the verdict", .once = print_verdict },
    { "showing the end on the screen", .once = show_end },
    { "ending", .once = end_system },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* Returns whether there may be another part after this one. */
static bool run_part(unsigned step, unsigned part)
{
    if (steps[step].parts != NULL) {
        return steps[step].parts(part);
    }
    if (part == 0) {
        steps[step].once();
    }
    return false;
}

void bugcheck_set_doing(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf_format_v(progress.doing, sizeof(progress.doing), format, arguments);
    va_end(arguments);
}

static _Noreturn void run_steps(void)
{
    while (progress.step < STEPS) {
        unsigned step = progress.step;
        unsigned part = progress.part++;

        bugcheck_set_doing("%s", steps[step].doing);
        if (!run_part(step, part)) {
            progress.step++;
            progress.part = 0;
        }
    }
    arch_stop(); /* the last step faulted */
}

/* ---- what interrupts the report ---- */

static void print_interruption(void)
{
    const struct bugcheck *what = &interruption.bugcheck;
    char code[TITLE_SIZE] = "";
    char where[KSYMS_TEXT_SIZE];

    log_enter_emergency(); /* ends the line that was torn */
    log_finish_line();
    if (interruption.is_bugcheck) {
        printf_format(code, sizeof(code), ", code %#x p1 %#llx", what->code,
                      (unsigned long long)what->parameters[0]);
    }
    log_line("a fault in the bug check itself, while %s: %s%s, at %s; going on", progress.doing,
             interruption.name, code, ksyms_describe(interruption.instruction, where));
}

static void resume(void)
{
    arch_irql_write(IRQL_HIGH);
    if (!telling) {
        telling = true;
        print_interruption();
    }
    telling = false;
    run_steps();
}

/* This processor is already reporting: the report goes on with its next part. */
static _Noreturn void go_on(void)
{
    arch_interrupts_disable();
    arch_abandon_to(resume);
}

static void remember_interruption(const struct bugcheck *bugcheck, uintptr_t instruction)
{
    if (telling) {
        return; /* the line about an earlier one faulted */
    }
    interruption.bugcheck = *bugcheck;
    interruption.instruction = instruction;
    interruption.name = bugcheck->machine_frame != NULL ? arch_frame_name(bugcheck->machine_frame)
                                                        : bugcheck_code_name(bugcheck->code);
    interruption.is_bugcheck = true;
}

_Noreturn void bugcheck_give_up(const void *machine_frame, const char *why)
{
    arch_unwatch_code();
    interruption.name = why;
    interruption.instruction = arch_snapshot_instruction(machine_frame, 0);
    interruption.is_bugcheck = false;
    go_on();
}

/* ---- the ways in ---- */

/* Interrupts are disabled by now; `interrupts` is the flag from before. */
static void take_snapshot(struct arch_snapshot *snapshot, const struct bugcheck *bugcheck,
                          uintptr_t frame, bool interrupts)
{
    arch_take_snapshot(snapshot, bugcheck->machine_frame, frame);
    if (bugcheck->machine_frame == NULL) {
        snapshot->interrupts_enabled = interrupts;
    }
}

/* Stores what the report needs most first: even a look at this processor may fault. */
static _Noreturn void begin(const struct bugcheck *bugcheck, uintptr_t frame, bool interrupts)
{
    struct arch_snapshot snapshot;

    bugcheck_subject.bugcheck = *bugcheck;
    bugcheck_subject.reporter = arch_processor()->index;
    bugcheck_subject.instruction = arch_snapshot_instruction(bugcheck->machine_frame, frame);
    bugcheck_set_doing("looking at the processor that stopped");
    if (bugcheck->machine_frame != NULL) {
        bugcheck_subject.bugcheck.machine_frame = arch_keep_frame(bugcheck->machine_frame);
    }
    take_snapshot(&snapshot, bugcheck, frame, interrupts);
    frozen_store(&snapshot);
    arch_irql_write(IRQL_HIGH);
    arch_abandon_to(run_steps);
}

/* `frame` belongs to the function that was called to stop: its caller is where it happened. */
static _Noreturn void stop(const struct bugcheck *bugcheck, uintptr_t frame)
{
    bool interrupts = arch_interrupts_enabled();

    arch_interrupts_disable();
    if (bugcheck_is_mine()) {
        arch_unwatch_code(); /* a callback may have called KeBugCheckEx */
        remember_interruption(bugcheck, arch_snapshot_instruction(bugcheck->machine_frame, frame));
        go_on();
    }
    if (!bugcheck_claim()) {
        struct arch_snapshot snapshot;
        take_snapshot(&snapshot, bugcheck, frame, interrupts);
        bugcheck_freeze(&snapshot);
    }
    begin(bugcheck, frame, interrupts);
}

_Noreturn void bugcheck_report(const struct bugcheck *bugcheck)
{
    stop(bugcheck, (uintptr_t)__builtin_frame_address(0));
}

_Noreturn void bugcheck_stop(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    const struct bugcheck bugcheck = {
        .code = code,
        .parameters = { p1, p2, p3, p4 },
        .processor = arch_processor()->index,
    };
    stop(&bugcheck, (uintptr_t)__builtin_frame_address(0));
}

_Noreturn void bugcheck_stop_from(uintptr_t frame, uint32_t code, const uintptr_t parameters[4])
{
    struct bugcheck bugcheck = { .code = code,
                                 .processor = arch_processor()->index,
                                 .is_request = true };

    memcpy(bugcheck.parameters, parameters, sizeof(bugcheck.parameters));
    stop(&bugcheck, frame);
}

static _Noreturn void stop_for_silence(unsigned processor, const void *machine_frame,
                                       uintptr_t frame)
{
    uintptr_t structure = processor < processor_count ? (uintptr_t)processors[processor] : 0;
    const struct bugcheck bugcheck = {
        .code = BUGCHECK_CLOCK_WATCHDOG_TIMEOUT,
        .parameters = { patience_get_ms(), 0, structure, processor },
        .processor = processor,
        .machine_frame = machine_frame,
        .waited_for = true,
    };
    stop(&bugcheck, frame);
}

_Noreturn void bugcheck_timeout(unsigned processor)
{
    stop_for_silence(processor, NULL, (uintptr_t)__builtin_frame_address(0));
}

_Noreturn void bugcheck_timeout_from(const void *machine_frame, unsigned processor)
{
    stop_for_silence(processor, machine_frame, (uintptr_t)__builtin_frame_address(0));
}
