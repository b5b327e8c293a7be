/* SPDX-License-Identifier: MIT */
/*
 * Local APIC conformance: registers, without interrupts.
 */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/probe.h"
#include "tests/kernel/apic.h"
#include "tests/kernel/suite.h"

#define X2APIC_MSR(offset) (0x800u + (offset) / 16)
#define MSR_X2APIC_DFR     0x80e /* xAPIC's destination format register does not exist here */
#define MSR_X2APIC_HIGH    0x831 /* nor the upper half of the ICR */
#define ICR_BUSY           0x1000u
#define LVT_MASKED         0x10000u

#define ERROR_SEND_ILLEGAL_VECTOR 0x20u
#define ERROR_ILLEGAL_REGISTER    0x80u
#define RESERVED_REGISTER         0x3f0 /* in xAPIC mode */

static const char only_x2apic[] = "the processors are in xAPIC mode";
static const char only_xapic[] = "the processors are in x2APIC mode";

/* ---- identity ---- */

static void check_version(void *argument)
{
    uint32_t version = lapic->read(LAPIC_VERSION);

    (void)argument;
    EXPECT((version & 0xff) >= 0x10 && (version & 0xff) <= 0x15);
    EXPECT((version >> 16 & 0xff) >= 3);
}

static void test_version(void)
{
    suite_run_everywhere(check_version, NULL);
}

static void check_id(void *argument)
{
    uint32_t initial_id = cpu_id(1, 0).ebx >> 24;

    (void)argument;
    if (!lapic_is_x2apic()) {
        EXPECT(lapic_id() == initial_id);
        return;
    }
    EXPECT((lapic_id() & 0xff) == initial_id);
    EXPECT(lapic_id() == cpu_id(CPUID_X2APIC_TOPOLOGY, 0).edx);
}

static void test_id(void)
{
    suite_run_everywhere(check_id, NULL);
}

static void check_logical_id(void *argument)
{
    uint32_t before = lapic->read(LAPIC_LDR);

    (void)argument;
    lapic->write(LAPIC_LDR, 0x5a000000);
    EXPECT(lapic->read(LAPIC_LDR) >> 24 == 0x5a);
    lapic->write(LAPIC_LDR, before);
}

static void test_logical_id(void)
{
    if (lapic_is_x2apic()) {
        apic_skip(only_xapic);
        return;
    }
    suite_run_everywhere(check_logical_id, NULL);
}

static void check_cluster(void *argument)
{
    (void)argument;
    EXPECT(lapic->read(LAPIC_LDR) == lapic_cluster_destination(lapic_id()));
}

static void test_cluster(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip(only_x2apic);
        return;
    }
    suite_run_everywhere(check_cluster, NULL);
}

static void check_base(void *argument)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    (void)argument;
    EXPECT(!!(base & APIC_BASE_BSP) == (arch_processor()->index == 0));
    EXPECT(base & APIC_BASE_ENABLE);
    EXPECT(!!(base & APIC_BASE_X2APIC) == lapic_is_x2apic());
    EXPECT(cpu_id(1, 0).edx & 1u << 9);
}

static void test_base(void)
{
    suite_run_everywhere(check_base, NULL);
}

/* ---- x2APIC mode: what must fault ---- */

static bool write_refused(enum lapic_register reg, uint64_t value)
{
    return !probe_write_msr(X2APIC_MSR(reg), value);
}

static bool read_refused(uint32_t msr)
{
    uint64_t value;
    return !probe_read_msr(msr, &value);
}

static void test_read_only(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip(only_x2apic);
        return;
    }
    EXPECT(write_refused(LAPIC_ID, lapic->read(LAPIC_ID)));
    EXPECT(write_refused(LAPIC_VERSION, lapic->read(LAPIC_VERSION)));
    EXPECT(write_refused(LAPIC_LDR, lapic->read(LAPIC_LDR)));
    EXPECT(write_refused(LAPIC_TIMER_CURRENT, 0));
}

static void test_write_only(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip(only_x2apic);
        return;
    }
    EXPECT(read_refused(X2APIC_MSR(LAPIC_EOI)));
    EXPECT(read_refused(X2APIC_MSR(LAPIC_SELF_IPI)));
}

static void test_reserved_bits(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip(only_x2apic);
        return;
    }
    unsigned old_irql = irql_set(IRQL_DISPATCH);
    EXPECT(write_refused(LAPIC_EOI, 1));
    EXPECT(write_refused(LAPIC_ESR, 1));
    EXPECT(write_refused(LAPIC_TPR, 0x100 | IRQL_DISPATCH << 4));
    EXPECT(write_refused(LAPIC_SPURIOUS, 0x80000000 | lapic->read(LAPIC_SPURIOUS)));
    irql_lower(old_irql);
}

static void test_missing(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip(only_x2apic);
        return;
    }
    EXPECT(read_refused(MSR_X2APIC_DFR));
    EXPECT(read_refused(MSR_X2APIC_HIGH));
}

static void test_no_msrs(void)
{
    if (lapic_is_x2apic()) {
        apic_skip(only_xapic);
        return;
    }
    EXPECT(read_refused(X2APIC_MSR(LAPIC_ID)));
    EXPECT(read_refused(X2APIC_MSR(LAPIC_VERSION)));
}

/* ---- priority ---- */

