/* SPDX-License-Identifier: MIT */
/*
 * Entries are read in one walk over the table. The walk checks their lengths, so a reader may look
 * at as many bytes as its row in acpi_madt_types[] says. The rules are in acpi_madt.h.
 */
#include "arch/x86_64/acpi_madt.h"

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/acpi_bytes.h"
#include "lib/string.h"

/* ACPI 6.5, "Multiple APIC Description Table (MADT)". */
enum acpi_madt_layout {
    MADT_LAPIC_PHYS = 36,
    MADT_FLAGS = 40,
    MADT_FLAG_PCAT_COMPAT = 1,
    MADT_CPU_ENABLED = 1, /* of an entry's Local APIC flags */
    MADT_XAPIC_NOBODY = 0xFF,
    MADT_XAPIC_ALL_UIDS = 0xFF,
    MADT_LINT_COUNT = 2,
};
#define MADT_X2APIC_NOBODY   0xFFFFFFFFu
#define MADT_X2APIC_ALL_UIDS 0xFFFFFFFFu

/* The entry types that are read here. */
enum acpi_madt_type {
    MADT_LAPIC = 0x0,
    MADT_IO_APIC = 0x1,
    MADT_LAPIC_NMI = 0x4,
    MADT_LAPIC_ADDRESS = 0x5,
    MADT_X2APIC = 0x9,
    MADT_X2APIC_NMI = 0xA,
    MADT_TYPES,
};

/* --- walking --- */

struct acpi_madt_walk {
    const uint8_t *table;
    size_t size;
    size_t offset;
    bool broken; /* the entry at `offset` has an impossible length */
};

static struct acpi_madt_walk acpi_walk_begin(const uint8_t *table, size_t size)
{
    return (struct acpi_madt_walk){ .table = table, .size = size, .offset = ACPI_MADT_LEAST };
}

/* The next entry, all of whose `entry[1]` bytes lie within the table; NULL at the end. */
static const uint8_t *acpi_walk_next(struct acpi_madt_walk *walk)
{
    const uint8_t *entry = walk->table + walk->offset;
    size_t left = walk->size - walk->offset;

    if (left == 0) {
        return NULL;
    }
    if (left < 2 || entry[1] < 2 || entry[1] > left) {
        walk->broken = true;
        return NULL;
    }
    walk->offset += entry[1];
    return entry;
}

/* The size of a MADT in bytes; 0 if it is not one. */
static size_t acpi_madt_size(const uint8_t *table, size_t size)
{
    if (size < ACPI_MADT_LEAST || memcmp(table, "APIC", 4) != 0) {
        return 0;
    }
    size = acpi_table_size(table, size);
    return size < ACPI_MADT_LEAST ? 0 : size;
}

/* --- processors --- */

/* Filled in by the readers of entries. */
struct acpi_madt_reader {
    struct acpi_processors *out;
    bool xapic_in_use;  /* there is an enabled xAPIC entry */
    unsigned small_ids; /* processors from x2APIC entries whose ids would fit in xAPIC entries */
};

static bool acpi_processor_known(const struct acpi_processors *out, uint32_t apic_id)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->list[i].apic_id == apic_id) {
            return true;
        }
    }
    return false;
}

/* Returns true if it was added. */
static bool acpi_add_processor(struct acpi_processors *out, uint32_t apic_id, uint32_t acpi_uid)
{
    if (acpi_processor_known(out, apic_id)) {
        out->duplicates++;
    } else if (out->count == out->capacity) {
        out->overflow++;
    } else {
        out->list[out->count++] = (struct acpi_processor){ apic_id, acpi_uid };
        return true;
    }
    return false;
}

/* ACPI 6.5, "Processor Local APIC Structure". */
static void acpi_read_lapic(struct acpi_madt_reader *reader, const uint8_t *entry)
{
    if (entry[3] == MADT_XAPIC_NOBODY) {
        return;
    }
    if ((acpi_read_u32(entry + 4) & MADT_CPU_ENABLED) == 0) {
        reader->out->disabled++;
        return;
    }
    reader->xapic_in_use = true;
    acpi_add_processor(reader->out, entry[3], entry[2]);
}

/* ACPI 6.5, "Processor Local x2APIC Structure". */
static void acpi_read_x2apic(struct acpi_madt_reader *reader, const uint8_t *entry)
{
    uint32_t apic_id = acpi_read_u32(entry + 4);

    if (apic_id == MADT_X2APIC_NOBODY) {
        return;
    }
    if ((acpi_read_u32(entry + 8) & MADT_CPU_ENABLED) == 0) {
        reader->out->disabled++;
        return;
    }
    if (acpi_add_processor(reader->out, apic_id, acpi_read_u32(entry + 12))) {
        reader->small_ids += apic_id < MADT_XAPIC_NOBODY;
    }
}

/* --- the others --- */

