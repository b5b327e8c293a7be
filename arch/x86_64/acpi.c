/* SPDX-License-Identifier: MIT */
/* From the RSDP to a table. The rules for choosing among several are in acpi.h. */
#include "arch/x86_64/acpi.h"

#include "arch/x86_64/acpi_bytes.h"
#include "lib/string.h"

/* ACPI 6.5, "Finding the RSDP on IA-PC Systems". */
enum acpi_scan_range {
    ACPI_EBDA_POINTER = 0x40E, /* the EBDA's real-mode segment, 16 bits */
    ACPI_EBDA_LOWEST = 0x500,  /* below are the interrupt vectors and the BIOS data area */
    ACPI_EBDA_SIZE = 1024,
    ACPI_BIOS_START = 0xE0000,
    ACPI_BIOS_END = 0x100000,
    ACPI_SCAN_STEP = 16,
};

/* ACPI 6.5, "Root System Description Pointer (RSDP) Structure": offsets in bytes. */
enum acpi_rsdp_layout {
    RSDP_REVISION = 15,
    RSDP_RSDT_PHYS = 16, /* 32 bits */
    RSDP_OLD_SIZE = 20,  /* the size of revision 0, which the first checksum covers */
    RSDP_LENGTH = 20,    /* 32 bits; this and the rest: revision 2 and later */
    RSDP_XSDT_PHYS = 24, /* 64 bits */
    RSDP_SIZE = 36,
    RSDP_SIZE_LIMIT = 4096,
};

/* True if the bytes add up to 0 modulo 256. */
static bool acpi_checksum_good(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return sum == 0;
}

static const uint8_t *acpi_view(const struct acpi_memory *memory, uint64_t phys, size_t size)
{
    if (phys == 0 || phys > UINT64_MAX - size) {
        return NULL;
    }
    return memory->view(memory->context, phys, size);
}

/* --- RSDP --- */

/* The view of an RSDP's first 20 bytes, or NULL without the signature. */
static const uint8_t *acpi_view_rsdp(const struct acpi_memory *memory, uint64_t phys)
{
    const uint8_t *rsdp = acpi_view(memory, phys, RSDP_OLD_SIZE);

    return rsdp != NULL && memcmp(rsdp, "RSD PTR ", 8) == 0 ? rsdp : NULL;
}

/* The view of a whole RSDP of revision 2 or later; NULL without a good extended checksum. */
static const uint8_t *acpi_view_extended_rsdp(const struct acpi_memory *memory, uint64_t phys)
{
    const uint8_t *rsdp = acpi_view(memory, phys, RSDP_SIZE);
    uint32_t size;

    if (rsdp == NULL) {
        return NULL;
    }
    size = acpi_read_u32(rsdp + RSDP_LENGTH);
    if (size < RSDP_SIZE || size > RSDP_SIZE_LIMIT) {
        return NULL;
    }
    rsdp = acpi_view(memory, phys, size);
    return rsdp != NULL && acpi_checksum_good(rsdp, size) ? rsdp : NULL;
}

static bool acpi_rsdp_good(const struct acpi_memory *memory, uint64_t phys)
{
    const uint8_t *rsdp = acpi_view_rsdp(memory, phys);

    if (rsdp == NULL || !acpi_checksum_good(rsdp, RSDP_OLD_SIZE)) {
        return false;
    }
    return rsdp[RSDP_REVISION] < 2 || acpi_view_extended_rsdp(memory, phys) != NULL;
}

/* Scans [start, end) and returns the first good RSDP that lies entirely in it, or 0. */
static uint64_t acpi_scan_range(const struct acpi_memory *memory, uint64_t start, uint64_t end)
{
    for (uint64_t phys = start; phys + RSDP_OLD_SIZE <= end; phys += ACPI_SCAN_STEP) {
        if (acpi_rsdp_good(memory, phys)) {
            return phys;
        }
    }
    return 0;
}

uint64_t acpi_scan_rsdp(const struct acpi_memory *memory)
{
    const uint8_t *pointer = acpi_view(memory, ACPI_EBDA_POINTER, 2);
    uint64_t ebda_phys = pointer != NULL ? (uint64_t)acpi_read_u16(pointer) << 4 : 0;
    uint64_t rsdp_phys = 0;

    if (ebda_phys >= ACPI_EBDA_LOWEST) {
        rsdp_phys = acpi_scan_range(memory, ebda_phys, ebda_phys + ACPI_EBDA_SIZE);
    }
    if (rsdp_phys == 0) {
        rsdp_phys = acpi_scan_range(memory, ACPI_BIOS_START, ACPI_BIOS_END);
    }
    return rsdp_phys;
}

/* --- from the RSDP to a table --- */

/* The table that is searched for. */
struct acpi_wanted {
    const char *signature;
    size_t least; /* minimum size in bytes */
};

/* A view of a whole table; `bytes` is NULL if there is none. */
struct acpi_view {
    uint64_t phys;
    const uint8_t *bytes;
    uint32_t size;
    bool checksum_good;
};

/* The two root tables that an RSDP may name. */
struct acpi_root {
    struct acpi_view table;
    unsigned entry_size; /* bytes of an address in it: 8 in an XSDT, 4 in an RSDT */
    uint32_t warnings;   /* to be reported if it is used */
};

