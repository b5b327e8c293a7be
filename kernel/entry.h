/* SPDX-License-Identifier: MIT */
/*
 * What a machine calls: the opposite direction of arch.h. Together with upcall.h it is everything a
 * machine knows about the kernel above it. Each routine is defined in the room to which it belongs.
 */
#ifndef KERNEL_ENTRY_H
#define KERNEL_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

struct processor;

/* ---- the start ---- */

/*
 * The entry of the portable kernel: on the boot processor, on its own stack, with descriptors that
 * can take a trap, interrupts disabled, IRQL HIGH, and boot_processor as its structure.
 */
_Noreturn void kernel_main(void);

/*
 * The entry of every other processor: on its own stack, with its descriptors and interrupt
 * controller live, interrupts disabled, IRQL HIGH. It never returns.
 */
_Noreturn void processor_main(struct processor *self);

/* The boot processor's structure (arch_processor()), valid from the first line of C. */
extern struct processor boot_processor;

/*
 * Creates the structure of one more processor, with everything the kernel needs for it; NULL if
 * memory is short. It has no index yet. Boot processor.
 */
struct processor *processor_create(void);

/*
 * Gives a live processor the next index, which it returns. The machine calls it on the boot
 * processor, in the order of the firmware's list, while no processor can be in a call.
 * IRQL: PASSIVE.
 */
unsigned processor_publish(struct processor *processor);

/* ---- interrupts ---- */

/*
 * The doorbell of arch_ring_doorbell(): in interrupt context, interrupts disabled, the IRQL still
 * that of the interrupted code.
 */
void rendezvous_interrupt(void);

/*
 * The alarm of arch_set_alarm(), with the frame of the interrupted code. IRQL: any, interrupts
 * disabled.
 */
void watchdog_alarm(const void *machine_frame);

/*
 * The unmaskable interrupt. Freezes this processor if a bug check is freezing the others. Returns
 * if the interrupt was a question (silence/evidence.h), was injected, or came to the processor that
 * reports a bug check. Otherwise bug check 0x80.
 */
void bugcheck_unmaskable(const void *machine_frame);

/*
 * Watched code (arch_watch_code()) must not continue; `why` is the reason, in words. Only the
 * report's own callbacks are watched, and the report continues with the next one.
 */
_Noreturn void bugcheck_give_up(const void *machine_frame, const char *why);

/* ---- exceptions that nobody handles ---- */

enum exception_kind {
    EXCEPTION_PAGE_FAULT,
    EXCEPTION_PROTECTION, /* an access refused for a reason other than its page */
    EXCEPTION_OPCODE,     /* an undefined instruction */
    EXCEPTION_BREAKPOINT,
    EXCEPTION_FAST_FAIL, /* a run-time check that the compiler put into a Windows driver */
    EXCEPTION_ASSERTION, /* a failed assertion in a Windows driver */
    EXCEPTION_MACHINE_CHECK,
    EXCEPTION_OTHER
};

enum exception_access { EXCEPTION_READ, EXCEPTION_WRITE, EXCEPTION_EXECUTE };

struct exception {
    enum exception_kind kind;
    const void *machine_frame;
    uintptr_t instruction; /* the one that raised it; after a trap, the next one */
    unsigned vector;       /* the machine's number for it */

    /* PAGE_FAULT only. */
    uintptr_t address;
    enum exception_access access;
    bool in_driver; /* is the instruction in a driver? */

    /* FAST_FAIL only: which check failed. */
    uintptr_t failure;
};

/* B5: the bug check that Windows documents for this exception. IRQL: any. */
_Noreturn void exception_stop(const struct exception *exception);

/* ---- waiting ---- */

/*
 * Takes part in a pending call that wants this processor: for wait loops that interrupts cannot
 * reach. The routines run with the interrupt flag as it was: if code has cleared the flag, it is
 * not set behind that code's back. IRQL: any; does nothing at IPI_LEVEL or above, where the
 * processor is in a call or unreachable.
 */
void rendezvous_poll(void);

/*
 * One pass of a wait loop in the machine: notices that the system is stopping, serves calls that
 * want this processor where interrupts cannot, and relaxes. IRQL: any.
 */
void wait_machine_pass(void);

#endif
