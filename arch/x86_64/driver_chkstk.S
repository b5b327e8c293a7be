/* SPDX-License-Identifier: MIT */
/*
 * The stack probe of drivers compiled by clang. A function calls it before it allocates a frame
 * larger than a page: the probe touches each page of the frame, so that an overflow hits the guard
 * page. The compiler calls it __chkstk; the build renames it.
 *
 * On entry: RAX = size of the frame in bytes; otherwise the Windows ABI.
 * At the end: all registers except the flags as on entry, RSP too: the caller allocates the frame.
 *
 * RSP moves down with the touches. On the guard page, pushing the page fault's own frame therefore
 * faults as well and ends in a double fault, as with the probes that gcc generates inline. The last
 * page, or part of one, is left to the caller's first push or call, which is at most a page below
 * the last touch.
 *
 * Source: Microsoft, "x64 prolog and epilog"; LLVM, X86FrameLowering::emitStackProbeCall.
 */
    .text

    .global driver_chkstk
    .type driver_chkstk, @function
driver_chkstk:
    pushq %rbp
    movq %rsp, %rbp
    pushq %rax
1:  cmpq $4096, %rax
    jbe 2f
    subq $4096, %rsp
    orq $0, (%rsp)
    subq $4096, %rax
    jmp 1b
2:  movq -8(%rbp), %rax
    leave
    ret
    .size driver_chkstk, . - driver_chkstk
