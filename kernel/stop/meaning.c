/* SPDX-License-Identifier: MIT */
/*
 * There is one function for each code that the kernel raises. It reads the parameters as they are
 * documented for the code, and distinguishes the conditions that share a code: B1, B6, B7 and page
 * faults are all 0x0A. docs/bugchecks.md has the usual causes and the next steps.
 *
 * A sentence trusts the parameters, so it is only written for a bug check that the kernel itself
 * has raised. A driver may call KeBugCheckEx() with any code and any parameters.
 */
#include "kernel/stop/meaning.h"

#include <ntstatus.h>

#include "kernel/console/ksyms.h"
#include "kernel/processors/life.h"
#include "lib/printf.h"

/* The access that was refused: P3 of 0x0A and 0xD1, and P2 of 0x50. */
#define ACCESS_WRITE         1
#define ACCESS_EXECUTE       8
#define ACCESS_WRITE_BELOW   2
#define ACCESS_EXECUTE_BELOW 0x10

#define NULL_PAGE_SIZE 4096

#define POOL_WRONG_TAG 0x0a /* P1 of 0xC2 */

/* What a sentence is about, and where it is written. */
struct sentence {
    const struct bugcheck *bugcheck;
    const uintptr_t *p; /* the parameters, P1 first */
    uintptr_t instruction;
    char *text;
    size_t size;
};

#define SAY(sentence, ...) printf_format((sentence)->text, (sentence)->size, __VA_ARGS__)

/* P4 of codes that name a caller is a return address: the call is the byte before it. */
static const char *caller(const struct sentence *sentence, char text[KSYMS_TEXT_SIZE])
{
    return ksyms_describe(sentence->p[3] - 1, text);
}

/* ---- accesses to memory ---- */

enum access { READS, WRITES, EXECUTES };

static void say_access(const struct sentence *sentence, enum access access)
{
    static const char *const verbs[] = { "read from", "wrote to", "executed" };
    static const char *const reasons[] = {
        "no memory is mapped there",
        "no memory is mapped there, or it is read-only",
        "no memory is mapped there, or it is not executable",
    };
    char instruction[KSYMS_TEXT_SIZE], address[KSYMS_TEXT_SIZE];
    uintptr_t at = sentence->p[0];

    ksyms_describe(at, address);
    SAY(sentence, "%s %s %s%s: %s",
        access == EXECUTES ? "the processor" : ksyms_describe(sentence->instruction, instruction),
        verbs[access], at == 0 ? "address 0" : address,
        at < NULL_PAGE_SIZE ? " (a null pointer)" : "", reasons[access]);
}

static void say_page_fault(const struct sentence *sentence)
{
    uintptr_t access = sentence->p[2];

    say_access(sentence, access == ACCESS_WRITE     ? WRITES
                         : access == ACCESS_EXECUTE ? EXECUTES
                                                    : READS);
}

static void say_page_fault_below(const struct sentence *sentence)
{
    uintptr_t access = sentence->p[1];

    say_access(sentence, access == ACCESS_WRITE_BELOW     ? WRITES
                         : access == ACCESS_EXECUTE_BELOW ? EXECUTES
                                                          : READS);
}

/* ---- 0x0A without an exception: B1, B6, B7 ---- */

static void say_no_routine(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    if (sentence->p[0] == 0) {
        SAY(sentence, "%s called KeIpiGenericCall without a routine: it is NULL",
            caller(sentence, name));
    } else {
        SAY(sentence, "%s called KeIpiGenericCall with %#zx as its routine: no code can be there",
            caller(sentence, name), (size_t)sentence->p[0]);
    }
}

static void say_lowers_upwards(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    SAY(sentence,
        "%s asked to lower the IRQL from %u to %u: KeLowerIrql and KeReleaseSpinLock cannot raise "
        "it",
        caller(sentence, name), (unsigned)sentence->p[0], (unsigned)sentence->p[1]);
}

static void say_change(const struct sentence *sentence, const char *routine)
{
    char name[KSYMS_TEXT_SIZE];
    unsigned irql = (unsigned)sentence->p[1];

    if (irql == IRQL_PASSIVE) {
        SAY(sentence, "%s called %s inside a worker, where it is not allowed",
            caller(sentence, name), routine);
    } else {
        SAY(sentence, "%s called %s at IRQL %u: it is allowed at PASSIVE_LEVEL (0) only",
            caller(sentence, name), routine, irql);
    }
}

static void say_call(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE], worker[KSYMS_TEXT_SIZE];
    unsigned irql = (unsigned)sentence->p[1];

    if (irql < IRQL_IPI) {
        SAY(sentence, "%s asked for a call of %s inside a worker: calls do not nest",
            caller(sentence, name), ksyms_describe(sentence->p[0], worker));
    } else {
        SAY(sentence,
            "%s asked for a call of %s at IRQL %u: it must be below IPI_LEVEL (14), and not "
            "inside a worker",
            caller(sentence, name), ksyms_describe(sentence->p[0], worker), irql);
    }
}

static void say_irql_not_less(const struct sentence *sentence)
{
    const uintptr_t *p = sentence->p;

    if (sentence->bugcheck->machine_frame != NULL) {
        say_page_fault(sentence);
    } else if (p[2] == ACCESS_EXECUTE) {
        say_no_routine(sentence);
    } else if (p[0] <= IRQL_HIGH) {
        say_lowers_upwards(sentence);
    } else if (p[0] == (uintptr_t)processor_online) {
        say_change(sentence, "processor_online");
    } else if (p[0] == (uintptr_t)processor_offline) {
        say_change(sentence, "processor_offline");
    } else {
        say_call(sentence);
    }
}

