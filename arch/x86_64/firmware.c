#include "arch/x86_64/firmware.h"

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "kernel/arch.h"
#include "kernel/log.h"

static struct firmware firmware;

const struct firmware *firmware_get(void)
{
    return &firmware;
}

/* Memory above the window is mapped when somebody looks at it: UEFI may keep tables there. */
static const void *view(void *context, uint64_t phys, size_t size)
{
    (void)context;
    if (phys + size < phys) {
        return NULL;
    }
    return phys + size <= WINDOW_LIMIT ? memory_view(phys) : paging_map_readonly(phys, size);
}

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

static void report_defects(const struct acpi_processors *found, uint32_t warnings)
{
    if (warnings != 0) {
        log_line("firmware: ACPI tables with defects are used all the same (%#x)", warnings);
    }
    if (found->duplicates + found->skipped + found->overflow != 0 || found->bad_entry_offset != 0) {
        log_line("firmware: processor list has %u duplicates, %u malformed entries, %u beyond %u%s",
                 found->duplicates, found->skipped, found->overflow, PROCESSOR_LIMIT,
                 found->bad_entry_offset != 0 ? ", and ends early" : "");
    }
}

static void take(const struct acpi_processors *found)
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

static void read_tables(const struct boot_info *boot)
{
    static struct acpi_processor list[PROCESSOR_LIMIT];
    static struct acpi_processors found = { .list = list, .capacity = PROCESSOR_LIMIT };
    const struct acpi_memory memory = { .view = view };
    struct acpi_madt_location madt;
    uint64_t rsdp_phys = boot->rsdp_phys != 0 ? boot->rsdp_phys : acpi_scan_rsdp(&memory);

    if (rsdp_phys == 0 || acpi_find_madt(&memory, rsdp_phys, &madt) != 0 ||
        acpi_parse_madt(madt.table, madt.size, &found) != 0) {
        log_line("firmware: no usable ACPI processor list; one processor is used");
        firmware.has_8259 = true;
        return;
    }
    report_defects(&found, madt.warnings);
    take(&found);
}

void firmware_read(const struct boot_info *boot, uint32_t boot_apic_id)
{
    read_tables(boot);
    if (!is_listed(boot_apic_id)) {
        if (firmware.processor_count != 0) {
            log_line("firmware: the list lacks the boot processor, APIC id %u", boot_apic_id);
        }
        arch_add_phantom_processor(boot_apic_id);
    }
}
