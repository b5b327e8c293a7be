/* SPDX-License-Identifier: MIT */
/*
 * Reads the MADT, which lists the processors, the I/O APICs and how NMI is wired. Pure functions
 * over bytes, as in acpi.h. IRQL: any (called once, at boot).
 */
#ifndef ARCH_X86_64_ACPI_MADT_H
#define ARCH_X86_64_ACPI_MADT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_MADT_LEAST 44 /* bytes ahead of the first entry */

/* A processor that the firmware calls enabled. */
struct acpi_processor {
    uint32_t apic_id;
    uint32_t acpi_uid;
};

struct acpi_io_apic {
    uint8_t id;
    uint32_t phys;
    uint32_t gsi_base; /* global system interrupt of its first input */
};

/* Large servers have one for each root bridge: eight sockets of six. */
#define ACPI_MAX_IO_APICS 64

/* What a MADT says. The caller sets the first two fields, acpi_parse_madt() all others. */
struct acpi_processors {
    struct acpi_processor *list; /* room for `capacity` processors */
    size_t capacity;

    size_t count;            /* processors in `list`, in the order of the table */
    unsigned disabled;       /* processor entries that are not enabled */
    unsigned duplicates;     /* enabled entries whose APIC id is in `list` already */
    unsigned misplaced;      /* x2APIC entries in `list` that should be xAPIC ones: see below */
    unsigned overflow;       /* enabled entries for which `list` had no room */
    unsigned skipped;        /* entries too short for their type */
    size_t bad_entry_offset; /* where a bad length ended the walk; 0: walked to the end */

    uint64_t lapic_phys; /* of the xAPIC registers; IA32_APIC_BASE has the last word */
    bool pcat_compat;    /* a pair of 8259 exists: mask it */

    struct acpi_io_apic io_apics[ACPI_MAX_IO_APICS];
    size_t io_apic_count;      /* in io_apics */
    unsigned io_apic_overflow; /* those for which there was no room */
};

/*
 * Reads the MADT of at most `size` bytes at `madt`; its own length field may only make it shorter.
 *
 * A processor counts if bit 0 (Enabled) of its flags is set and its id is not the placeholder 0xFF
 * (xAPIC entries) or 0xFFFFFFFF (x2APIC entries). Online Capable alone does not count, whatever the
 * revision of the tables: such a processor does not exist yet, and nothing here could bring it in
 * later. Each APIC id counts once, whichever entry type names it, since some firmware lists every
 * processor as both. The bootstrap processor need not come first.
 *
 * An x2APIC entry with an id below 255 is against the standard where xAPIC entries are in use
 * (where all of those are placeholders it is the only way). It is taken all the same, and counted
 * as misplaced: to leave a running processor out of a call on all processors would be silently
 * wrong, while one that does not exist is reported by the bring-up.
 *
 * Entries of unknown types, and bytes beyond the part of an entry that is known, are passed over.
 * An entry length of 0 or 1, or one beyond the end of the table, ends the walk.
 *
 * Returns: 0 with *out filled; ACPI_BAD_TABLE if the signature is wrong or there are less than 44
 * bytes of table (*out is then cleared).
 * Source: ACPI 6.5, "Multiple APIC Description Table (MADT)" and the sections of its structures,
 * named at the functions that read them.
 */
int acpi_parse_madt(const void *madt, size_t size, struct acpi_processors *out);

/* For acpi_nmi_input(): a processor that the MADT does not list. */
#define ACPI_UID_UNKNOWN 0xFFFFFFFFu

/*
 * The local interrupt input (LINT0 or LINT1: 0 or 1) on which the processor `acpi_uid` receives
 * NMI. An entry for this processor goes before one for all of them, the first of several wins, and
 * an input that no local APIC has is passed over.
 *
 * Returns: 0 or 1; 1, as wired on every PC, if the table says nothing or is no MADT.
 * Source: ACPI 6.5, "Local APIC NMI Structure", "Local x2APIC NMI Structure".
 */
unsigned acpi_nmi_input(const void *madt, size_t size, uint32_t acpi_uid);

#endif
