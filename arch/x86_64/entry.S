/* SPDX-License-Identifier: MIT */
/*
 * Where interrupts and exceptions enter the kernel: 256 stubs, their common path, and the short
 * path of the rendezvous doorbell.
 *
 * On entry to a stub: interrupt gate (IF=0); the stack of the interrupted code or an IST stack,
 * which was 16-byte aligned before the processor pushed SS, RSP, RFLAGS, CS, RIP and, for some
 * vectors, an error code. There is no user mode, so GS is always the kernel's. At the end: IRETQ to
 * the interrupted code, which also serialises the processor (contract K8).
 *
 * The kernel uses no SSE registers, so none are saved here. arch_call_worker() saves them, since a
 * worker may use them (P4).
 */
#include "arch/x86_64/regs.h"

    .text

/* The registers that a C function may change. */
    .macro push_volatile
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    .endm

    .macro pop_volatile
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    .endm

/* Every frame has an error code: zero where the processor does not push one. */
#define HAS_ERROR_CODE(v) \
    (((v) == 8) | (((v) >= 10) & ((v) <= 14)) | ((v) == 17) | ((v) == 21) | \
     ((v) == 29) | ((v) == 30))

    .balign 16
    .global trap_stubs
trap_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if HAS_ERROR_CODE(vector) == 0
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

    .type trap_common, @function
trap_common:
    push_volatile
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    cld
    movq %rsp, %rdi                         /* struct trap_frame, 22 words: still 16-byte aligned */
    xorl %ebp, %ebp                         /* a backtrace continues from the trap frame */
    call trap_dispatch
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    pop_volatile
    addq $16, %rsp                          /* vector and error code */
    iretq
    .size trap_common, . - trap_common

/*
 * The doorbell. Only the registers that C may change are saved. The frame pointer links to the
 * interrupted frame, so that a backtrace from a worker shows the code that it interrupted.
 */
    .balign 16
    .global rendezvous_stub
    .type rendezvous_stub, @function
rendezvous_stub:
    pushq (%rsp)                            /* return address and ... */
    pushq %rbp                              /* ... frame link: what a backtrace reads */
    movq %rsp, %rbp
    push_volatile                           /* 5 + 11 words: RSP is 16-byte aligned */
    cld
    call rendezvous_interrupt
    pop_volatile
    popq %rbp
    addq $8, %rsp
    iretq
    .size rendezvous_stub, . - rendezvous_stub

/*
 * uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument)
 *
 * On entry: RDI = worker, RSI = argument (System V ABI). The worker has the Windows ABI: argument
 * in RCX, 32 bytes of shadow space, RSP 16-byte aligned at the call. It runs on the processor's
 * worker stack; the frame pointer links back to the caller's stack. It preserves RBX, RBP, RDI,
 * RSI, R12..R15 and XMM6..XMM15. XMM0..XMM5 and MXCSR are saved here on behalf of the interrupted
 * code (P4). At the end: RAX = the worker's return value, RFLAGS as on entry.
 */
    .balign 16
    .global arch_call_worker
    .type arch_call_worker, @function
arch_call_worker:
    pushq %rbp
    movq %rsp, %rbp
    pushfq
    movq %gs:PERCPU_WORKER_STACK_TOP, %rsp  /* a fresh stack, however deep the interrupted one */
    subq $(32 + 6 * 16 + 16), %rsp          /* is; RSP stays 16-byte aligned */
    movq %rsi, %rcx
    cmpl $0, cpu_sse_usable(%rip)
    je 1f
    movups %xmm0, 32(%rsp)
    movups %xmm1, 48(%rsp)
    movups %xmm2, 64(%rsp)
    movups %xmm3, 80(%rsp)
    movups %xmm4, 96(%rsp)
    movups %xmm5, 112(%rsp)
    stmxcsr 128(%rsp)
    ldmxcsr default_mxcsr(%rip)
1:  pushfq                                  /* DF=0, AC=0; IF unchanged */
    andl $~(RFLAGS_DF | RFLAGS_AC), (%rsp)
    popfq
    call *%rdi
    cmpl $0, cpu_sse_usable(%rip)
    je 2f
    movups 32(%rsp), %xmm0
    movups 48(%rsp), %xmm1
    movups 64(%rsp), %xmm2
    movups 80(%rsp), %xmm3
    movups 96(%rsp), %xmm4
    movups 112(%rsp), %xmm5
    ldmxcsr 128(%rsp)
2:  leaq -8(%rbp), %rsp                     /* back to the caller's stack, where RFLAGS is */
    popfq
    popq %rbp
    ret
    .size arch_call_worker, . - arch_call_worker

/*
 * void arch_abandon_to(void (*routine)(void))
 *
 * On entry: RDI = routine, interrupts disabled, any stack. The routine starts on the bug check
 * stack, at bugcheck_stack_top (on the current stack if that does not exist yet), with no frame
 * above it. It does not return.
 */
    .balign 16
    .global arch_abandon_to
    .type arch_abandon_to, @function
arch_abandon_to:
    movq bugcheck_stack_top(%rip), %rax
    testq %rax, %rax
    cmovzq %rsp, %rax
    andq $-16, %rax
    movq %rax, %rsp
    xorl %ebp, %ebp
    cld
    call *%rdi
    ud2
    .size arch_abandon_to, . - arch_abandon_to

/*
 * void arch_serialize(void): an IRETQ to the next instruction. It serialises on every processor
 * and, unlike CPUID, causes no exit from a virtual machine.
 */
    .balign 16
    .global arch_serialize
    .type arch_serialize, @function
arch_serialize:
    movl %ss, %eax
    movq %rsp, %rdx
    pushq %rax
    pushq %rdx
    pushfq
    movl %cs, %eax
    pushq %rax
    leaq 1f(%rip), %rax
    pushq %rax
    iretq
1:  ret
    .size arch_serialize, . - arch_serialize

    .section .rodata, "a"
    .balign 4
default_mxcsr:
    .long MXCSR_DEFAULT
