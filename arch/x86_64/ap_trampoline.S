/* SPDX-License-Identifier: MIT */
/*
 * An application processor's path from real mode to C.
 *
 * On entry (STARTUP message with vector VV): real mode, CS:IP = VV00:0000, so CS * 16 is the page
 *   that holds a copy of the code below; IF=0; caches perhaps disabled; no stack, no
 *   interrupt table.
 * At the end: long mode, the kernel's page tables, the processor's own stack (struct percpu), IF=0;
 *   ap_main(slot). A processor that is not expected halts for ever instead.
 *
 * The first instruction is the gate: a jump with a 16-bit displacement. The displacement leads on
 *   to the rest of the code, or is 0 and leads into the halt loop right after the jump, for a
 *   processor that is started when none is expected. ap_start.c switches the gate with one aligned
 *   store, so a processor that arrives meanwhile sees one value or the other, and no code changes
 *   under the processors that are in the loop.
 *
 * One write to CR0 (PE and PG together) leads from real mode to long mode. All processors run this
 * at the same time: a processor writes nothing before it has found its slot, and uses no stack.
 *
 * ap_start.c fills in the fields at the end, which depend on the page's address and on the page
 * tables.
 */
#include "arch/x86_64/regs.h"

#define FIELD(label) (label - ap_trampoline_start)

    .section .rodata, "a"                   /* data: only a copy of it is ever executed */
    .balign 16
    .global ap_trampoline_start
ap_trampoline_start:
    .code16
    nop                                     /* so that the displacement is aligned */
    .byte 0xe9                              /* JMP */
    .global ap_trampoline_gate
ap_trampoline_gate:
    .word ap_trampoline_open - ap_trampoline_parked
    .global ap_trampoline_parked
ap_trampoline_parked:
    cli
1:  hlt
    jmp 1b
    .global ap_trampoline_open
ap_trampoline_open:
    cli
    cld
    movw %cs, %ax
    movw %ax, %ds
    lgdtl FIELD(trampoline_gdt_pointer)
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl FIELD(ap_trampoline_root), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    xorl %edx, %edx
    movl FIELD(ap_trampoline_efer), %eax
    wrmsr
    movl $CR0_KERNEL, %eax
    movl %eax, %cr0
    ljmpl *FIELD(ap_trampoline_far)

    .code64
    .global ap_trampoline_long
ap_trampoline_long:
    movabsq $ap_entry, %rax
    jmp *%rax

    .balign 8
trampoline_gdt:
    .quad 0
    .quad GDT_CODE
    .quad GDT_DATA
trampoline_gdt_pointer:
    .word trampoline_gdt_pointer - trampoline_gdt - 1
    .global ap_trampoline_gdt_base
ap_trampoline_gdt_base:
    .long trampoline_gdt - ap_trampoline_start /* plus the page's address */
    .balign 4
    .global ap_trampoline_far
ap_trampoline_far:
    .long ap_trampoline_long - ap_trampoline_start /* plus the page's address */
    .word SELECTOR_CODE
    .balign 4
    .global ap_trampoline_root
ap_trampoline_root:
    .long 0                                 /* top-level page table, below 4 GiB */
    .global ap_trampoline_efer
ap_trampoline_efer:
    .long 0
    .global ap_trampoline_end
ap_trampoline_end:

/*
 * In the higher half, still on the trampoline's page tables. Finds the slot of this processor by
 * the id that its own APIC reports, in either mode.
 */
    .text
    .type ap_entry, @function
ap_entry:
    movl $SELECTOR_DATA, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    movl $MSR_APIC_BASE, %ecx
    rdmsr
    testl $APIC_BASE_X2APIC, %eax
    jnz 1f
    movq lapic_mmio(%rip), %rsi
    testq %rsi, %rsi
    jz 5f
    movl LAPIC_ID_OFFSET(%rsi), %esi
    shrl $24, %esi
    xorl %eax, %eax                         /* only the low 8 bits of an id above 255 show here: */
    cpuid                                   /* another processor's id, so this one parks */
    cmpl $CPUID_X2APIC_TOPOLOGY, %eax
    jb 2f
    movl $CPUID_X2APIC_TOPOLOGY, %eax
    xorl %ecx, %ecx
    cpuid
    testl %ebx, %ebx
    jz 2f
    cmpl $0xff, %edx
    ja ap_park
    jmp 2f
5:  orl $APIC_BASE_ENABLE, %eax             /* the boot processor is in x2APIC mode: join it, as */
    wrmsr                                   /* 8-bit ids are ambiguous; one step at a time */
    orl $APIC_BASE_X2APIC, %eax
    wrmsr
1:  movl $MSR_X2APIC_ID, %ecx
    rdmsr
    movl %eax, %esi
2:  movq ap_slots(%rip), %rdi
    movl ap_slot_count(%rip), %ecx
3:  testl %ecx, %ecx
    jz ap_park
    cmpl %esi, AP_SLOT_APIC_ID(%rdi)
    je 4f
    addq $AP_SLOT_SIZE, %rdi
    decl %ecx
    jmp 3b
4:  movl $AP_STATE_STARTING, %eax           /* claimed once: a second processor of this id parks */
    movl $AP_STATE_CLAIMED, %edx
    lock cmpxchgl %edx, AP_SLOT_STATE(%rdi)
    jne ap_park
    movq ap_kernel_root(%rip), %rax
    movq %rax, %cr3
    movq AP_SLOT_PERCPU(%rdi), %rdx
    movq PERCPU_STACK_TOP(%rdx), %rsp
    xorl %ebp, %ebp
    call ap_main                            /* RDI = the slot */
ap_park:
    cli
1:  hlt
    jmp 1b
    .size ap_entry, . - ap_entry