/* Views the table at `phys` if it has the wanted signature and a length of `least` to 1 MiB. */
static struct acpi_view acpi_view_table(const struct acpi_memory *memory, uint64_t phys,
                                        const struct acpi_wanted *wanted)
{
    struct acpi_view table = { .phys = phys };
    const uint8_t *header = acpi_view(memory, phys, TABLE_HEADER_SIZE);

    if (header == NULL || memcmp(header, wanted->signature, 4) != 0) {
        return table;
    }
    table.size = acpi_read_u32(header + TABLE_LENGTH);
    if (table.size < wanted->least || table.size > TABLE_SIZE_LIMIT) {
        return table;
    }
    table.bytes = acpi_view(memory, phys, table.size);
    table.checksum_good = table.bytes != NULL && acpi_checksum_good(table.bytes, table.size);
    return table;
}

/* The first wanted table in `root` with a good checksum, else the first with a bad one. */
static struct acpi_view acpi_search_root(const struct acpi_memory *memory,
                                         const struct acpi_root *root,
                                         const struct acpi_wanted *wanted)
{
    struct acpi_view best = { .bytes = NULL };
    size_t at = TABLE_HEADER_SIZE;

    for (; at + root->entry_size <= root->table.size; at += root->entry_size) {
        uint64_t phys = acpi_read(root->table.bytes + at, root->entry_size);
        struct acpi_view table = acpi_view_table(memory, phys, wanted);

        if (table.checksum_good) {
            return table;
        }
        if (best.bytes == NULL) {
            best = table;
        }
    }
    return best;
}

/* Views the root tables of an RSDP, the XSDT first; `bytes` is NULL for a missing one. */
static void acpi_view_roots(const struct acpi_memory *memory, uint64_t rsdp_phys,
                            const uint8_t *rsdp, struct acpi_root roots[2])
{
    static const struct acpi_wanted wanted_xsdt = { "XSDT", TABLE_HEADER_SIZE };
    static const struct acpi_wanted wanted_rsdt = { "RSDT", TABLE_HEADER_SIZE };
    const uint8_t *extended = NULL;
    struct acpi_root *xsdt = &roots[0];
    struct acpi_root *rsdt = &roots[1];

    *xsdt = (struct acpi_root){ .entry_size = 8 };
    *rsdt = (struct acpi_root){ .entry_size = 4 };
    if (rsdp[RSDP_REVISION] >= 2) {
        extended = acpi_view_extended_rsdp(memory, rsdp_phys);
        rsdt->warnings |= extended == NULL ? ACPI_BAD_RSDP_CHECKSUM : 0;
        rsdt->warnings |= ACPI_RSDT_FALLBACK;
    }
    if (extended != NULL) {
        xsdt->table =
            acpi_view_table(memory, acpi_read(extended + RSDP_XSDT_PHYS, 8), &wanted_xsdt);
    }
    rsdt->table = acpi_view_table(memory, acpi_read_u32(rsdp + RSDP_RSDT_PHYS), &wanted_rsdt);
    for (unsigned i = 0; i < 2; i++) {
        roots[i].warnings |= roots[i].table.checksum_good ? 0 : ACPI_BAD_ROOT_CHECKSUM;
        roots[i].warnings |= acpi_checksum_good(rsdp, RSDP_OLD_SIZE) ? 0 : ACPI_BAD_RSDP_CHECKSUM;
    }
}

/* The wanted table that a root table names, with all warnings; `bytes` is NULL if there is none. */
static struct acpi_table acpi_locate(const struct acpi_memory *memory, const struct acpi_root *root,
                                     const struct acpi_wanted *wanted)
{
    struct acpi_table found = { .warnings = root->warnings };
    struct acpi_view table;

    if (root->table.bytes == NULL) {
        return found;
    }
    table = acpi_search_root(memory, root, wanted);
    found.phys = table.phys;
    found.bytes = table.bytes;
    found.size = table.size;
    found.warnings |= table.checksum_good ? 0 : ACPI_BAD_CHECKSUM;
    return found;
}

/* True if `left` is to be preferred: it has fewer bad checksums (of root and table). */
static bool acpi_better(const struct acpi_table *left, const struct acpi_table *right)
{
    unsigned left_bad =
        !!(left->warnings & ACPI_BAD_ROOT_CHECKSUM) + !!(left->warnings & ACPI_BAD_CHECKSUM);
    unsigned right_bad =
        !!(right->warnings & ACPI_BAD_ROOT_CHECKSUM) + !!(right->warnings & ACPI_BAD_CHECKSUM);

    return left->bytes != NULL && (right->bytes == NULL || left_bad < right_bad);
}

int acpi_find_table(const struct acpi_memory *memory, uint64_t rsdp_phys, const char *signature,
                    size_t least, struct acpi_table *out)
{
    const struct acpi_wanted wanted = { signature, least };
    const uint8_t *rsdp = acpi_view_rsdp(memory, rsdp_phys);
    struct acpi_root roots[2];
    struct acpi_table by_xsdt;
    struct acpi_table by_rsdt;

    if (rsdp == NULL) {
        return ACPI_NO_RSDP;
    }
    acpi_view_roots(memory, rsdp_phys, rsdp, roots);
    if (roots[0].table.bytes == NULL && roots[1].table.bytes == NULL) {
        return ACPI_NO_ROOT;
    }
    by_xsdt = acpi_locate(memory, &roots[0], &wanted);
    by_rsdt = acpi_locate(memory, &roots[1], &wanted);
    if (by_xsdt.bytes == NULL && by_rsdt.bytes == NULL) {
        return ACPI_NO_TABLE;
    }
    *out = acpi_better(&by_rsdt, &by_xsdt) ? by_rsdt : by_xsdt;
    return 0;
}