/* ---- the other codes ---- */

static void say_irql_not_greater(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];
    unsigned from = (unsigned)sentence->p[0], to = (unsigned)sentence->p[1];

    SAY(sentence, "%s asked to raise the IRQL from %u to %u: %s", caller(sentence, name), from, to,
        to > IRQL_HIGH ? "the highest is 15" : "KeRaiseIrql and KeAcquireSpinLock cannot lower it");
}

static void say_not_handled(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    ksyms_describe(sentence->p[1], name);
    switch ((NTSTATUS)sentence->p[0]) {
    case STATUS_ACCESS_VIOLATION:
        SAY(sentence,
            "the instruction at %s is not allowed: an address that cannot exist, a register that "
            "is absent, or a reserved value",
            name);
        break;
    case STATUS_ILLEGAL_INSTRUCTION:
        SAY(sentence, "the bytes at %s are no instruction of this processor", name);
        break;
    case STATUS_BREAKPOINT:
        SAY(sentence, "there is a breakpoint at %s and no debugger", name);
        break;
    default:
        SAY(sentence, "an assertion failed at %s", name);
        break;
    }
}

static void say_no_start(const struct sentence *sentence)
{
    SAY(sentence, "%s",
        sentence->p[0] == 0 ? "the machine has too little memory to start"
                            : "the loader said nothing about the machine's memory");
}

static void say_trap(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    SAY(sentence, "nothing handles exception %u (%s), raised at %s", (unsigned)sentence->p[0],
        arch_frame_name(sentence->bugcheck->machine_frame),
        ksyms_describe(sentence->instruction, name));
}

static void say_unexpected_nmi(const struct sentence *sentence)
{
    SAY(sentence, "processor %u got an NMI that this system did not send",
        sentence->bugcheck->processor);
}

static void say_machine_check(const struct sentence *sentence)
{
    SAY(sentence, "the hardware of processor %u reported an error (machine check)",
        sentence->bugcheck->processor);
}

static void say_bad_free(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    SAY(sentence, "%s freed %#zx, %s", caller(sentence, name), (size_t)sentence->p[1],
        sentence->p[0] == POOL_WRONG_TAG
            ? "a block that was allocated with another tag"
            : "which is no allocated block: it was freed before, was never allocated, or its "
              "header was overwritten");
}

static void say_wrong_irql(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    SAY(sentence, "%s returned at IRQL %u instead of %u", ksyms_describe(sentence->p[1], name),
        (unsigned)(sentence->p[0] >> 16 & 0xff), (unsigned)(sentence->p[0] >> 8 & 0xff));
}

static void say_silence(const struct sentence *sentence)
{
    unsigned processor = (unsigned)sentence->p[3];

    SAY(sentence,
        processor < processor_count
            ? "processor %u kept others waiting, in a call or for a lock, for longer than the "
              "deadline of %u ms"
            : "others waited for processor %u, which does not exist, for longer than the deadline "
              "of %u ms: the memory of a lock is damaged",
        processor, (unsigned)sentence->p[0]);
}

static void say_failed_check(const struct sentence *sentence)
{
    static const char *const checks[] = {
        [2] = "a stack buffer was overrun",
        [3] = "the links of a list entry are damaged",
        [5] = "a library function got an argument that is not allowed",
        [8] = "an array index is out of range",
    };
    char name[KSYMS_TEXT_SIZE];
    uintptr_t check = sentence->p[0];
    const char *what = check < sizeof(checks) / sizeof(checks[0]) ? checks[check] : NULL;

    SAY(sentence, "run-time check %u of the compiler failed at %s%s%s", (unsigned)check,
        ksyms_describe(sentence->instruction, name), what != NULL ? ": " : "",
        what != NULL ? what : "");
}

static void say_request(const struct sentence *sentence)
{
    char name[KSYMS_TEXT_SIZE];

    SAY(sentence, "%s called KeBugCheckEx: code and parameters are its own",
        ksyms_describe(sentence->instruction, name));
}

static const struct {
    uint32_t code;
    void (*say)(const struct sentence *sentence);
} meanings[] = {
    { BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, say_irql_not_greater },
    { BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, say_irql_not_less },
    { BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, say_not_handled },
    { BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA, say_page_fault_below },
    { BUGCHECK_HAL_INITIALIZATION_FAILED, say_no_start },
    { BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP, say_trap },
    { BUGCHECK_NMI_HARDWARE_FAILURE, say_unexpected_nmi },
    { BUGCHECK_MACHINE_CHECK_EXCEPTION, say_machine_check },
    { BUGCHECK_BAD_POOL_CALLER, say_bad_free },
    { BUGCHECK_IRQL_UNEXPECTED_VALUE, say_wrong_irql },
    { BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL, say_page_fault },
    { BUGCHECK_CLOCK_WATCHDOG_TIMEOUT, say_silence },
    { BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE, say_failed_check },
};

void meaning_describe(const struct bugcheck *bugcheck, uintptr_t instruction, char *text,
                      size_t size)
{
    const struct sentence sentence = { .bugcheck = bugcheck,
                                       .p = bugcheck->parameters,
                                       .instruction = instruction,
                                       .text = text,
                                       .size = size };
    text[0] = '\0';
    if (bugcheck->is_request) {
        say_request(&sentence);
        return;
    }
    for (unsigned i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].code == bugcheck->code) {
            meanings[i].say(&sentence);
        }
    }
}
