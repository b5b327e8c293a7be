/*
 * One local APIC a processor, in one of two modes that differ in how registers are reached.
 *
 *   xAPIC    32-bit registers in a page of memory at IA32_APIC_BASE, 8-bit ids. The interrupt command
 *            register (ICR) is two words: the destination first, then the command, whose write sends. A
 *            busy bit says that the last message is still on its way. The page is not cached, so a
 *            write to it is ordered behind all earlier stores: a receiver sees what was published.
 *   x2APIC   MSRs, 32-bit ids, the ICR one 64-bit write, no busy bit. The write is NOT ordered behind
 *            earlier stores. Intel asks for MFENCE; LFENCE before it, and so does everybody whose
 *            manual does not say otherwise; AMD orders by itself, where the fences would only cost.
 *
 * The mode is the one that firmware left, since a switch down is illegal in general and locked on newer
 * machines, and a switch up is not needed for ids below 255. INIT does not change it.
 *
 *   disabled --> xAPIC --> x2APIC        legal transitions; any other faults
 *
 * EOI names no vector: it ends the interrupt in service of the highest class. Between the doorbell's entry and
 * its EOI the handler raises CR8 to the same class, so that nothing of that class comes in between.
 *
 * ESR must be written before it is read; the write latches what happened since the last one.
 *
 * Source: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)", "Extended XAPIC
 * (x2APIC)"; AMD APM vol. 2, "x2APIC".
 */
#include "arch/x86_64/lapic.h"

#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/paging.h"
#include "kernel/irql.h"
#include "kernel/log.h"
#include "kernel/processor.h"

/* Registers by their offset in the xAPIC page; the x2APIC's MSR is 0x800 + offset / 16. */
enum lapic_register {
    LAPIC_ID = LAPIC_ID_OFFSET,
    LAPIC_VERSION = 0x030,
    LAPIC_PPR = 0x0a0, /* processor priority: bits 7:4 are the class held back */
    LAPIC_EOI = 0x0b0,
    LAPIC_SPURIOUS = 0x0f0, /* spurious vector; bit 8 enables the APIC */
    LAPIC_ISR = 0x100,      /* in service, 8 registers of 32 vectors */
    LAPIC_IRR = 0x200,      /* requested, likewise */
    LAPIC_ESR = 0x280,      /* errors; write, then read */
    LAPIC_LVT_CMCI = 0x2f0,
    LAPIC_ICR_LOW = 0x300,
    LAPIC_ICR_HIGH = 0x310,
    LAPIC_LVT_TIMER = 0x320,
    LAPIC_LVT_THERMAL = 0x330,
    LAPIC_LVT_PERFORMANCE = 0x340,
    LAPIC_LVT_LINT0 = 0x350,
    LAPIC_LVT_LINT1 = 0x360,
    LAPIC_LVT_ERROR = 0x370,
    LAPIC_TIMER_INITIAL = 0x380,
    LAPIC_TIMER_CURRENT = 0x390,
    LAPIC_TIMER_DIVIDE = 0x3e0,
};

#define LVT_MASKED         0x10000u
#define LVT_DELIVER_NMI    0x400u
#define SPURIOUS_ENABLE    0x100u
#define ICR_BUSY           0x1000u
#define TIMER_DIVIDE_BY_1  0xb
#define X2APIC_MSR(offset) (0x800u + (offset) / 16)
#define APIC_PAGE_MASK     0xffffff000ull
#define CPUID1_ECX_X2APIC  (1u << 21)

#define DRAIN_LIMIT      512 /* interrupts that firmware may have left in service */
#define ERROR_LINE_LIMIT 16
#define XAPIC_ID_LIMIT   255 /* the broadcast id */
#define ICR_TIMEOUT_MS   100

/* Read by ap_trampoline.S too, to find out who it is. */
uintptr_t lapic_mmio;

