/* SPDX-License-Identifier: MIT */
/*
 * From the loader's 32-bit protected mode to long mode and C.
 *
 * On entry (PVH, Multiboot2): protected mode, flat segments, paging off, A20 on, IF unknown, no
 *   stack; EBX = physical address of the loader's information; EAX = Multiboot2's magic, with PVH
 *   undefined.
 * At the end: long mode in the higher half, the boot stack loaded, IF=0;
 *   boot_entry(magic, information_phys).
 *
 * The kernel keeps the page tables that are built here. C only adds to them, and drops the identity
 * map:
 *
 *   PML4[0]    identity, until paging_start() drops it   --+
 *   PML4[256]  all of the first 4 GiB, "physical window" --+--> pdpt_low --> pd[0..3], 2 MiB pages
 *   PML4[511]  the top 2 GiB, where the image is linked  -----> pdpt_high -> pd[0]
 *
 * pd[0] is shared, and its first two entries point to tables of 4 KiB pages, which cover the image.
 * So each page of the image has the same rights through every alias: text is read-execute,
 * constants are read-only, everything else is writable and never executable (W^X). The boot stack's
 * guard page is absent from every alias.
 */
#include "arch/x86_64/regs.h"

#define PHYS(symbol) ((symbol) - KERNEL_BASE)
#define PRESENT_WRITABLE (PAGE_PRESENT | PAGE_WRITABLE)

    .section .text.boot, "ax"
    .code32
    .global start32
start32:
    cli
    cld
    movl $PHYS(boot_stack_top), %esp
    movl %ebx, %ebp                         /* the information's address stays in EBP */
    movl %eax, PHYS(boot_magic)

    movl $CPUID_EXTENDED_MAX, %eax
    cpuid
    cmpl $CPUID_EXTENDED_FEATURES, %eax
    jb no_long_mode
    movl $CPUID_EXTENDED_FEATURES, %eax
    cpuid
    testl $CPUID_EDX_LONG_MODE, %edx
    jz no_long_mode

    movl $EFER_LME, %esi                    /* ESI = EFER; EDI = upper half of a no-execute entry */
    xorl %edi, %edi
    testl $CPUID_EDX_NX, %edx
    jz 1f
    orl $EFER_NXE, %esi
    movl $PAGE_NO_EXECUTE_HIGH, %edi
1:
    /* Four page directories of 2 MiB pages cover 4 GiB. */
    xorl %ecx, %ecx
2:  movl %ecx, %eax
    shll $21, %eax
    orl $(PRESENT_WRITABLE | PAGE_LARGE), %eax
    movl %eax, PHYS(boot_pd)(, %ecx, 8)
    movl %edi, PHYS(boot_pd) + 4(, %ecx, 8)
    incl %ecx
    cmpl $2048, %ecx
    jne 2b

    /* Two page tables cover the first 4 MiB, where the image is. */
    movl $(PHYS(boot_pt) + PRESENT_WRITABLE), PHYS(boot_pd)
    movl $0, PHYS(boot_pd) + 4
    movl $(PHYS(boot_pt) + 4096 + PRESENT_WRITABLE), PHYS(boot_pd) + 8
    movl $0, PHYS(boot_pd) + 12
    movl $0, %ecx
    movl $1024, %edx
    movl $PRESENT_WRITABLE, %ebx
    call fill_pages
    movl $PHYS(_rodata_start), %ecx
    movl $PHYS(_rodata_end), %edx
    movl $PAGE_PRESENT, %ebx
    call fill_range
    pushl %edi
    xorl %edi, %edi                         /* text is executable */
    movl $PHYS(_text_start), %ecx
    movl $PHYS(_text_end), %edx
    movl $PAGE_PRESENT, %ebx
    call fill_range
    popl %edi
    movl $PHYS(boot_stack_guard), %ecx
    shrl $12, %ecx
    movl $0, PHYS(boot_pt)(, %ecx, 8)
    movl $0, PHYS(boot_pt) + 4(, %ecx, 8)

    /* The upper levels. */
    movl $(PHYS(boot_pd) + PRESENT_WRITABLE), %eax
    xorl %ecx, %ecx
3:  movl %eax, PHYS(boot_pdpt_low)(, %ecx, 8)
    addl $4096, %eax
    incl %ecx
    cmpl $4, %ecx
    jne 3b
    movl $(PHYS(boot_pd) + PRESENT_WRITABLE), PHYS(boot_pdpt_high) + 510 * 8
    movl $(PHYS(boot_pdpt_low) + PRESENT_WRITABLE), PHYS(boot_pml4)
    movl $(PHYS(boot_pdpt_low) + PRESENT_WRITABLE), PHYS(boot_pml4) + 256 * 8
    movl $(PHYS(boot_pdpt_high) + PRESENT_WRITABLE), PHYS(boot_pml4) + 511 * 8

    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $PHYS(boot_pml4), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    xorl %edx, %edx
    movl %esi, %eax
    wrmsr
    movl $CR0_KERNEL, %eax
    movl %eax, %cr0
    lgdt PHYS(boot_gdt_pointer)
    ljmp $SELECTOR_CODE, $PHYS(start64)

/* Fills the 4 KiB entries of the physical range ECX..EDX with rights EBX and upper half EDI. */
fill_range:
    shrl $12, %ecx
    shrl $12, %edx
fill_pages:                                 /* the same for a range of page numbers */
    movl %ecx, %eax
    shll $12, %eax
    orl %ebx, %eax
    movl %eax, PHYS(boot_pt)(, %ecx, 8)
    movl %edi, PHYS(boot_pt) + 4(, %ecx, 8)
    incl %ecx
    cmpl %edx, %ecx
    jne fill_pages
    ret

/* A processor without long mode: one line on the first serial port, then stop. */
no_long_mode:
    movl $PHYS(no_long_mode_text), %esi
1:  movw $(UART_COM1 + 5), %dx
    movl $0xffff, %ecx                      /* bounded: the port may be absent */
2:  inb %dx, %al
    testb $0x20, %al
    loopz 2b
    lodsb
    testb %al, %al
    jz 3f
    movw $UART_COM1, %dx
    outb %al, %dx
    jmp 1b
3:  hlt
    jmp 3b

    .code64
start64:
    movl $SELECTOR_DATA, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movabsq $start64_high, %rax
    jmp *%rax
start64_high:
    movabsq $boot_stack_top, %rsp
    movl boot_magic(%rip), %edi
    movl %ebp, %esi                         /* zero-extends the address of the information */
    xorl %ebp, %ebp                         /* ends every backtrace */
    call boot_entry
1:  hlt
    jmp 1b

    .section .rodata, "a"
no_long_mode_text:
    .asciz "Muster needs a 64-bit processor: this one has no long mode.\r\n"
    .balign 8
boot_gdt:
    .quad 0
    .quad GDT_CODE
    .quad GDT_DATA
boot_gdt_pointer:
    .word boot_gdt_pointer - boot_gdt - 1
    .long PHYS(boot_gdt)

    .section .bss, "aw", @nobits
    .balign 4
boot_magic:     .skip 4
    .balign 4096
    .global boot_pml4
boot_pml4:      .skip 4096
boot_pdpt_low:  .skip 4096
boot_pdpt_high: .skip 4096
boot_pd:        .skip 4 * 4096
boot_pt:        .skip 2 * 4096
boot_stack_guard: .skip 4096
    .skip STACK_SIZE
    .global boot_stack_top
boot_stack_top:
