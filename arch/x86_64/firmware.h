/* SPDX-License-Identifier: MIT */
/*
 * The firmware's description of this machine, in the kernel's terms.
 */
#ifndef ARCH_X86_64_FIRMWARE_H
#define ARCH_X86_64_FIRMWARE_H

#include "arch/x86_64/acpi_madt.h"
#include "arch/x86_64/acpi_tables.h"
#include "boot/boot_info.h"
#include "kernel/arch.h"

struct firmware {
    unsigned processor_count; /* enabled processors, the boot processor among them */
    uint32_t apic_ids[PROCESSOR_LIMIT];
    unsigned nmi_lint;   /* the boot processor's local interrupt input for NMI: 0 or 1 */
    bool x2apic_opt_out; /* DMAR: do not switch to x2APIC mode */
    bool has_8259;       /* there are legacy interrupt controllers, which must be masked */
    unsigned io_apic_count;
    uint32_t io_apics_phys[ACPI_MAX_IO_APICS];
    uint64_t hpet_phys; /* the HPET's registers; 0: no HPET */
    struct acpi_pm_timer pm_timer;
};

/*
 * Reads the tables and logs their defects. Without usable tables the machine has one processor: the
 * one that runs this (`boot_apic_id`). That one is also added if the list lacks it.
 */
void firmware_read(const struct boot_info *boot, uint32_t boot_apic_id);

const struct firmware *firmware_get(void);

#endif