struct lapic_operations {
    const char *name;
    uint32_t (*read)(enum lapic_register reg);
    void (*write)(enum lapic_register reg, uint32_t value);
    void (*send)(uint32_t apic_id, uint32_t message);
    unsigned id_shift; /* where the id stands in its register */
};

static const struct lapic_operations *lapic;
static bool fence_needed;
static _Atomic unsigned error_lines;

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

/* Interrupts are off from the wait to the second write: whoever came between would change the first. */
static void xapic_send(uint32_t apic_id, uint32_t message)
{
    uintptr_t interrupts = arch_interrupts_save();
    bool idle = icr_wait_idle();
    if (idle) {
        if (!(message & LAPIC_TO_OTHERS)) {
            xapic_write(LAPIC_ICR_HIGH, apic_id << 24);
        }
        xapic_write(LAPIC_ICR_LOW, message);
    }
    arch_interrupts_restore(interrupts);
    if (!idle) {
        log_line("local APIC: busy for %u ms, message %#x to %u not sent", ICR_TIMEOUT_MS, message,
                 apic_id);
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

static void x2apic_send(uint32_t apic_id, uint32_t message)
{
    if (fence_needed) {
        /* MFENCE makes the published stores visible; LFENCE keeps the WRMSR behind it. */
        __asm__ volatile("mfence\n\tlfence" : : : "memory");
    }
    uint64_t destination = message & LAPIC_TO_OTHERS ? 0 : apic_id;
    cpu_write_msr(X2APIC_MSR(LAPIC_ICR_LOW), destination << 32 | message);
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
        lapic_mmio = paging_map_device(base & APIC_PAGE_MASK, 4096);
        return lapic_mmio == 0 ? -1 : 0;
    }
    return 0;
}

/* Brings a later processor into the boot processor's mode, where that is a legal step. */
static int join_mode(void)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

    if (lapic == &x2apic) {
        base |= APIC_BASE_X2APIC;
    } else if (base & APIC_BASE_X2APIC) {
        return -1; /* a step down: locked or illegal, and its ids are not ours */
    }
    cpu_write_msr(MSR_APIC_BASE, base);
    return 0;
}

/* Masks every local vector that this APIC has; the error vector first, since masking may be an error. */
static void mask_local_vectors(void)
{
    static const struct {
        enum lapic_register reg;
        unsigned index; /* exists if the version register's highest index is at least this */
    } vectors[] = {
        { LAPIC_LVT_ERROR, 3 }, { LAPIC_LVT_TIMER, 0 },       { LAPIC_LVT_LINT0, 1 },
        { LAPIC_LVT_LINT1, 2 }, { LAPIC_LVT_PERFORMANCE, 4 }, { LAPIC_LVT_THERMAL, 5 },
        { LAPIC_LVT_CMCI, 6 },
    };
    unsigned highest = lapic->read(LAPIC_VERSION) >> 16 & 0xff;

    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        if (vectors[i].index <= highest) {
            lapic->write(vectors[i].reg, LVT_MASKED);
        }
    }
}

/* Is any of the 256 bits set that begin at `first` (LAPIC_ISR or LAPIC_IRR)? */
static bool any_bit(enum lapic_register first)
{
    for (unsigned i = 0; i < 8; i++) {
        if (lapic->read(first + i * 16) != 0) {
            return true;
        }
    }
    return false;
}

/*
 * Ends interrupts that firmware took and never acknowledged: they would hold back all lower classes. What
 * is only requested cannot be taken back; it comes when the priority allows, and trap.c sends it away.
 */
static void drain_stale(void)
{
    for (unsigned i = 0; i < DRAIN_LIMIT && any_bit(LAPIC_ISR); i++) {
        lapic->write(LAPIC_EOI, 0);
    }
    if (any_bit(LAPIC_ISR)) {
        log_line("local APIC %u: an interrupt stays in service", lapic_id());
    }
    if (any_bit(LAPIC_IRR)) {
        log_line("local APIC %u: firmware left an interrupt request", lapic_id());
    }
}

