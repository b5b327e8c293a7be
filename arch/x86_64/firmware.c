/* SPDX-License-Identifier: MIT */
/*
 * Reads the firmware's tables once, at boot, and keeps what the kernel needs. A defect in them is
 * logged; none is fatal.
 */
#include "arch/x86_64/firmware.h"

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "kernel/arch.h"
#include "kernel/upcall.h"

static struct firmware firmware = { .nmi_lint = 1 };

const struct firmware *firmware_get(void)
{
    return &firmware;
}

/* The end of the physical address space: higher bits are reserved, and fault in a page table. */
static uint64_t address_limit(void)
{
    return 1ull << cpu_physical_address_bits();
}

/* Memory above the window is mapped on demand: UEFI may keep tables there. */
static const void *view(void *context, uint64_t phys, size_t size)
{
    uint64_t end_phys = phys + size;

    (void)context;
    if (end_phys < phys || end_phys > address_limit()) {
        return NULL;
    }
    return end_phys <= WINDOW_LIMIT ? memory_view(phys) : paging_map_readonly(phys, size);
}

static const struct acpi_memory memory = { .view = view };

/* ---- processors ---- */

static bool is_listed(uint32_t apic_id)
{
    for (unsigned i = 0; i < firmware.processor_count; i++) {
        if (firmware.apic_ids[i] == apic_id) {
            return true;
        }
    }
    return false;
}

void arch_add_phantom_processor(uint32_t hardware_id)
{
    if (firmware.processor_count < PROCESSOR_LIMIT && !is_listed(hardware_id)) {
        firmware.apic_ids[firmware.processor_count++] = hardware_id;
    }
}

static void report_list_defects(const struct acpi_processors *found)
{
    if (found->duplicates + found->skipped + found->overflow != 0 || found->bad_entry_offset != 0) {
        log_line("firmware: processor list has %u duplicates, %u malformed entries, %u beyond %u%s",
                 found->duplicates, found->skipped, found->overflow, PROCESSOR_LIMIT,
                 found->bad_entry_offset != 0 ? ", and ends early" : "");
    }
    if (found->misplaced != 0) {
        log_line("firmware: %u processors with ids below 255 are in x2APIC entries; they are used",
                 found->misplaced);
    }
    if (found->io_apic_overflow != 0) {
        log_line("firmware: more than %u I/O APICs; %u of them are not masked", ACPI_MAX_IO_APICS,
                 found->io_apic_overflow);
    }
}

/*
 * In xAPIC mode the processor itself states where its registers are; the firmware's address is only
 * a hint.
 */
static void report_lapic_elsewhere(uint64_t listed_phys)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    if (!(base & APIC_BASE_X2APIC) && listed_phys != (base & APIC_BASE_PAGE)) {
        log_line("firmware: local APIC at %#llx, but the processor says %#llx, which is used",
                 (unsigned long long)listed_phys, (unsigned long long)(base & APIC_BASE_PAGE));
    }
}

static uint32_t acpi_uid_of(const struct acpi_processors *found, uint32_t apic_id)
{
    for (size_t i = 0; i < found->count; i++) {
        if (found->list[i].apic_id == apic_id) {
            return found->list[i].acpi_uid;
        }
    }
    return ACPI_UID_UNKNOWN;
}

static void take_processors(const struct acpi_processors *found)
{
    for (size_t i = 0; i < found->count; i++) {
        firmware.apic_ids[i] = found->list[i].apic_id;
    }
    firmware.processor_count = (unsigned)found->count;
    firmware.has_8259 = found->pcat_compat;
    firmware.io_apic_count = (unsigned)found->io_apic_count;
    for (size_t i = 0; i < found->io_apic_count; i++) {
        firmware.io_apics_phys[i] = found->io_apics[i].phys;
    }
}

static void read_madt(uint64_t rsdp_phys, uint32_t boot_apic_id)
{
    static struct acpi_processor list[PROCESSOR_LIMIT];
    static struct acpi_processors found = { .list = list, .capacity = PROCESSOR_LIMIT };
    struct acpi_table madt;

    if (rsdp_phys == 0 ||
        acpi_find_table(&memory, rsdp_phys, "APIC", ACPI_MADT_LEAST, &madt) != 0 ||
        acpi_parse_madt(madt.bytes, madt.size, &found) != 0) {
        log_line("firmware: no usable ACPI processor list; one processor is used");
        firmware.has_8259 = true;
        firmware.apic_ids[firmware.processor_count++] = boot_apic_id;
        return;
    }
    if (madt.warnings != 0) {
        log_line("firmware: ACPI tables with defects are used anyway (%#x)", madt.warnings);
    }
    report_list_defects(&found);
    report_lapic_elsewhere(found.lapic_phys);
    take_processors(&found);
    firmware.nmi_lint = acpi_nmi_input(madt.bytes, madt.size, acpi_uid_of(&found, boot_apic_id));
    if (firmware.nmi_lint != 1) {
        log_line("firmware: NMI is wired to LINT%u of the boot processor", firmware.nmi_lint);
    }
}

/* ---- the smaller tables ---- */

/*
 * Rejects an address beyond the physical address space, or one in memory, which a write would
 * corrupt.
 */
static bool can_be_registers(uint64_t phys)
{
    return phys < address_limit() - PAGE_BYTES && !memory_is_usable(phys);
}

static void read_timers(uint64_t rsdp_phys)
{
    struct acpi_pm_timer timer;
    struct acpi_table table;

    if (acpi_find_table(&memory, rsdp_phys, "FACP", ACPI_FADT_LEAST, &table) == 0) {
        acpi_parse_fadt(table.bytes, table.size, &timer);
        if (timer.counter.space == ACPI_SPACE_PORT || can_be_registers(timer.counter.address)) {
            firmware.pm_timer = timer;
        }
    }
    if (acpi_find_table(&memory, rsdp_phys, "HPET", ACPI_HPET_LEAST, &table) == 0) {
        uint64_t hpet_phys = acpi_parse_hpet(table.bytes, table.size);
        firmware.hpet_phys = can_be_registers(hpet_phys) ? hpet_phys : 0;
    }
}

static void read_dmar(uint64_t rsdp_phys)
{
    struct acpi_table table;

    if (acpi_find_table(&memory, rsdp_phys, "DMAR", ACPI_DMAR_LEAST, &table) == 0) {
        firmware.x2apic_opt_out = acpi_parse_dmar_opt_out(table.bytes, table.size);
    }
}

void firmware_read(const struct boot_info *boot, uint32_t boot_apic_id)
{
    uint64_t rsdp_phys = boot->rsdp_phys != 0 ? boot->rsdp_phys : acpi_scan_rsdp(&memory);

    read_madt(rsdp_phys, boot_apic_id);
    read_timers(rsdp_phys);
    read_dmar(rsdp_phys);
    if (!is_listed(boot_apic_id)) {
        log_line("firmware: the list lacks the boot processor, APIC id %u", boot_apic_id);
        arch_add_phantom_processor(boot_apic_id);
    }
}
