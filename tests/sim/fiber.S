/* SPDX-License-Identifier: MIT */
/*
 * void fiber_switch(void **saved, void *stack_pointer)
 *
 * On entry: the return address on the stack; rdi = saved, rsi = stack_pointer (System V ABI).
 * On exit: on the other stack, with the callee-saved registers that were pushed there. The floating
 * point environment is not switched: nothing simulated uses it.
 */
    .text
    .globl fiber_switch
    .type fiber_switch, @function
fiber_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size fiber_switch, . - fiber_switch

/*
 * void *fiber_prepare(void *stack, size_t size, void (*entry)(void))
 *
 * Lays out what fiber_switch pops: six registers of zero, then the entry as return address, with
 * the stack as misaligned at the entry as a call would leave it.
 */
    .globl fiber_prepare
    .type fiber_prepare, @function
fiber_prepare:
    leaq (%rdi, %rsi), %rax
    andq $-16, %rax
    movq $0, -8(%rax)
    movq %rdx, -16(%rax)
    leaq -64(%rax), %rax
    movq $0, 0(%rax)
    movq $0, 8(%rax)
    movq $0, 16(%rax)
    movq $0, 24(%rax)
    movq $0, 32(%rax)
    movq $0, 40(%rax)
    ret
    .size fiber_prepare, . - fiber_prepare

/*
 * void __fentry__(void)
 *
 * Called by each function that was compiled for it, before anything else, with all registers in use
 * except xmm15. Zeroes the function's future frame: a slot that the function does not use, or does
 * not use yet, then holds zero and not a remnant of earlier functions.
 */
    .globl __fentry__
    .type __fentry__, @function
__fentry__:
    pxor %xmm15, %xmm15
    .set offset, -16
    .rept 32
    movups %xmm15, offset(%rsp)
    .set offset, offset - 16
    .endr
    ret
    .size __fentry__, . - __fentry__

    .section .note.GNU-stack, "", @progbits
