/* SPDX-License-Identifier: MIT */
/*
 * Each processor's GDT and TSS, the common IDT, and the memory that each processor needs.
 */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/percpu.h"
#include "arch/x86_64/trap.h"
#include "kernel/entry.h"
#include "lib/string.h"

#define GATE_INTERRUPT 0x8e /* present, ring 0, 64-bit interrupt gate: IF is cleared on entry */
#define TSS_AVAILABLE  0x89
#define VECTORS        256

/* Source: Intel SDM vol. 3A, "64-Bit Mode IDT". */
struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

struct __attribute__((packed)) table_pointer {
    uint16_t limit;
    uint64_t base;
};

static struct gate idt[VECTORS];
struct percpu boot_percpu;
uintptr_t bugcheck_stack_top; /* for arch_abandon_to(): only one processor reports */
static uintptr_t debug_stack_top;

static void set_gate(unsigned vector, uintptr_t entry, uint8_t ist)
{
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = SELECTOR_CODE,
        .ist = ist,
        .type = GATE_INTERRUPT,
        .offset_middle = (uint16_t)(entry >> 16),
        .offset_high = (uint32_t)(entry >> 32),
    };
}

/*
 * The interrupt stacks exist once percpu_complete() has run. Until then a fault uses the boot
 * stack.
 */
static void build_idt(unsigned ist_available)
{
    for (unsigned vector = 0; vector < VECTORS; vector++) {
        set_gate(vector, (uintptr_t)trap_stubs + vector * TRAP_STUB_SIZE, 0);
    }
    set_gate(VECTOR_RENDEZVOUS, (uintptr_t)rendezvous_stub, 0);
    if (ist_available) {
        idt[TRAP_NMI].ist = IST_NMI;
        idt[TRAP_DOUBLE_FAULT].ist = IST_DOUBLE_FAULT;
        idt[TRAP_MACHINE_CHECK].ist = IST_MACHINE_CHECK;
    }
}

static void build_gdt(struct percpu *percpu)
{
    uint64_t base = (uint64_t)&percpu->task;
    uint64_t limit = sizeof(percpu->task) - 1;

    percpu->gdt[SELECTOR_CODE / 8] = GDT_CODE;
    percpu->gdt[SELECTOR_DATA / 8] = GDT_DATA;
    percpu->gdt[SELECTOR_TSS / 8] =
        limit | (base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
    percpu->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
    percpu->task.io_map_base = sizeof(percpu->task);
}

static void init(struct percpu *percpu, struct processor *processor, uintptr_t stack_top)
{
    percpu->self = percpu;
    percpu->processor = processor;
    percpu->stack_top = stack_top;
    percpu->index = PROCESSOR_UNNUMBERED;
    build_gdt(percpu);
}

int percpu_complete(struct percpu *percpu)
{
    percpu->worker_stack_top = paging_create_stack(STACK_SIZE_WORKER);
    if (percpu->worker_stack_top == 0) {
        return -1;
    }
    for (unsigned i = 0; i < IST_COUNT; i++) {
        percpu->task.ist[i] = paging_create_stack(STACK_SIZE_IST);
        if (percpu->task.ist[i] == 0) {
            return -1;
        }
    }
    if (percpu == &boot_percpu) {
        bugcheck_stack_top = paging_create_stack(STACK_SIZE);
        debug_stack_top = paging_create_stack(STACK_SIZE_IST);
        build_idt(1);
    }
    return 0;
}

struct percpu *percpu_create(void)
{
    struct percpu *percpu = arch_allocate_pages(sizeof(*percpu));
    struct processor *processor = processor_create();
    uintptr_t stack_top = paging_create_stack(STACK_SIZE);

    if (percpu == NULL || processor == NULL || stack_top == 0) {
        return NULL;
    }
    memset(percpu, 0, sizeof(*percpu));
    if (percpu_complete(percpu) != 0) {
        return NULL;
    }
    init(percpu, processor, stack_top);
    return percpu;
}

void descriptors_start_boot(void)
{
    extern char boot_stack_top[];

    init(&boot_percpu, &boot_processor, (uintptr_t)boot_stack_top);
    build_idt(0);
    descriptors_load(&boot_percpu);
}

void descriptors_separate_debug(void)
{
    if (debug_stack_top != 0) {
        percpu_current()->task.ist[IST_DEBUG - 1] = debug_stack_top;
        idt[TRAP_DEBUG].ist = IST_DEBUG;
    }
}

void descriptors_load(struct percpu *percpu)
{
    struct table_pointer gdt_pointer = { sizeof(percpu->gdt) - 1, (uint64_t)percpu->gdt };
    struct table_pointer idt_pointer = { sizeof(idt) - 1, (uint64_t)idt };

    percpu->gdt[SELECTOR_TSS / 8] &=
        ~(2ull << 40); /* loading a TSS marks it as busy: clear that first */
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\tmovl %2, %%eax\n\t"
                     "movl %%eax, %%ss\n\t"
                     "movl %%eax, %%ds\n\t"
                     "movl %%eax, %%es\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movl %%eax, %%fs\n\t"
                     "movl %%eax, %%gs\n\t"
                     "lidt %3\n\t"
                     "ltr %w4"
                     :
                     : "m"(gdt_pointer), "i"(SELECTOR_CODE), "i"(SELECTOR_DATA), "m"(idt_pointer),
                       "r"((uint16_t)SELECTOR_TSS)
                     : "rax", "memory");
    cpu_write_msr(MSR_GS_BASE, (uint64_t)percpu);
}