static uint32_t read_errors(void)
{
    lapic->write(LAPIC_ESR, 0);
    return lapic->read(LAPIC_ESR);
}

int lapic_start(void)
{
    if (join_mode() != 0) {
        return -1;
    }
    arch_irql_write(IRQL_HIGH);
    mask_local_vectors();
    lapic->write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    drain_stale();
    read_errors();
    lapic->write(LAPIC_LVT_ERROR, VECTOR_APIC_ERROR);
    if (lapic_is_boot_processor()) {
        lapic->write(LAPIC_LVT_LINT1, LVT_DELIVER_NMI);
    }
    return 0;
}

uint32_t lapic_id(void)
{
    return lapic->read(LAPIC_ID) >> lapic->id_shift;
}

bool lapic_is_boot_processor(void)
{
    return (cpu_read_msr(MSR_APIC_BASE) & APIC_BASE_BSP) != 0;
}

bool lapic_can_reach(uint32_t apic_id)
{
    return lapic == &x2apic || apic_id < XAPIC_ID_LIMIT;
}

void lapic_send(uint32_t apic_id, uint32_t message)
{
    lapic->send(apic_id, message);
}

void arch_end_of_interrupt(void)
{
    lapic->write(LAPIC_EOI, 0);
}

const char *arch_interrupt_controller_name(void)
{
    return lapic->name;
}

void lapic_handle_error(void)
{
    /* At HIGH_LEVEL a line goes to this processor's ring and no further: class 0xF touches no more. */
    unsigned old_irql = irql_set(IRQL_HIGH);
    uint32_t errors = read_errors();

    arch_end_of_interrupt();
    if (atomic_fetch_add_explicit(&error_lines, 1, memory_order_relaxed) < ERROR_LINE_LIMIT) {
        log_line("local APIC %u: error %#x", lapic_id(), errors);
    }
    irql_lower(old_irql);
}

static bool vector_bit(enum lapic_register first, unsigned vector)
{
    return lapic->read(first + vector / 32 * 16) >> (vector % 32) & 1;
}

bool lapic_in_service(unsigned vector)
{
    return lapic != NULL && vector_bit(LAPIC_ISR, vector);
}

void lapic_read_evidence(struct arch_snapshot *snapshot)
{
    if (lapic == NULL) {
        return;
    }
    snapshot->doorbell_pending = vector_bit(LAPIC_IRR, VECTOR_RENDEZVOUS);
    snapshot->doorbell_in_service = vector_bit(LAPIC_ISR, VECTOR_RENDEZVOUS);
    snapshot->masked_priority = lapic->read(LAPIC_PPR) >> 4;
}

/* ---- the timer, for tests and measurement ---- */

static uint64_t timer_counts_per_ms;

#define TIMER_MEASURE_MS 2

void lapic_measure_timer(void)
{
    lapic->write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    lapic->write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    clock_delay_us(TIMER_MEASURE_MS * 1000);
    timer_counts_per_ms = (UINT32_MAX - lapic->read(LAPIC_TIMER_CURRENT)) / TIMER_MEASURE_MS;
    lapic->write(LAPIC_TIMER_INITIAL, 0);
}

/* A vector in the middle of the class of `irql`. */
static uint32_t device_vector(unsigned irql)
{
    return irql << 4 | 8;
}

void arch_request_timer(unsigned irql, uint64_t delay_ticks)
{
    uint64_t counts = delay_ticks * timer_counts_per_ms / arch_ticks_per_ms() + 1;
    lapic->write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    lapic->write(LAPIC_LVT_TIMER, device_vector(irql));
    lapic->write(LAPIC_TIMER_INITIAL, counts > UINT32_MAX ? UINT32_MAX : (uint32_t)counts);
}

void arch_request_interrupt(unsigned irql)
{
    lapic_send(0, LAPIC_FIXED | LAPIC_ASSERT | LAPIC_TO_SELF | device_vector(irql));
}
