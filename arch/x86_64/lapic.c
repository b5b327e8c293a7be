/* SPDX-License-Identifier: MIT */
/*
 * A processor's local APIC, in either mode (lapic_mode.c).
 *
 * EOI does not name a vector: it ends the in-service interrupt of the highest class. Between the
 * doorbell's entry and its EOI the handler raises CR8 to the doorbell's own class, so that no other
 * interrupt of that class can come in between.
 *
 * ESR must be written before it is read. The write latches the errors that occurred since the
 * previous write.
 *
 * Source: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)".
 */
#include "arch/x86_64/lapic.h"

#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/lapic_registers.h"
#include "kernel/upcall.h"

#define LVT_MASKED      0x10000u
#define LVT_DELIVER_NMI 0x400u
#define SPURIOUS_ENABLE 0x100u

#define DRAIN_LIMIT      512 /* interrupts that firmware may have left in service */
#define ERROR_LINE_LIMIT 16

static _Atomic unsigned error_interrupts;
static _Atomic bool odd_clusters; /* some logical destination is not derived from the APIC id */

/*
 * Masks every local vector that this APIC has. The error vector comes first, since masking another
 * one may raise an error.
 */
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

/* Is any of the 256 bits starting at `first` (LAPIC_ISR or LAPIC_IRR) set? */
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
 * Ends interrupts that firmware took and never acknowledged: they would block all lower classes. A
 * pending request cannot be withdrawn. It is delivered when the priority allows, and trap.c
 * dismisses it.
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
        log_line("local APIC %u: firmware left an interrupt pending", lapic_id());
    }
}

uint32_t lapic_take_errors(void)
{
    lapic->write(LAPIC_ESR, 0);
    return lapic->read(LAPIC_ESR);
}

/*
 * The logical destination must be derived from the id. If a hypervisor derives it in another way,
 * logical destinations are not used.
 */
static void check_cluster(void)
{
    if (lapic_is_x2apic() && lapic->read(LAPIC_LDR) != lapic_cluster_destination(lapic_id())) {
        atomic_store_explicit(&odd_clusters, true, memory_order_relaxed); /* read after bring-up */
    }
}

int lapic_start(void)
{
    if (lapic_join_mode() != 0) {
        return -1;
    }
    arch_irql_write(IRQL_HIGH);
    mask_local_vectors();
    lapic->write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    drain_stale();
    lapic_take_errors();
    lapic->write(LAPIC_LVT_ERROR, VECTOR_APIC_ERROR);
    lapic->write(LAPIC_TIMER_INITIAL, 0); /* stopped; it belongs to the alarm (lapic_timer.c) */
    lapic->write(LAPIC_LVT_TIMER, VECTOR_ALARM);
    if (lapic_is_boot_processor()) {
        bool by_lint0 = firmware_get()->nmi_lint == 0;
        lapic->write(by_lint0 ? LAPIC_LVT_LINT0 : LAPIC_LVT_LINT1, LVT_DELIVER_NMI);
    }
    check_cluster();
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

bool lapic_has_clusters(void)
{
    return lapic_is_x2apic() && !atomic_load_explicit(&odd_clusters, memory_order_relaxed);
}

void lapic_send(uint32_t destination, uint32_t message)
{
    lapic->send(destination, message);
}

void arch_end_of_interrupt(void)
{
    lapic->write(LAPIC_EOI, 0);
}

const char *arch_interrupt_controller_name(void)
{
    return lapic->name;
}

unsigned lapic_error_interrupts(void)
{
    return atomic_load_explicit(&error_interrupts, memory_order_relaxed);
}

void lapic_handle_error(void)
{
    /*
     * At HIGH_LEVEL a log line goes to this processor's ring only: class 0xF must not touch
     * anything else.
     */
    unsigned old_irql = arch_irql();
    arch_irql_write(IRQL_HIGH);
    uint32_t errors = lapic_take_errors();

    arch_end_of_interrupt();
    if (atomic_fetch_add_explicit(&error_interrupts, 1, memory_order_relaxed) < ERROR_LINE_LIMIT) {
        log_line("local APIC %u: error %#x", lapic_id(), errors);
    }
    arch_irql_write(old_irql);
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
    snapshot->controller_errors = lapic_take_errors();
    for (unsigned i = 0; i < 8; i++) {
        snapshot->pending[i] = lapic->read(LAPIC_IRR + i * 16);
        snapshot->in_service[i] = lapic->read(LAPIC_ISR + i * 16);
    }
}

/* For tests: sends itself a vector in the middle of the class of `irql`. */
void arch_request_interrupt(unsigned irql)
{
    lapic_send(0, LAPIC_FIXED | LAPIC_ASSERT | LAPIC_TO_SELF | lapic_device_vector(irql));
}
