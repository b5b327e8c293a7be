/* SPDX-License-Identifier: MIT */
/*
 * Constants of the x86-64 architecture and of this kernel's layout, shared by C and assembly.
 *
 * Source: Intel SDM vol. 3A, "Control Registers", "IA-32e Mode Paging", "Local APIC"; vol. 4,
 * "MSRs".
 */
#ifndef ARCH_X86_64_REGS_H
#define ARCH_X86_64_REGS_H

/* Layout of the address space. */
#define KERNEL_BASE       0xffffffff80000000 /* virtual = physical + this, for the image */
#define WINDOW_BASE       0xffff800000000000 /* virtual = physical + this, for the first 4 GiB */
#define MAPPING_BASE      0xffffc00000000000 /* stacks and device registers, mapped page by page */
#define STACK_SIZE        32768
#define STACK_SIZE_IST    8192
#define STACK_SIZE_WORKER 16384 /* twice what clause K13 promises */

/* Segment selectors and descriptors: one code, one data, one task state segment per processor. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18
#define GDT_CODE      0x00209b0000000000 /* present, ring 0, 64-bit, execute/read, accessed */
#define GDT_DATA      0x0000930000000000 /* present, ring 0, read/write, accessed */

/* Interrupt stack table slots. */
#define IST_NMI           1
#define IST_DOUBLE_FAULT  2
#define IST_MACHINE_CHECK 3
#define IST_COUNT         3 /* every processor has these three */
#define IST_DEBUG         4 /* only the processor that reports a bug check has this one */

/* Control registers. CR0 and CR4 are always written in full, whatever firmware left in them. */
#define CR0_KERNEL     0x80010033 /* PG, WP, NE, ET, MP, PE; CD, NW, EM and TS clear */
#define CR4_PAE        (1 << 5)
#define CR4_MCE        (1 << 6)
#define CR4_PGE        (1 << 7)
#define CR4_OSFXSR     (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR4_UMIP       (1 << 11)
#define CR4_SMEP       (1 << 20)
#define CR4_SMAP       (1 << 21)

#define RFLAGS_TF     (1 << 8)
#define RFLAGS_IF     (1 << 9)
#define RFLAGS_DF     (1 << 10)
#define RFLAGS_AC     (1 << 18)
#define MXCSR_DEFAULT 0x1f80 /* all exceptions masked, round to nearest */

/* Model-specific registers. */
#define MSR_APIC_BASE    0x1b
#define MSR_PAT          0x277
#define MSR_EFER         0xc0000080
#define MSR_GS_BASE      0xc0000101
#define MSR_X2APIC_ID    0x802
#define EFER_LME         (1 << 8)
#define EFER_NXE         (1 << 11)
#define APIC_BASE_BSP    (1 << 8)
#define APIC_BASE_X2APIC (1 << 10)
#define APIC_BASE_ENABLE (1 << 11)
#define APIC_BASE_PAGE   0x000ffffffffff000 /* mask of the address, at its greatest width */

/* CPUID leaves and bits. */
#define CPUID_HYPERVISOR        0x40000000
#define CPUID_X2APIC_TOPOLOGY   0xb /* EDX: the x2APIC id; valid where EBX is not 0 */
#define CPUID_EXTENDED_MAX      0x80000000
#define CPUID_EXTENDED_FEATURES 0x80000001
#define CPUID_EDX_LONG_MODE     (1 << 29)
#define CPUID_EDX_NX            (1 << 20)

/* Page table entries. */
#define PAGE_PRESENT         0x1
#define PAGE_WRITABLE        0x2
#define PAGE_WRITE_THROUGH   0x8
#define PAGE_CACHE_DISABLE   0x10
#define PAGE_LARGE           0x80
#define PAGE_WRITE_COMBINING 0x90       /* entry 6 of the PAT, in an entry for 4 KiB */
#define PAGE_NO_EXECUTE_HIGH 0x80000000 /* bit 63, in the upper half of an entry */

/* The local APIC's registers that assembly reads. */
#define LAPIC_ID_OFFSET 0x20

#define UART_COM1 0x3f8

/* Interrupt vectors. The class (upper four bits) is the IRQL; see contract P2. */
#define VECTOR_PIC        0x20 /* 16 vectors; even a masked 8259 may raise a spurious request */
#define VECTOR_RENDEZVOUS 0xe1
#define VECTOR_WAKE       0xf1 /* ends a halt at IPI_LEVEL */
#define VECTOR_ALARM      0xf2 /* the timer: ends a halt that nothing else has ended */
#define VECTOR_APIC_ERROR 0xfe
#define VECTOR_SPURIOUS   0xff

/* struct percpu, as assembly sees it. */
#define PERCPU_SELF             0
#define PERCPU_PROCESSOR        8
#define PERCPU_STACK_TOP        16
#define PERCPU_WORKER_STACK_TOP 24

/* struct ap_slot, and its states as the trampoline sees them. */
#define AP_SLOT_APIC_ID   0
#define AP_SLOT_STATE     4
#define AP_SLOT_PERCPU    8
#define AP_SLOT_SIZE      16
#define AP_STATE_STARTING 1
#define AP_STATE_CLAIMED  2

#endif
