/* SPDX-License-Identifier: MIT */
/*
 * The known deviations of engines from the manual. A row makes a failing check an expected failure.
 * docs/apic.md has the same rows for readers; tests/apic.t compares the two.
 *
 * An engine is recognised by its hypervisor's signature, Bochs by the name in its ACPI tables.
 * Anything else is hardware, and has no rows.
 */
#include "arch/x86_64/acpi.h"
#include "arch/x86_64/acpi_madt.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "lib/string.h"
#include "tests/kernel/apic.h"

#define OEM_TABLE_ID 16 /* offset of eight characters in a table's header */

static const char apic_c[] = "QEMU 7.2, hw/intc/apic.c";
static const char pvm[] = "observed with pvm, Linux 6.18";

static const struct apic_deviation deviations[] = {
    { "TCG", "xapic.no-msrs", "an MSR that does not exist reads as 0",
      "QEMU 7.2, target/i386/tcg/sysemu/misc_helper.c" },
    { "TCG", "esr.register", "a write of the ESR does not clear it", apic_c },
    { "TCG", "esr.vector", "vectors below 16 are requested, and delivered at IRQL 0", apic_c },
    { "TCG", "spiv.masks", "local vectors are not masked", apic_c },
    { "TCG", "spiv.deaf", "a message is requested, and delivered after enabling", apic_c },
    { "TCG", "base.reserved", "reserved bits are ignored", apic_c },
    { "TCG", "base.unsupported", "the bit is ignored", apic_c },
    { "TCG", "base.invalid", "the APIC is disabled", apic_c },
    { "TCG", "base.disabled", "a disabled APIC cannot be enabled again, but still works", apic_c },
    { "TCG", "base.reset", "only the software enable bit is reset", apic_c },
    { "Bochs", "x2apic.ldr", "the register reads 0", "observed with Bochs 2.7" },
    { "Bochs", "esr.vector", "no error is reported", "observed with Bochs 2.7" },
    { "Bochs", "spiv.deaf", "a message is requested, and delivered after enabling",
      "observed with Bochs 2.7" },
    { "Bochs", "base.disabled", "a disabled APIC cannot be enabled again before a reset",
      "observed with Bochs 2.7" },
    { "KVM", "x2apic.reserved", "reserved bits of EOI, TPR and SPIV are ignored",
      "Linux 6.18, arch/x86/kvm/lapic.c" },
    { "KVM", "esr.register", "the ESR is always 0", "Linux 6.18, arch/x86/kvm/lapic.c" },
    { "KVM", "esr.vector", "the ESR is always 0, and the vector stays requested",
      "Linux 6.18, arch/x86/kvm/lapic.c" },
    { "KVM", "base.reset", "nothing is reset", "Linux 6.18, arch/x86/kvm/lapic.c" },
    { "KVM-emulating", "tpr.sub-class", "the low bits are occasionally lost", pvm },
    { "KVM-emulating", "priority.nesting", "nothing in service: a lower class may interrupt", pvm },
    { "KVM-emulating", "eoi.order", "nothing is in service", pvm },
    { "KVM-emulating", "service.self", "nothing is in service", pvm },
    { "KVM-emulating", "service.fixed", "nothing is in service", pvm },
    { "KVM-emulating", "service.timer", "nothing is in service", pvm },
    { "KVM-emulating", "nmi.latched", "occasionally two follow", pvm },
};

static const void *view(void *context, uint64_t phys, size_t size)
{
    (void)context;
    return phys + size <= WINDOW_LIMIT ? memory_view(phys) : NULL;
}

/* Recognised by the table that lists the processors; the names of QEMU's tables end differently. */
static bool is_bochs(void)
{
    static const struct acpi_memory memory = { .view = view };
    uint64_t rsdp_phys = acpi_scan_rsdp(&memory);
    struct acpi_table madt;

    return rsdp_phys != 0 &&
           acpi_find_table(&memory, rsdp_phys, "APIC", ACPI_MADT_LEAST, &madt) == 0 &&
           memcmp(madt.bytes + OEM_TABLE_ID, "BXPCAPIC", 8) == 0;
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

/* The rows of KVM describe its local APIC, whether or not it emulates instructions. */
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
