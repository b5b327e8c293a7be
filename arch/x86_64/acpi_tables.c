/* SPDX-License-Identifier: MIT */
/* Offsets and flags of the smaller tables. The rules for reading them are in acpi_tables.h. */
#include "arch/x86_64/acpi_tables.h"

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/acpi_bytes.h"
#include "lib/string.h"

/* ACPI 6.5, "Fixed ACPI Description Table (FADT)": offsets in bytes. */
enum acpi_fadt_layout {
    FADT_PM_TMR_BLK = 76, /* 32 bits: a port */
    FADT_FLAGS = 112,     /* 32 bits */
    FADT_FLAG_TMR_VAL_EXT = 1 << 8,
    FADT_FLAG_HW_REDUCED_ACPI = 1 << 20,
    FADT_X_PM_TMR_BLK = 208, /* a generic address structure */
    FADT_X_PM_TMR_BLK_END = 220,
};

/* ACPI 6.5, "Generic Address Structure (GAS)". */
enum acpi_gas_layout {
    GAS_SPACE = 0,
    GAS_ADDRESS = 4, /* 64 bits */
    GAS_SPACE_MEMORY = 0,
    GAS_SPACE_PORT = 1,
    GAS_LAST_PORT = 0xFFFC, /* of a register of 32 bits */
};

enum acpi_hpet_layout { HPET_ADDRESS = 40 /* a generic address structure */ };

enum acpi_dmar_layout {
    DMAR_FLAGS = 37, /* 8 bits */
    DMAR_FLAG_INTR_REMAP = 1,
    DMAR_FLAG_X2APIC_OPT_OUT = 2,
};

/* The size of a table in bytes; 0 if it lacks the signature or is shorter than `least`. */
static size_t acpi_checked_size(const uint8_t *table, size_t size, const char *signature,
                                size_t least)
{
    if (size < least || memcmp(table, signature, 4) != 0) {
        return 0;
    }
    size = acpi_table_size(table, size);
    return size < least ? 0 : size;
}

static struct acpi_register acpi_read_gas(const uint8_t *gas)
{
    struct acpi_register reg = { .address = acpi_read(gas + GAS_ADDRESS, 8) };

    if (reg.address == 0) {
        return (struct acpi_register){ .space = ACPI_SPACE_NONE };
    }
    if (gas[GAS_SPACE] == GAS_SPACE_MEMORY) {
        reg.space = ACPI_SPACE_MEMORY;
    } else if (gas[GAS_SPACE] == GAS_SPACE_PORT && reg.address <= GAS_LAST_PORT) {
        reg.space = ACPI_SPACE_PORT;
    } else {
        reg.address = 0;
    }
    return reg;
}

static struct acpi_register acpi_read_port(const uint8_t *bytes)
{
    uint32_t port = acpi_read_u32(bytes);

    if (port == 0 || port > GAS_LAST_PORT) {
        return (struct acpi_register){ .space = ACPI_SPACE_NONE };
    }
    return (struct acpi_register){ ACPI_SPACE_PORT, port };
}

int acpi_parse_fadt(const void *fadt, size_t size, struct acpi_pm_timer *out)
{
    const uint8_t *table = fadt;

    *out = (struct acpi_pm_timer){ .bits = 0 };
    size = acpi_checked_size(table, size, "FACP", ACPI_FADT_LEAST);
    if (size == 0) {
        return ACPI_BAD_TABLE;
    }
    uint32_t flags = acpi_read_u32(table + FADT_FLAGS);
    if (flags & FADT_FLAG_HW_REDUCED_ACPI) {
        return 0;
    }
    if (size >= FADT_X_PM_TMR_BLK_END) {
        out->counter = acpi_read_gas(table + FADT_X_PM_TMR_BLK);
    }
    if (out->counter.space == ACPI_SPACE_NONE) {
        out->counter = acpi_read_port(table + FADT_PM_TMR_BLK);
    }
    if (out->counter.space != ACPI_SPACE_NONE) {
        out->bits = flags & FADT_FLAG_TMR_VAL_EXT ? 32 : 24;
    }
    return 0;
}

uint64_t acpi_parse_hpet(const void *hpet, size_t size)
{
    const uint8_t *table = hpet;

    if (acpi_checked_size(table, size, "HPET", ACPI_HPET_LEAST) == 0) {
        return 0;
    }
    struct acpi_register reg = acpi_read_gas(table + HPET_ADDRESS);
    return reg.space == ACPI_SPACE_MEMORY ? reg.address : 0;
}

bool acpi_parse_dmar_opt_out(const void *dmar, size_t size)
{
    const uint8_t *table = dmar;
    const uint8_t both = DMAR_FLAG_INTR_REMAP | DMAR_FLAG_X2APIC_OPT_OUT;

    return acpi_checked_size(table, size, "DMAR", ACPI_DMAR_LEAST) != 0 &&
           (table[DMAR_FLAGS] & both) == both;
}
