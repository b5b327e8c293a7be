/* SPDX-License-Identifier: MIT */
/*
 * The two instructions that are allowed to fault (probe.h). trap.c recognises them by address.
 */
    .text

/* bool probe_read_msr(EDI = msr, RSI = address for the value) */
    .balign 16
    .global probe_read_msr
    .type probe_read_msr, @function
probe_read_msr:
    movl %edi, %ecx
.Lread:
    rdmsr
    shlq $32, %rdx
    orq %rdx, %rax
    movq %rax, (%rsi)
    movl $1, %eax
    ret
    .size probe_read_msr, . - probe_read_msr

/* bool probe_write_msr(EDI = msr, RSI = value) */
    .balign 16
    .global probe_write_msr
    .type probe_write_msr, @function
probe_write_msr:
    movl %edi, %ecx
    movl %esi, %eax
    movq %rsi, %rdx
    shrq $32, %rdx
.Lwrite:
    wrmsr
    movl $1, %eax
    ret
.Lrefused:
    xorl %eax, %eax
    ret
    .size probe_write_msr, . - probe_write_msr

/* uintptr_t probe_refused_at(RDI = instruction) */
    .balign 16
    .global probe_refused_at
    .type probe_refused_at, @function
probe_refused_at:
    xorl %eax, %eax
    leaq .Lrefused(%rip), %rdx
    leaq .Lread(%rip), %rcx
    cmpq %rcx, %rdi
    cmoveq %rdx, %rax
    leaq .Lwrite(%rip), %rcx
    cmpq %rcx, %rdi
    cmoveq %rdx, %rax
    ret
    .size probe_refused_at, . - probe_refused_at
