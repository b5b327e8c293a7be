/* SPDX-License-Identifier: MIT */
/*
 * Masks the legacy interrupt sources. A line that firmware left unmasked would interrupt on a
 * vector that means something else here, and an I/O APIC entry with vector 0 would flood the error
 * interrupt. So all are masked before interrupts are enabled. A masked 8259 can still report a
 * spurious request, so its vectors are moved away from the exceptions.
 *
 * Source: Intel 8259A data sheet; Intel 82093AA (I/O APIC) data sheet.
 */
#include "arch/x86_64/legacy.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "kernel/upcall.h"

#define PIC1_COMMAND  0x20
#define PIC1_DATA     0x21
#define PIC2_COMMAND  0xa0
#define PIC2_DATA     0xa1
#define PIC_INIT      0x11
#define PIC_8086_MODE 0x01
#define PIC_CASCADE   2

#define IO_APIC_SELECT      0x00
#define IO_APIC_WINDOW      0x10
#define IO_APIC_VERSION     0x01
#define IO_APIC_REDIRECTION 0x10 /* two registers per entry */
#define REDIRECTION_MASKED  0x10000

static void mask_8259(void)
{
    cpu_out8(PIC1_COMMAND, PIC_INIT);
    cpu_out8(PIC2_COMMAND, PIC_INIT);
    cpu_out8(PIC1_DATA, VECTOR_PIC);
    cpu_out8(PIC2_DATA, VECTOR_PIC + 8);
    cpu_out8(PIC1_DATA, 1 << PIC_CASCADE);
    cpu_out8(PIC2_DATA, PIC_CASCADE);
    cpu_out8(PIC1_DATA, PIC_8086_MODE);
    cpu_out8(PIC2_DATA, PIC_8086_MODE);
    cpu_out8(PIC1_DATA, 0xff);
    cpu_out8(PIC2_DATA, 0xff);
}

static uint32_t io_apic_read(uintptr_t base, uint32_t reg)
{
    mmio_write32(base + IO_APIC_SELECT, reg);
    return mmio_read32(base + IO_APIC_WINDOW);
}

static void io_apic_write(uintptr_t base, uint32_t reg, uint32_t value)
{
    mmio_write32(base + IO_APIC_SELECT, reg);
    mmio_write32(base + IO_APIC_WINDOW, value);
}

static void mask_io_apic(uint32_t phys)
{
    if (memory_is_usable(phys)) {
        log_line("I/O APIC at %#x: this is memory; left alone", phys);
        return;
    }
    uintptr_t base = paging_map_device(phys, 0x20);
    if (base == 0) {
        log_line("I/O APIC at %#x: no memory to map it; left as firmware set it", phys);
        return;
    }
    uint32_t last = io_apic_read(base, IO_APIC_VERSION) >> 16 & 0xff;
    for (uint32_t entry = 0; entry <= last; entry++) {
        uint32_t reg = IO_APIC_REDIRECTION + 2 * entry;
        io_apic_write(base, reg, io_apic_read(base, reg) | REDIRECTION_MASKED);
    }
}

void legacy_mask_interrupts(const struct firmware *firmware)
{
    if (firmware->has_8259) {
        mask_8259();
    }
    for (unsigned i = 0; i < firmware->io_apic_count; i++) {
        mask_io_apic(firmware->io_apics_phys[i]);
    }
}
