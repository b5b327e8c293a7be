/* SPDX-License-Identifier: MIT */
/*
 * Finds ACPI tables. The path starts at the RSDP, which the boot loader passes or a BIOS leaves
 * in a searchable place, through a root table to the table with a given signature.
 *
 * Pure functions over bytes: no global state, no allocation, no lock, no dependency on the kernel.
 * Firmware is hostile: every length is checked before it is used, nothing outside the given bytes
 * is read, and a defect is counted and reported but is never fatal as long as something useful can
 * be read.
 *
 * IRQL: any (called once, at boot).
 */
#ifndef ARCH_X86_64_ACPI_H
#define ARCH_X86_64_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Errors; 0 is success. */
enum acpi_status {
    ACPI_NO_RSDP = -1,   /* not readable, or without its signature */
    ACPI_NO_ROOT = -2,   /* neither the XSDT nor the RSDT can be read */
    ACPI_NO_TABLE = -3,  /* the root tables name no such table that can be read */
    ACPI_BAD_TABLE = -4, /* not the expected table: wrong signature or length */
};

/* Defects met on the way to a table that was found nevertheless. */
enum acpi_warning {
    ACPI_BAD_CHECKSUM = 1,      /* of the table itself, where no better one exists */
    ACPI_BAD_ROOT_CHECKSUM = 2, /* of the XSDT or RSDT that names it */
    ACPI_BAD_RSDP_CHECKSUM = 4, /* of the first 20 bytes, or of the extended structure */
    ACPI_RSDT_FALLBACK = 8,     /* the RSDP has an XSDT, but the RSDT was used */
};

/*
 * Access to physical memory. view() returns the address at which the `size` bytes starting at
 * `phys` can be read, or NULL if not all of them can (size: 1 byte to 1 MiB; phys + size never
 * wraps). A view must stay valid for as long as the caller uses the table that was found through
 * it.
 */
struct acpi_memory {
    const void *(*view)(void *context, uint64_t phys, size_t size);
    void *context;
};

struct acpi_table {
    uint64_t phys;
    const uint8_t *bytes; /* view of the whole table */
    uint32_t size;        /* bytes: the requested minimum to 1 MiB */
    uint32_t warnings;    /* enum acpi_warning */
};

/*
 * Searches for the RSDP where a BIOS puts it: the first KiB of the EBDA, whose segment is stored at
 * 40:0E, then 0xE0000-0xFFFFF, at every 16th byte. Not to be used under UEFI, or if the boot loader
 * hands over the RSDP.
 *
 * Returns: its physical address; 0 if none has its signature and good checksums.
 * Source: ACPI 6.5, "Finding the RSDP on IA-PC Systems".
 */
uint64_t acpi_scan_rsdp(const struct acpi_memory *memory);

/*
 * Finds the table with that signature (four characters) and at least `least` bytes (36 or more),
 * starting from the RSDP at `rsdp_phys`.
 *
 * The first table with a good checksum is taken, from the XSDT, then from the RSDT. Failing that,
 * root tables and tables with a bad checksum are accepted too, the pair with the fewest bad
 * checksums first: a machine that boots with a warning is more useful than one that does not. The
 * XSDT is tried only if the RSDP has revision 2 or later and a good extended checksum.
 *
 * Returns: 0 with *out set; ACPI_NO_RSDP, ACPI_NO_ROOT or ACPI_NO_TABLE with *out unchanged.
 * Source: ACPI 6.5, "Root System Description Pointer (RSDP)", "System Description Table Header",
 * "Root System Description Table (RSDT)", "Extended System Description Table (XSDT)".
 */
int acpi_find_table(const struct acpi_memory *memory, uint64_t rsdp_phys, const char *signature,
                    size_t least, struct acpi_table *out);

#endif
