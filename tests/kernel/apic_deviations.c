/*
 * How engines are known to deviate from the manual. A row makes a failing check an expected
 * failure; docs/apic.md has the same rows for people, and tests/apic.t compares the two.
 *
 * An engine is told by its hypervisor's signature, Bochs by the name in its ACPI tables. What is
 * not told is hardware, and has no rows.
 */
#include "arch/x86_64/acpi.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "lib/string.h"
#include "tests/kernel/apic.h"

#define RSDP_OEM_ID 9 /* offset of six characters */

static const struct apic_deviation deviations[] = {
    { "TCG", "none", "nothing", "nowhere" },
};

static const void *view(void *context, uint64_t phys, size_t size)
{
    (void)context;
    return phys + size <= WINDOW_LIMIT ? memory_view(phys) : NULL;
}

/* QEMU's tables have this name, too, but there a hypervisor tells its own. */
static bool is_bochs(void)
{
    static const struct acpi_memory memory = { .view = view };
    uint64_t rsdp_phys = acpi_scan_rsdp(&memory);

    return rsdp_phys != 0 &&
           memcmp((const char *)memory_view(rsdp_phys) + RSDP_OEM_ID, "BOCHS ", 6) == 0;
}

const char *apic_engine(void)
{
    const char *signature = cpu_hypervisor_signature();

    if (strcmp(signature, "TCGTCGTCGTCG") == 0) {
        return "TCG";
    }
    if (strcmp(signature, "KVMKVMKVM") == 0) {
        return cpu_sse_usable ? "KVM" : "KVM-emulating";
    }
    return signature[0] == '\0' && is_bochs() ? "Bochs" : "hardware";
}

/* Rows of KVM are those of its local APIC, however it executes. */
static bool is_row_of(const struct apic_deviation *row, const char *engine)
{
    return strcmp(row->engine, engine) == 0 ||
           (strcmp(row->engine, "KVM") == 0 && strcmp(engine, "KVM-emulating") == 0);
}

const struct apic_deviation *apic_known_deviation(const char *check)
{
    for (unsigned i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++) {
        if (strcmp(deviations[i].check, check) == 0 && is_row_of(&deviations[i], apic_engine())) {
            return &deviations[i];
        }
    }
    return NULL;
}