/* ACPI 6.5, "I/O APIC Structure". */
static void acpi_read_io_apic(struct acpi_madt_reader *reader, const uint8_t *entry)
{
    struct acpi_processors *out = reader->out;

    if (out->io_apic_count == ACPI_MAX_IO_APICS) {
        out->io_apic_overflow++;
        return;
    }
    out->io_apics[out->io_apic_count++] = (struct acpi_io_apic){
        .id = entry[2],
        .phys = acpi_read_u32(entry + 4),
        .gsi_base = acpi_read_u32(entry + 8),
    };
}

/* ACPI 6.5, "Local APIC Address Override Structure". */
static void acpi_read_lapic_address(struct acpi_madt_reader *reader, const uint8_t *entry)
{
    reader->out->lapic_phys = acpi_read(entry + 4, 8);
}

/* The relevant entry types; only the length is checked for those without a reader. */
static const struct {
    uint8_t least; /* bytes that are read */
    void (*read)(struct acpi_madt_reader *reader, const uint8_t *entry);
} acpi_madt_types[MADT_TYPES] = {
    [MADT_LAPIC] = { 8, acpi_read_lapic },
    [MADT_IO_APIC] = { 12, acpi_read_io_apic },
    [MADT_LAPIC_NMI] = { 6, NULL },
    [MADT_LAPIC_ADDRESS] = { 12, acpi_read_lapic_address },
    [MADT_X2APIC] = { 16, acpi_read_x2apic },
    [MADT_X2APIC_NMI] = { 12, NULL },
};

static void acpi_read_entry(struct acpi_madt_reader *reader, const uint8_t *entry)
{
    uint8_t type = entry[0];

    if (type >= MADT_TYPES) {
        return;
    }
    if (entry[1] < acpi_madt_types[type].least) {
        reader->out->skipped++;
    } else if (acpi_madt_types[type].read != NULL) {
        acpi_madt_types[type].read(reader, entry);
    }
}

int acpi_parse_madt(const void *madt, size_t size, struct acpi_processors *out)
{
    const uint8_t *table = madt;
    struct acpi_madt_reader reader = { .out = out };
    const uint8_t *entry;

    *out = (struct acpi_processors){ .list = out->list, .capacity = out->capacity };
    size = acpi_madt_size(table, size);
    if (size == 0) {
        return ACPI_BAD_TABLE;
    }
    out->lapic_phys = acpi_read_u32(table + MADT_LAPIC_PHYS);
    out->pcat_compat = (acpi_read_u32(table + MADT_FLAGS) & MADT_FLAG_PCAT_COMPAT) != 0;
    struct acpi_madt_walk walk = acpi_walk_begin(table, size);
    while ((entry = acpi_walk_next(&walk)) != NULL) {
        acpi_read_entry(&reader, entry);
    }
    out->bad_entry_offset = walk.broken ? walk.offset : 0;
    out->misplaced = reader.xapic_in_use ? reader.small_ids : 0;
    return 0;
}

/* --- NMI --- */

/* How specifically an NMI entry names a processor. */
enum acpi_nmi_claim { NMI_NOT_MEANT, NMI_ALL_MEANT, NMI_THIS_MEANT };

struct acpi_nmi {
    enum acpi_nmi_claim claim;
    unsigned lint;
};

static struct acpi_nmi acpi_read_nmi(const uint8_t *entry, uint32_t acpi_uid)
{
    uint32_t meant;
    uint32_t all;
    unsigned lint;

    if (entry[0] >= MADT_TYPES || entry[1] < acpi_madt_types[entry[0]].least) {
        return (struct acpi_nmi){ .claim = NMI_NOT_MEANT };
    } else if (entry[0] == MADT_LAPIC_NMI) {
        meant = entry[2];
        all = MADT_XAPIC_ALL_UIDS;
        lint = entry[5];
    } else if (entry[0] == MADT_X2APIC_NMI) {
        meant = acpi_read_u32(entry + 4);
        all = MADT_X2APIC_ALL_UIDS;
        lint = entry[8];
    } else {
        return (struct acpi_nmi){ .claim = NMI_NOT_MEANT };
    }
    if (lint >= MADT_LINT_COUNT || (meant != all && meant != acpi_uid)) {
        return (struct acpi_nmi){ .claim = NMI_NOT_MEANT };
    }
    return (struct acpi_nmi){ meant == all ? NMI_ALL_MEANT : NMI_THIS_MEANT, lint };
}

unsigned acpi_nmi_input(const void *madt, size_t size, uint32_t acpi_uid)
{
    struct acpi_nmi best = { .claim = NMI_NOT_MEANT, .lint = 1 };
    const uint8_t *table = madt;
    const uint8_t *entry;

    size = acpi_madt_size(table, size);
    if (size == 0) {
        return best.lint;
    }
    struct acpi_madt_walk walk = acpi_walk_begin(table, size);
    while ((entry = acpi_walk_next(&walk)) != NULL) {
        struct acpi_nmi nmi = acpi_read_nmi(entry, acpi_uid);
        best = nmi.claim > best.claim ? nmi : best;
    }
    return best.lint;
}
