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
};
#define MADT_X2APIC_NOBODY 0xFFFFFFFFu

static bool acpi_processor_known(const struct acpi_processors *out, uint32_t apic_id)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->list[i].apic_id == apic_id) {
            return true;
        }
    }
    return false;
}

static void acpi_add_processor(struct acpi_processors *out, uint32_t apic_id, uint32_t acpi_uid,
                               uint32_t flags)
{
    if ((flags & MADT_CPU_ENABLED) == 0) {
        out->disabled++;
    } else if (acpi_processor_known(out, apic_id)) {
        out->duplicates++;
    } else if (out->count == out->capacity) {
        out->overflow++;
    } else {
        out->list[out->count++] = (struct acpi_processor){ apic_id, acpi_uid };
    }
}

/* ACPI 6.5, "Processor Local APIC Structure". */
static void acpi_read_lapic(struct acpi_processors *out, const uint8_t *entry)
{
    if (entry[3] != MADT_XAPIC_NOBODY) {
        acpi_add_processor(out, entry[3], entry[2], acpi_read_u32(entry + 4));
    }
}

/* ACPI 6.5, "Processor Local x2APIC Structure". */
static void acpi_read_x2apic(struct acpi_processors *out, const uint8_t *entry)
{
    uint32_t apic_id = acpi_read_u32(entry + 4);

    if (apic_id != MADT_X2APIC_NOBODY) {
        acpi_add_processor(out, apic_id, acpi_read_u32(entry + 12), acpi_read_u32(entry + 8));
    }
}

/* ACPI 6.5, "I/O APIC Structure". */
static void acpi_read_io_apic(struct acpi_processors *out, const uint8_t *entry)
{
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

static void acpi_add_nmi(struct acpi_processors *out, struct acpi_lapic_nmi nmi)
{
    if (out->nmi_count == ACPI_MAX_LAPIC_NMIS) {
        out->nmi_overflow++;
    } else {
        out->nmis[out->nmi_count++] = nmi;
    }
}

/* ACPI 6.5, "Local APIC NMI Structure". */
static void acpi_read_lapic_nmi(struct acpi_processors *out, const uint8_t *entry)
{
    acpi_add_nmi(out,
                 (struct acpi_lapic_nmi){
                     .acpi_uid = entry[2] == MADT_XAPIC_ALL_UIDS ? ACPI_ALL_PROCESSORS : entry[2],
                     .flags = acpi_read_u16(entry + 3),
                     .lint = entry[5],
                 });
}

/* ACPI 6.5, "Local x2APIC NMI Structure". */
static void acpi_read_x2apic_nmi(struct acpi_processors *out, const uint8_t *entry)
{
    acpi_add_nmi(out, (struct acpi_lapic_nmi){
                          .acpi_uid = acpi_read_u32(entry + 4),
                          .flags = acpi_read_u16(entry + 2),
                          .lint = entry[8],
                      });
}

/* ACPI 6.5, "Local APIC Address Override Structure". */
static void acpi_read_address_override(struct acpi_processors *out, const uint8_t *entry)
{
    out->lapic_phys = acpi_read(entry + 4, 8);
}

/* The entry types that matter here, by type number. */
static const struct {
    uint8_t least; /* bytes that the reader looks at */
    void (*read)(struct acpi_processors *out, const uint8_t *entry);
} acpi_madt_types[] = {
    [0x0] = { 8, acpi_read_lapic },     [0x1] = { 12, acpi_read_io_apic },
    [0x4] = { 6, acpi_read_lapic_nmi }, [0x5] = { 12, acpi_read_address_override },
    [0x9] = { 16, acpi_read_x2apic },   [0xA] = { 12, acpi_read_x2apic_nmi },
};
#define ACPI_MADT_TYPES (sizeof(acpi_madt_types) / sizeof(acpi_madt_types[0]))

/* Reads one entry of `length` bytes, all of which lie within the table. */
static void acpi_read_entry(struct acpi_processors *out, const uint8_t *entry, size_t length)
{
    uint8_t type = entry[0];

    if (type >= ACPI_MADT_TYPES || acpi_madt_types[type].read == NULL) {
        return;
    }
    if (length < acpi_madt_types[type].least) {
        out->skipped++;
        return;
    }
    acpi_madt_types[type].read(out, entry);
}

/* Walks the entries of the `size` bytes at `table`. */
static void acpi_walk_madt(struct acpi_processors *out, const uint8_t *table, size_t size)
{
    size_t offset = MADT_ENTRIES;

    while (offset < size) {
        size_t left = size - offset;
        size_t length = left >= 2 ? table[offset + 1] : 0;

        if (length < 2 || length > left) {
            out->bad_entry_offset = offset;
            return;
        }
        acpi_read_entry(out, table + offset, length);
        offset += length;
    }
}

int acpi_parse_madt(const void *madt, size_t size, struct acpi_processors *out)
{
    const uint8_t *table = madt;

    *out = (struct acpi_processors){ .list = out->list, .capacity = out->capacity };
    if (size < MADT_ENTRIES || memcmp(table, "APIC", 4) != 0) {
        return ACPI_BAD_MADT;
    }
    if (acpi_read_u32(table + TABLE_LENGTH) < size) {
        size = acpi_read_u32(table + TABLE_LENGTH);
    }
    if (size < MADT_ENTRIES) {
        return ACPI_BAD_MADT;
    }
    out->lapic_phys = acpi_read_u32(table + MADT_LAPIC_PHYS);
    out->pcat_compat = (acpi_read_u32(table + MADT_FLAGS) & MADT_FLAG_PCAT_COMPAT) != 0;
    acpi_walk_madt(out, table, size);
    return 0;
}
