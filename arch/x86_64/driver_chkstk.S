/* SPDX-License-Identifier: MIT */
/*
 * What a driver compiled by clang calls where a frame is larger than a page, before it makes that
 * frame: each page of it is touched, so that a stack that is too small ends at its guard page. The
 * compiler's name is __chkstk; the build renames it.
 *
 * On entry: RAX the size of the frame in bytes; the Windows ABI apart from that.
 * At the end: every register but the flags as on entry, RSP too: the caller makes the frame itself.
 *
 * RSP goes down with the touching: the guard page then meets the page fault's own frame as well and
 * ends in a double fault, as with the probes that gcc writes into the code. The last page or part
 * of one is left to the caller's first push or call, at most a page below the last touch.
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
