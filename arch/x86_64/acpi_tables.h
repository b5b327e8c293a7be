/* SPDX-License-Identifier: MIT */
/*
 * Reads what the kernel needs from smaller tables: where the timers are (FADT, HPET table), and
 * whether firmware asks the system to stay out of x2APIC mode (DMAR). Pure functions over bytes, as
 * in acpi.h.
 * IRQL: any (called once, at boot).
 */
#ifndef ARCH_X86_64_ACPI_TABLES_H
#define ARCH_X86_64_ACPI_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_FADT_LEAST 116 /* bytes of the first version, ACPI 1.0 */
#define ACPI_HPET_LEAST 56
#define ACPI_DMAR_LEAST 48

/* Where a register is. */
enum acpi_space { ACPI_SPACE_NONE, ACPI_SPACE_MEMORY, ACPI_SPACE_PORT };

struct acpi_register {
    enum acpi_space space;
    uint64_t address; /* physical, or a port number */
};

/* The ACPI power management timer: counts up at 3.579545 MHz. */
struct acpi_pm_timer {
    struct acpi_register counter; /* ACPI_SPACE_NONE: there is none */
    unsigned bits;                /* 24 or 32 */
};

/*
 * Reads the power management timer from the FADT at `fadt`. X_PM_TMR_BLK takes precedence over
 * PM_TMR_BLK if it names a memory address or a port; some firmware leaves one of the two empty.
 * Hardware-reduced ACPI has no such timer, whatever its table says.
 *
 * Returns: 0 with *out set; ACPI_BAD_TABLE with *out cleared if it is not a FADT.
 * Source: ACPI 6.5, "Fixed ACPI Description Table (FADT)", "Generic Address Structure (GAS)".
 */
int acpi_parse_fadt(const void *fadt, size_t size, struct acpi_pm_timer *out);

/*
 * The physical address of the HPET's registers; 0 if this is not an HPET table or the registers are
 * not in memory.
 * Source: IA-PC HPET Specification 1.0a, "The ACPI 2.0 HPET Description Table (HPET)".
 */
uint64_t acpi_parse_hpet(const void *hpet, size_t size);

/*
 * True if the DMAR table asks the system not to switch to x2APIC mode (X2APIC_OPT_OUT). The bit
 * counts only if INTR_REMAP is set too. A system that firmware has already put into that mode stays
 * in it.
 * Source: Intel Virtualization Technology for Directed I/O, "DMA Remapping Reporting Structure".
 */
bool acpi_parse_dmar_opt_out(const void *dmar, size_t size);

#endif
