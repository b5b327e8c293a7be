/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts: entry.S saves the state, trap.c handles them.
 */
#ifndef ARCH_X86_64_TRAP_H
#define ARCH_X86_64_TRAP_H

#include <stdbool.h>
#include <stdint.h>

/* Exception vectors. Source: Intel SDM vol. 3A, "Exceptions and Interrupts". */
enum trap_vector {
    TRAP_DIVIDE_ERROR = 0,
    TRAP_DEBUG = 1,
    TRAP_NMI = 2,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUND_RANGE = 5,
    TRAP_INVALID_OPCODE = 6,
    TRAP_DEVICE_NOT_AVAILABLE = 7,
    TRAP_DOUBLE_FAULT = 8,
    TRAP_INVALID_TSS = 10,
    TRAP_SEGMENT_NOT_PRESENT = 11,
    TRAP_STACK_FAULT = 12,
    TRAP_GENERAL_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_FLOATING_POINT = 16,
    TRAP_ALIGNMENT_CHECK = 17,
    TRAP_MACHINE_CHECK = 18,
    TRAP_SIMD = 19,
    TRAP_FAST_FAIL = 0x29, /* INT 29h: the compiler's run-time checks of Windows drivers */
    TRAP_ASSERTION = 0x2c, /* INT 2Ch: a failed assertion */
};

/* The interrupted state, in the order in which entry.S pushes it (last first). */
struct trap_frame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss; /* pushed by the processor */
};

#define TRAP_STUB_SIZE 16
extern const char trap_stubs[];      /* entry.S: one stub per vector */
extern const char rendezvous_stub[]; /* entry.S: the doorbell's short path */

/* platform.c: the HLT of arch_idle(), and the instruction after it. */
extern const uintptr_t idle_halt_address, idle_after_halt_address;

void trap_dispatch(struct trap_frame *frame);

/*
 * For tests of the processor and its APIC: `hook` sees every trap of every processor first, except
 * the rendezvous doorbell, with interrupts disabled. It returns true for a trap that it has handled
 * and, if necessary, acknowledged; all others are handled as usual. NULL removes the hook: by then
 * no trap that needs it may be pending.
 */
typedef bool trap_hook(struct trap_frame *frame);
void trap_set_hook(trap_hook *hook);

#endif
