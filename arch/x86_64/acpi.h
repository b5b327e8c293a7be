/* SPDX-License-Identifier: MIT */
/*
 * Finds ACPI tables: from the RSDP, which a boot loader hands over or a BIOS leaves where it can be
 * searched for, through a root table, to a table with a given signature.
 *
 * Pure functions over bytes: no global state, no allocation, no lock, no dependency on the kernel.
 * Firmware is hostile: every length is checked before it is believed, nothing outside the bytes
 * given is read, and a defect is counted and reported but never fatal as long as something useful
 * can be read.
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
    ACPI_BAD_TABLE = -4, /* not the table that it should be: signature or length */
};

/* What was wrong on the way to a table that could be found all the same. */
enum acpi_warning {
    ACPI_BAD_CHECKSUM = 1,      /* of the table itself: it is the only one there is */
    ACPI_BAD_ROOT_CHECKSUM = 2, /* of the XSDT or RSDT that names it */
    ACPI_BAD_RSDP_CHECKSUM = 4, /* of the first 20 bytes, or of the extended structure */
    ACPI_RSDT_FALLBACK = 8,     /* there is an XSDT, but it could not be used */
};

/*
 * Access to physical memory. view() returns the address at which the `size` bytes from `phys` on
 * can be read, or NULL if not all of them can (size: 1 byte to 1 MiB; phys + size never wraps).
 * A view stays valid for as long as the caller uses what was found through it.
 */
struct acpi_memory {
    const void *(*view)(void *context, uint64_t phys, size_t size);
    void *context;
};

struct acpi_table {
    uint64_t phys;
    const uint8_t *bytes; /* view of the whole table */
    uint32_t size;        /* bytes: what was asked for at least .. 1 MiB */
    uint32_t warnings;    /* enum acpi_warning */
};

/*
 * Searches for the RSDP where a BIOS puts it: the first KiB of the EBDA, whose segment stands at
 * 40:0E, then 0xE0000-0xFFFFF, at each 16th byte. Under UEFI, and where a boot loader hands the
 * RSDP over, this is not the way to find it.
 *
 * Returns: its physical address; 0 if none has its signature and good checksums.
 * Source: ACPI 6.5, "Finding the RSDP on IA-PC Systems".
 */
uint64_t acpi_scan_rsdp(const struct acpi_memory *memory);

/*
 * Finds the table with that signature (four characters) and at least `least` bytes (36 or more)
 * from the RSDP at `rsdp_phys`.
 *
 * Takes the first one with a good checksum in the XSDT, then in the RSDT; failing that, root tables
 * and tables with a bad checksum count too, the pair with the fewest first, since a machine that
 * boots with a warning is more use than one that does not. The XSDT is tried only if the RSDP is of
 * revision 2 or later and its extended checksum is good.
 *
 * Returns: 0 with *out set; ACPI_NO_RSDP, ACPI_NO_ROOT or ACPI_NO_TABLE with *out unchanged.
 * Source: ACPI 6.5, "Root System Description Pointer (RSDP)", "System Description Table Header",
 * "Root System Description Table (RSDT)", "Extended System Description Table (XSDT)".
 */
int acpi_find_table(const struct acpi_memory *memory, uint64_t rsdp_phys, const char *signature,
                    size_t least, struct acpi_table *out);

#endif
