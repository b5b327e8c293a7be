/* SPDX-License-Identifier: MIT */
/*
 * The two modes of a local APIC. They differ in how the registers are reached.
 *
 *   xAPIC    32-bit registers in a page of memory at IA32_APIC_BASE; 8-bit ids. The interrupt
 *            command register (ICR) is two words: first the destination, then the command. Writing
 *            the command sends the message. A busy bit shows that the last message is still being
 *            delivered. The page is not cached, so a write to it is ordered after all earlier
 *            stores: a receiver sees what was published.
 *   x2APIC   MSRs; 32-bit ids; the ICR takes one 64-bit write and has no busy bit. The write is
 *            NOT ordered after earlier stores. Intel requires MFENCE; LFENCE before it, and the
 *            same is done for every vendor whose manual does not say otherwise. AMD orders the
 *            write by itself; there the fences would only cost time.
 *
 *   disabled --> xAPIC --> x2APIC    the steps taken here; any other step faults, or is locked
 *
 * Which mode. The mode that firmware left is kept. There is never a step down, since newer machines
 * lock x2APIC (clearing the bit then faults). There is no step up without need, since some firmware
 * cannot start a processor in x2APIC mode. The need is an id that does not fit in 8 bits, or a
 * request by the user (`apic=x2apic`). The step is refused if the processor has no x2APIC or if the
 * firmware opts out of it (DMAR).
 *
 * All processors must be in the same mode: ids are compared in it, and in xAPIC mode some hardware
 * looks at their low 8 bits only. INIT keeps the mode, so a processor joins the boot processor's
 * mode before it looks for its slot (ap_trampoline.S). A processor that is in x2APIC mode while the
 * boot processor is not cannot go back, and is reported.
 *
 * Source: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)", "Extended XAPIC
 * (x2APIC)"; vol. 4, IA32_XAPIC_DISABLE_STATUS; AMD APM vol. 2, "x2APIC"; Intel VT-d specification,
 * "DMA Remapping Reporting Structure" (X2APIC_OPT_OUT).
 */
#include "arch/x86_64/lapic.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/lapic_registers.h"
#include "arch/x86_64/paging.h"
#include "kernel/upcall.h"

#define ICR_BUSY           0x1000u
#define ICR_TIMEOUT_MS     100
#define X2APIC_MSR(offset) (0x800u + (offset) / 16)
#define CPUID1_ECX_X2APIC  (1u << 21)
#define XAPIC_ID_LIMIT     255 /* the broadcast id */

/* Also read by ap_trampoline.S, where 0 means that the mode is x2APIC. */
uintptr_t lapic_mmio;

const struct lapic_operations *lapic;
static bool fence_needed;

/* ---- xAPIC ---- */

static uint32_t xapic_read(enum lapic_register reg)
{
    return mmio_read32(lapic_mmio + reg);
}

static void xapic_write(enum lapic_register reg, uint32_t value)
{
    mmio_write32(lapic_mmio + reg, value);
}

static bool icr_wait_idle(void)
{
    uint64_t began_ticks = arch_ticks();
    while (xapic_read(LAPIC_ICR_LOW) & ICR_BUSY) {
        if (arch_ticks() - began_ticks > ICR_TIMEOUT_MS * arch_ticks_per_ms()) {
            return false;
        }
        arch_relax();
    }
    return true;
}

/*
 * Interrupts are off from the wait to the second write: a handler that sends a message in between
 * would overwrite the destination.
 */
static void xapic_send(uint32_t destination, uint32_t message)
{
    uintptr_t interrupts = arch_interrupts_save();
    bool idle = icr_wait_idle();
    if (idle) {
        if (!(message & LAPIC_TO_OTHERS)) {
            xapic_write(LAPIC_ICR_HIGH, destination << 24);
        }
        xapic_write(LAPIC_ICR_LOW, message);
    }
    arch_interrupts_restore(interrupts);
    if (!idle) {
        log_line("local APIC: busy for %u ms, message %#x to %u not sent", ICR_TIMEOUT_MS, message,
                 destination);
    }
}

static const struct lapic_operations xapic = { "xapic", xapic_read, xapic_write, xapic_send, 24 };

/* ---- x2APIC ---- */

static uint32_t x2apic_read(enum lapic_register reg)
{
    return (uint32_t)cpu_read_msr(X2APIC_MSR(reg));
}

static void x2apic_write(enum lapic_register reg, uint32_t value)
{
    cpu_write_msr(X2APIC_MSR(reg), value);
}

static void x2apic_send(uint32_t destination, uint32_t message)
{
    if (fence_needed) {
        cpu_fence_before_message();
    }
    uint64_t high = message & LAPIC_TO_OTHERS ? 0 : destination;
    cpu_write_msr(X2APIC_MSR(LAPIC_ICR_LOW), high << 32 | message);
}

static const struct lapic_operations x2apic = { "x2apic", x2apic_read, x2apic_write, x2apic_send,
                                                0 };

/* ---- both ---- */

int lapic_start_boot(void)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    if (!(base & APIC_BASE_ENABLE)) {
        base |= APIC_BASE_ENABLE;
        cpu_write_msr(MSR_APIC_BASE, base);
    }
    lapic = base & APIC_BASE_X2APIC ? &x2apic : &xapic;
    fence_needed = !cpu_orders_x2apic_writes();
    if (lapic == &xapic) {
        lapic_mmio = paging_map_device(base & APIC_BASE_PAGE, 4096);
        return lapic_mmio == 0 ? -1 : 0;
    }
    return 0;
}

/* One step at a time: going straight from disabled to x2APIC is illegal. */
static void step_up_to_x2apic(void)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

    cpu_write_msr(MSR_APIC_BASE, base);
    cpu_write_msr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
}

int lapic_join_mode(void)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    if (base & APIC_BASE_X2APIC) {
        return lapic == &x2apic ? 0 : -1; /* a step down: locked or illegal */
    }
    if (lapic == &x2apic) {
        step_up_to_x2apic();
    } else {
        cpu_write_msr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    }
    return 0;
}

bool lapic_is_x2apic(void)
{
    return lapic == &x2apic;
}

bool lapic_can_reach(uint32_t apic_id)
{
    return lapic == &x2apic || apic_id < XAPIC_ID_LIMIT;
}

/* ---- the choice ---- */

static bool x2apic_asked;

void lapic_ask_for_x2apic(void)
{
    x2apic_asked = true;
}

static bool any_id_out_of_reach(const struct firmware *firmware)
{
    for (unsigned i = 0; i < firmware->processor_count; i++) {
        if (!lapic_can_reach(firmware->apic_ids[i])) {
            return true;
        }
    }
    return false;
}

const char *lapic_step_up_refused(void)
{
    if (!(cpu_id(1, 0).ecx & CPUID1_ECX_X2APIC)) {
        return "the processor does not have it";
    }
    return firmware_get()->x2apic_opt_out ? "the firmware opts out of it" : NULL;
}

void lapic_choose_mode(void)
{
    if (lapic == &x2apic || (!x2apic_asked && !any_id_out_of_reach(firmware_get()))) {
        return;
    }
    const char *refusal = lapic_step_up_refused();
    if (refusal != NULL) {
        log_line("local APIC: no x2APIC mode: %s", refusal);
        return;
    }
    step_up_to_x2apic();
    lapic = &x2apic;
    lapic_mmio = 0;
}