static void check_priority(void *argument)
{
    uintptr_t interrupts = arch_interrupts_save();

    (void)argument;
    for (unsigned irql = 0; irql <= IRQL_HIGH; irql++) {
        arch_irql_write(irql);
        EXPECT((lapic->read(LAPIC_TPR) & 0xff) == irql << 4);
        EXPECT(lapic->read(LAPIC_PPR) >> 4 == irql);
    }
    for (unsigned irql = 0; irql <= IRQL_HIGH; irql++) {
        lapic->write(LAPIC_TPR, irql << 4);
        EXPECT(arch_irql() == irql);
    }
    arch_irql_write(IRQL_PASSIVE);
    arch_interrupts_restore(interrupts);
}

static void test_priority(void)
{
    suite_run_everywhere(check_priority, NULL);
}

static void check_sub_class(void *argument)
{
    uintptr_t interrupts = arch_interrupts_save();

    (void)argument;
    for (unsigned irql = 0; irql <= IRQL_HIGH; irql++) {
        lapic->write(LAPIC_TPR, irql << 4 | 5);
        EXPECT(arch_irql() == irql);
        EXPECT((lapic->read(LAPIC_TPR) & 0xff) == (irql << 4 | 5));
    }
    arch_irql_write(IRQL_PASSIVE);
    EXPECT(lapic->read(LAPIC_TPR) == 0);
    arch_interrupts_restore(interrupts);
}

static void test_sub_class(void)
{
    suite_run_everywhere(check_sub_class, NULL);
}

/* ---- sending, and errors ---- */

static void test_busy(void)
{
    if (lapic_is_x2apic()) {
        apic_skip(only_xapic);
        return;
    }
    uint64_t began_ticks = arch_ticks();
    apic_listen(NULL);
    apic_send_self(0x40);
    while (lapic->read(LAPIC_ICR_LOW) & ICR_BUSY &&
           arch_ticks() - began_ticks < 100 * arch_ticks_per_ms()) {
        arch_relax();
    }
    EXPECT(!(lapic->read(LAPIC_ICR_LOW) & ICR_BUSY));
    EXPECT(apic_await(&apic_arrival_count, 1));
    apic_listen_end();
}

/* The error interrupt is masked, or its handler would read the register first. */
static uint32_t errors_after(void (*act)(void))
{
    lapic->write(LAPIC_LVT_ERROR, LVT_MASKED | VECTOR_APIC_ERROR);
    lapic_take_errors();
    act();
    uint32_t errors = lapic_take_errors();
    lapic->write(LAPIC_LVT_ERROR, VECTOR_APIC_ERROR);
    return errors;
}

static void do_nothing(void)
{
}

static void test_no_error(void)
{
    EXPECT(errors_after(do_nothing) == 0);
}

static void read_reserved(void)
{
    (void)lapic->read((enum lapic_register)RESERVED_REGISTER);
}

static void test_reserved_register(void)
{
    if (lapic_is_x2apic()) {
        apic_skip(only_xapic);
        return;
    }
    EXPECT(errors_after(read_reserved) == ERROR_ILLEGAL_REGISTER);
    EXPECT(lapic_take_errors() == 0);
}

static void send_illegal(void)
{
    apic_send_self(APIC_ILLEGAL_VECTOR);
}

/* At APC_LEVEL, so that an APIC that treats class 0 as an interrupt does not deliver it here. */
static void test_illegal_vector(void)
{
    unsigned old_irql = irql_set(IRQL_APC);

    apic_listen(NULL);
    EXPECT(errors_after(send_illegal) & ERROR_SEND_ILLEGAL_VECTOR);
    EXPECT(!apic_bit(LAPIC_IRR, APIC_ILLEGAL_VECTOR));
    irql_lower(old_irql);
    apic_fence();
    apic_fence(); /* its vector has a lower class than the first one */
    EXPECT(atomic_load(&apic_arrival_count) == 2);
    apic_listen_end();
}

const struct apic_check apic_register_checks[] = {
    { "version", "the version is 0x10 to 0x15, with at least 4 local vectors", test_version },
    { "id", "the APIC id is the one that CPUID reports", test_id },
    { "base", "IA32_APIC_BASE shows the mode and the boot processor", test_base },
    { "xapic.ldr", "the logical id reads as it was written", test_logical_id },
    { "x2apic.ldr", "the logical id is derived from the id", test_cluster },
    { "x2apic.read-only", "writes to the id, version, logical id and current count fault",
      test_read_only },
    { "x2apic.write-only", "reads of EOI and SELF IPI fault", test_write_only },
    { "x2apic.reserved", "writes of reserved bits fault", test_reserved_bits },
    { "x2apic.missing", "accesses to registers that only xAPIC mode has fault", test_missing },
    { "xapic.no-msrs", "in xAPIC mode, accesses to the MSRs of x2APIC mode fault", test_no_msrs },
    { "tpr", "CR8 and the TPR are one register, in both directions, and the PPR follows",
      test_priority },
    { "tpr.sub-class", "the TPR keeps its low bits until CR8 is written", test_sub_class },
    { "icr.busy", "the busy bit of the ICR clears", test_busy },
    { "esr.clean", "the ESR is clear when there was no error", test_no_error },
    { "esr.register", "access to a reserved register is an error", test_reserved_register },
    { "esr.vector", "a message with a vector below 16 is an error, not an interrupt",
      test_illegal_vector },
    { NULL, NULL, NULL },
};
