/* SPDX-License-Identifier: MIT */
/*
 * Reads the MADT, which lists the processors and the I/O APICs, and says how NMI is wired. Pure
 * functions over bytes, as in acpi.h. IRQL: any (called once, at boot).
 */
#ifndef ARCH_X86_64_ACPI_MADT_H
#define ARCH_X86_64_ACPI_MADT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_MADT_LEAST 44 /* bytes before the first entry */

/* A processor that the firmware lists as enabled. */
struct acpi_processor {
    uint32_t apic_id;
    uint32_t acpi_uid;
};

struct acpi_io_apic {
    uint8_t id;
    uint32_t phys;
    uint32_t gsi_base; /* global system interrupt of its first input */
};

/* Large servers have one per root bridge: eight sockets with six each, for example. */
#define ACPI_MAX_IO_APICS 64

/* The contents of a MADT. The caller sets the first two fields, acpi_parse_madt() the others. */
struct acpi_processors {
    struct acpi_processor *list; /* room for `capacity` processors */
    size_t capacity;

    size_t count;            /* processors in `list`, in the order of the table */
    unsigned disabled;       /* processor entries that are not enabled */
    unsigned duplicates;     /* enabled entries whose APIC id is already in `list` */
    unsigned misplaced;      /* x2APIC entries in `list` that should be xAPIC entries: see below */
    unsigned overflow;       /* enabled entries for which `list` had no room */
    unsigned skipped;        /* entries too short for their type */
    size_t bad_entry_offset; /* where a bad length ended the walk; 0: walked to the end */

    uint64_t lapic_phys; /* of the xAPIC registers; IA32_APIC_BASE takes precedence */
    bool pcat_compat;    /* there is a pair of 8259s, which must be masked */

    struct acpi_io_apic io_apics[ACPI_MAX_IO_APICS];
    size_t io_apic_count;      /* in io_apics */
    unsigned io_apic_overflow; /* I/O APICs for which there was no room */
};

/*
 * Reads the MADT of at most `size` bytes at `madt`; its own length field may only make it shorter.
 *
 * A processor counts if bit 0 (Enabled) of its flags is set and its id is not the placeholder 0xFF
 * (xAPIC entries) or 0xFFFFFFFF (x2APIC entries). Online Capable alone is not enough, whatever the
 * revision of the tables: such a processor does not exist yet, and this kernel cannot add it later.
 * Each APIC id counts once, whichever entry type names it, since some firmware lists every
 * processor as both. The bootstrap processor need not come first.
 *
 * An x2APIC entry with an id below 255 violates the standard if xAPIC entries are in use. (If all
 * xAPIC entries are placeholders, it is the only way to list the processor.) It is accepted anyway,
 * and counted as misplaced: leaving a running processor out of a call on all processors would be
 * silently wrong, while the bring-up reports a processor that does not exist.
 *
 * Entries of unknown type are skipped, and so are bytes beyond the known part of an entry. An entry
 * length of 0 or 1, or one that exceeds the table, ends the walk.
 *
 * Returns: 0 with *out filled; ACPI_BAD_TABLE if the signature is wrong or the table has fewer than
 * 44 bytes (*out is then cleared).
 * Source: ACPI 6.5, "Multiple APIC Description Table (MADT)" and the sections of its structures,
 * named at the functions that read them.
 */
int acpi_parse_madt(const void *madt, size_t size, struct acpi_processors *out);

/* For acpi_nmi_input(): a processor that the MADT does not list. */
#define ACPI_UID_UNKNOWN 0xFFFFFFFFu

/*
 * The local interrupt input (LINT0 or LINT1: 0 or 1) on which the processor `acpi_uid` receives
 * NMI. An entry for this processor takes precedence over one for all processors. The first of
 * several wins. An entry that names any other input is skipped.
 *
 * Returns: 0 or 1; 1, as wired on every PC, if the table says nothing or is not a MADT.
 * Source: ACPI 6.5, "Local APIC NMI Structure", "Local x2APIC NMI Structure".
 */
unsigned acpi_nmi_input(const void *madt, size_t size, uint32_t acpi_uid);

#endif
