/*
 * Reads the two ACPI tables that a multiprocessor kernel cannot do without: the RSDP, which leads
 * to all others, and the MADT, which lists the processors.
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
    ACPI_NO_RSDP = -1,  /* not readable, or without its signature */
    ACPI_NO_ROOT = -2,  /* neither the XSDT nor the RSDT can be read */
    ACPI_NO_MADT = -3,  /* the root tables name no MADT that can be read */
    ACPI_BAD_MADT = -4, /* not a MADT: signature or length */
};

/* What was wrong on the way to a MADT that could be found all the same. */
enum acpi_warning {
    ACPI_BAD_CHECKSUM = 1,      /* of the MADT itself: it is the only one there is */
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

struct acpi_madt_location {
    uint64_t phys;
    const void *table; /* view of the whole table */
    uint32_t size;     /* bytes: 44 .. 1 MiB */
    uint32_t warnings; /* enum acpi_warning */
};

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

/* An acpi_uid of LAPIC NMI entries that means every processor. */
#define ACPI_ALL_PROCESSORS 0xFFFFFFFFu

/* How NMI is wired to local APICs. */
struct acpi_lapic_nmi {
    uint32_t acpi_uid; /* or ACPI_ALL_PROCESSORS */
    uint16_t flags;    /* MPS INTI flags: polarity bits 1:0, trigger mode bits 3:2 */
    uint8_t lint;      /* local interrupt input: 0 or 1 */
};

#define ACPI_MAX_IO_APICS   16
#define ACPI_MAX_LAPIC_NMIS 16

/* What a MADT says. The caller sets the first two fields, acpi_parse_madt() all others. */
struct acpi_processors {
    struct acpi_processor *list; /* room for `capacity` processors */
    size_t capacity;

    size_t count;            /* processors in `list`, in the order of the table */
    unsigned disabled;       /* processor entries that are not enabled */
    unsigned duplicates;     /* enabled entries whose APIC id is in `list` already */
    unsigned overflow;       /* enabled entries for which `list` had no room */
    unsigned skipped;        /* entries too short for their type */
    size_t bad_entry_offset; /* where a bad length ended the walk; 0: walked to the end */

    uint64_t lapic_phys; /* of the xAPIC registers; IA32_APIC_BASE has the last word */
    bool pcat_compat;    /* a pair of 8259 exists: mask it */

    struct acpi_io_apic io_apics[ACPI_MAX_IO_APICS];
    size_t io_apic_count;      /* in io_apics */
    unsigned io_apic_overflow; /* those for which there was no room */

    struct acpi_lapic_nmi nmis[ACPI_MAX_LAPIC_NMIS];
    size_t nmi_count;      /* in nmis */
    unsigned nmi_overflow; /* those for which there was no room */
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
 * Finds the MADT from the RSDP at `rsdp_phys`.
 *
 * Takes the first MADT with a good checksum in the XSDT, then in the RSDT; failing that, root
 * tables and MADTs with a bad checksum count too, the pair with the fewest first, since a machine
 * that boots with a warning is more use than one that does not. The XSDT is tried only if the RSDP is of revision 2 or later and its
 * extended checksum is good.
 *
 * Returns: 0 with *out set; ACPI_NO_RSDP, ACPI_NO_ROOT or ACPI_NO_MADT with *out unchanged.
 * Source: ACPI 6.5, "Root System Description Pointer (RSDP)", "System Description Table Header",
 * "Root System Description Table (RSDT)", "Extended System Description Table (XSDT)".
 */
int acpi_find_madt(const struct acpi_memory *memory, uint64_t rsdp_phys,
                   struct acpi_madt_location *out);

/*
 * Reads the MADT of at most `size` bytes at `madt`; its own length field may only make it shorter.
 *
 * A processor counts if bit 0 (Enabled) of its flags is set and its id is not the placeholder 0xFF
 * (xAPIC entries) or 0xFFFFFFFF (x2APIC entries). Online Capable alone does not count: such
 * a processor does not exist yet. Each APIC id counts once, whichever entry type names it, since
 * some firmware lists every processor as both. The bootstrap processor need not come first.
 *
 * Entries of unknown types, and bytes beyond the part of an entry that is known, are passed over.
 * An entry length of 0 or 1, or one beyond the end of the table, ends the walk.
 *
 * Returns: 0 with *out filled; ACPI_BAD_MADT if the signature is wrong or there are less than 44
 * bytes of table (*out is then cleared).
 * Source: ACPI 6.5, "Multiple APIC Description Table (MADT)" and the sections of its structures,
 * named at the functions that read them.
 */
int acpi_parse_madt(const void *madt, size_t size, struct acpi_processors *out);

#endif
