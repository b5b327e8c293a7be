/* SPDX-License-Identifier: MIT */
/*
 * What a machine calls: the other direction of arch.h, and with upcall.h all that a machine knows
 * of the kernel above it. Each routine is defined in the room that it belongs to.
 */
#ifndef KERNEL_ENTRY_H
#define KERNEL_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

struct processor;

/* ---- the start ---- */

/*
 * Where the portable kernel begins: the boot processor, on its own stack, with descriptors that can
 * take a trap, interrupts disabled, IRQL HIGH, and boot_processor as its structure.
 */
_Noreturn void kernel_main(void);

/*
 * Where every other processor begins: on its own stack, with its descriptors and interrupt
 * controller live, interrupts disabled, IRQL HIGH. It returns to nobody.
 */
_Noreturn void processor_main(struct processor *self);

/* The boot processor's structure (arch_processor()), there from the first line of C. */
extern struct processor boot_processor;

/*
 * A structure for one more processor, all that the kernel needs for it included; NULL when memory
 * is short. It has no index yet. Boot processor.
 */
struct processor *processor_create(void);

/*
 * Gives a live processor the next index, which it returns. The machine calls it on the boot
 * processor, in the order of the firmware's list, when no processor can be running a call.
 * IRQL: PASSIVE.
 */
unsigned processor_publish(struct processor *processor);

/* ---- interrupts ---- */

/*
 * The doorbell of arch_ring_doorbell(): in interrupt context, interrupts disabled, IRQL as
 * interrupted.
 */
void rendezvous_interrupt(void);

/* The alarm of arch_set_alarm(), with what it interrupted. IRQL: any, interrupts disabled. */
void watchdog_alarm(const void *machine_frame);

/*
 * The unmaskable interrupt: freezes if one was sent, else bug check 0x80. Returns when it was a
 * question (silence/evidence.h), was injected, or came to the processor that reports a bug check.
 */
void bugcheck_unmaskable(const void *machine_frame);

/*
 * Watched code (arch_watch_code()) must not go on, for the reason `why`: only the report's own
 * callbacks are watched, and the report goes on with the next.
 */
_Noreturn void bugcheck_give_up(const void *machine_frame, const char *why);

/* ---- exceptions that nobody handles ---- */

enum exception_kind {
    EXCEPTION_PAGE_FAULT,
    EXCEPTION_PROTECTION, /* an access that the machine refuses, other than by its page */
    EXCEPTION_OPCODE,     /* no instruction */
    EXCEPTION_BREAKPOINT,
    EXCEPTION_FAST_FAIL, /* the compiler's run-time checks of Windows drivers */
    EXCEPTION_ASSERTION, /* a failed assertion of a Windows driver */
    EXCEPTION_MACHINE_CHECK,
    EXCEPTION_OTHER
};

enum exception_access { EXCEPTION_READ, EXCEPTION_WRITE, EXCEPTION_EXECUTE };

struct exception {
    enum exception_kind kind;
    const void *machine_frame;
    uintptr_t instruction; /* which one; of a trap that comes after it, the next */
    unsigned vector;       /* by the machine's numbering */

    /* PAGE_FAULT only. */
    uintptr_t address;
    enum exception_access access;
    bool in_driver; /* the instruction is a driver's */

    /* FAST_FAIL only: which check failed. */
    uintptr_t failure;
};

/* B5: the bug check that Windows documents for this exception. IRQL: any. */
_Noreturn void exception_stop(const struct exception *exception);

/* ---- waiting ---- */

/*
 * Takes part in a pending call if this processor is wanted: for wait loops that interrupts cannot
 * reach. The routines then run with interrupts disabled, as they were: a clear flag is never set on
 * behalf of code that cleared it. IRQL: any; does nothing at IPI_LEVEL or above, where the
 * processor is in a call or unreachable.
 */
void rendezvous_poll(void);

/*
 * One pass of a wait loop of the machine: a system that stops is noticed, calls that want this
 * processor are served where interrupts cannot, and the machine relaxes. IRQL: any.
 */
void wait_machine_pass(void);

#endif
