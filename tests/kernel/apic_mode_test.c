/* SPDX-License-Identifier: MIT */
/*
 * Local APIC conformance: disabling by software and globally, and the steps between modes.
 *
 * A processor that takes part in nothing else runs them: as posted work, with interrupts disabled,
 * while no processor makes a call or sends NMIs. lapic_start() brings it back into the kernel's
 * state. The last check may lose its processor, if an engine does not enable an APIC again: that
 * processor then halts for ever and is no longer used.
 *
 *   disabled --> xAPIC --> x2APIC --> disabled     and xAPIC --> disabled: all others fault
 */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/probe.h"
#include "kernel/console/log.h"
#include "tests/kernel/apic.h"

#define SPURIOUS_ENABLE   0x100u
#define LVT_MASKED        0x10000u
#define CPUID1_ECX_X2APIC (1u << 21)
#define CPUID1_EDX_APIC   (1u << 9)
#define MODE_BITS         ((uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2APIC))
/* Intel SDM vol. 4: the lock of x2APIC mode. */
#define MSR_ARCH_CAPABILITIES    0x10a
#define CAPABILITY_XAPIC_DISABLE (1u << 21)
#define MSR_XAPIC_DISABLE        0xbd
#define XAPIC_DISABLED           1u

#define BASE_RESERVED_LOW   0x1ull
#define BASE_RESERVED_ABOVE (1ull << 9)

static bool has_x2apic(void)
{
    return (cpu_id(1, 0).ecx & CPUID1_ECX_X2APIC) != 0;
}

/* Does the write fault? If it does not, it is undone. */
static bool base_refused(uint64_t value)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    if (!probe_write_msr(MSR_APIC_BASE, value)) {
        return true;
    }
    log_line(
        "# processor %u: IA32_APIC_BASE %#llx, after a write of %#llx that did not fault %#llx",
        arch_processor()->index, (unsigned long long)base, (unsigned long long)value,
        (unsigned long long)cpu_read_msr(MSR_APIC_BASE));
    (void)probe_write_msr(MSR_APIC_BASE, base);
    return false;
}

/* Do the registers respond in the mode that the kernel uses? */
static bool is_usable(void)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    if (lapic_is_x2apic()) {
        return (base & MODE_BITS) == MODE_BITS;
    }
    return !(base & APIC_BASE_X2APIC) && lapic->read(LAPIC_VERSION) != UINT32_MAX;
}

static void restart(void)
{
    unsigned old_irql = arch_irql();
    EXPECT(lapic_start() == 0);
    irql_lower(old_irql);
}

/* Makes the subject run `work` with interrupts disabled, and waits for it. */
static work_routine *apart_work;
static _Atomic unsigned apart_done, apart_lost;

static void run_apart_here(void *argument)
{
    uintptr_t interrupts = arch_interrupts_save();

    apart_work(argument);
    if (!is_usable()) {
        log_line("apic: the APIC of processor %u stays disabled; the processor halts for ever",
                 arch_processor()->index);
        atomic_store(&apart_lost, 1);
        atomic_store(&apart_done, 1);
        arch_stop();
    }
    restart();
    arch_interrupts_restore(interrupts);
    atomic_store(&apart_done, 1);
}

static void run_apart(unsigned index, work_routine *work)
{
    if (index == 0) {
        apic_skip("there is no other processor to risk");
        return;
    }
    apart_work = work;
    atomic_store(&apart_done, 0);
    work_post(index, run_apart_here, NULL);
    EXPECT(apic_await(&apart_done, 1));
    if (atomic_load(&apart_lost) == 0) {
        work_await(index);
    }
}

/* ---- disabled by software ---- */

static void disable_by_software(void *argument)
{
    uint32_t enabled = lapic->read(LAPIC_SPURIOUS);

    (void)argument;
    EXPECT(enabled & SPURIOUS_ENABLE);
    EXPECT(!(lapic->read(LAPIC_LVT_TIMER) & LVT_MASKED));
    lapic->write(LAPIC_SPURIOUS, enabled & ~SPURIOUS_ENABLE);
    EXPECT(lapic->read(LAPIC_LVT_TIMER) & LVT_MASKED);
    EXPECT(lapic->read(LAPIC_LVT_ERROR) & LVT_MASKED);
    lapic->write(LAPIC_LVT_TIMER, VECTOR_ALARM);
    EXPECT(lapic->read(LAPIC_LVT_TIMER) & LVT_MASKED);
    lapic->write(LAPIC_SPURIOUS, enabled);
    EXPECT(lapic->read(LAPIC_LVT_TIMER) & LVT_MASKED);
}

static void test_software_disable(void)
{
    run_apart(apic_subject(), disable_by_software);
}

static _Atomic unsigned deaf, sent;

static void be_deaf(void *argument)
{
    (void)argument;
    lapic->write(LAPIC_SPURIOUS, VECTOR_SPURIOUS);
    atomic_store(&deaf, 1);
    EXPECT(apic_await(&sent, 1));
    EXPECT(!apic_bit(LAPIC_IRR, 0x78));
}

/* Messages that arrive meanwhile are not kept for later. */
static void test_deaf(void)
{
    uint32_t target = arch_hardware_id(apic_subject());

    if (apic_subject() == 0) {
        apic_skip("there is no other processor to risk");
        return;
    }
    apic_listen(NULL);
    atomic_store(&deaf, 0);
    atomic_store(&sent, 0);
    atomic_store(&apart_done, 0);
    apart_work = be_deaf;
    work_post(apic_subject(), run_apart_here, NULL);
    EXPECT(apic_await(&deaf, 1));
    lapic_send(target, LAPIC_FIXED | LAPIC_ASSERT | 0x78);
    apic_fence(); /* a later message to oneself has arrived */
    atomic_store(&sent, 1);
    EXPECT(apic_await(&apart_done, 1));
    work_await(apic_subject());
    lapic_send(target, LAPIC_FIXED | LAPIC_ASSERT | 0x38);
    EXPECT(apic_await(&apic_arrival_count, 2));
    if (apic_arrivals[1].vector != 0x38) {
        EXPECT(!"it was kept");
        EXPECT(apic_await(&apic_arrival_count, 3));
    }
    apic_listen_end();
}

/* ---- IA32_APIC_BASE ---- */

static void write_reserved(void *argument)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    (void)argument;
    EXPECT(base_refused(base | BASE_RESERVED_LOW));
    EXPECT(base_refused(base | BASE_RESERVED_ABOVE));
    EXPECT(base_refused(base | 1ull << 63));
    EXPECT(cpu_read_msr(MSR_APIC_BASE) == base);
}

static void test_reserved(void)
{
    run_apart(apic_subject(), write_reserved);
}

static void step_up_unsupported(void *argument)
{
    (void)argument;
    EXPECT(base_refused(cpu_read_msr(MSR_APIC_BASE) | APIC_BASE_X2APIC));
}

static void test_unsupported(void)
{
    if (has_x2apic()) {
        apic_skip("the processors have x2APIC mode");
        return;
    }
    run_apart(apic_subject(), step_up_unsupported);
}

static void step_down(void *argument)
{
    (void)argument;
    EXPECT(base_refused(cpu_read_msr(MSR_APIC_BASE) & ~(uint64_t)APIC_BASE_X2APIC));
}

static void test_step_down(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip("the processors are in xAPIC mode");
        return;
    }
    run_apart(apic_subject(), step_down);
}

/* Extended, but not enabled. */
static void go_invalid(void *argument)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);

    (void)argument;
    EXPECT(base_refused((base & ~MODE_BITS) | APIC_BASE_X2APIC));
    EXPECT(cpu_read_msr(MSR_APIC_BASE) == base);
}

static void test_invalid(void)
{
    run_apart(apic_subject(), go_invalid);
}

/* Starts from disabled, whatever the state was. The steps that it leaves out are illegal. */
static void come_back(uint64_t off)
{
    EXPECT(base_refused(off | APIC_BASE_X2APIC));
    EXPECT(base_refused(off | MODE_BITS));
    EXPECT(probe_write_msr(MSR_APIC_BASE, off | APIC_BASE_ENABLE));
    EXPECT((cpu_read_msr(MSR_APIC_BASE) & MODE_BITS) == APIC_BASE_ENABLE);
    if (!lapic_is_x2apic() && has_x2apic()) {
        EXPECT(probe_write_msr(MSR_APIC_BASE, off | MODE_BITS));
        EXPECT(base_refused(off | APIC_BASE_ENABLE));
        EXPECT(base_refused(off | APIC_BASE_X2APIC));
        EXPECT(probe_write_msr(MSR_APIC_BASE, off));
        EXPECT(probe_write_msr(MSR_APIC_BASE, off | APIC_BASE_ENABLE));
    }
    if (lapic_is_x2apic()) {
        EXPECT(probe_write_msr(MSR_APIC_BASE, off | MODE_BITS));
    }
}

/* The registers at the end of the walk, for the next check. */
static struct {
    bool usable;
    bool same_id;
    uint32_t spurious, timer, error, priority, count;
} after_walk;

static void note_state(uint32_t id)
{
    after_walk.usable = is_usable();
    if (after_walk.usable) {
        after_walk.same_id = lapic_id() == id;
        after_walk.spurious = lapic->read(LAPIC_SPURIOUS);
        after_walk.timer = lapic->read(LAPIC_LVT_TIMER);
        after_walk.error = lapic->read(LAPIC_LVT_ERROR);
        after_walk.priority = lapic->read(LAPIC_TPR);
        after_walk.count = lapic->read(LAPIC_TIMER_INITIAL);
    }
}

static void walk(void *argument)
{
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);
    uint64_t off = base & ~MODE_BITS;
    uint32_t id = lapic_id();

    (void)argument;
    EXPECT(probe_write_msr(MSR_APIC_BASE, off));
    EXPECT((cpu_read_msr(MSR_APIC_BASE) & MODE_BITS) == 0);
    EXPECT(!(cpu_id(1, 0).edx & CPUID1_EDX_APIC));
    come_back(off);
    EXPECT(cpu_read_msr(MSR_APIC_BASE) == base);
    EXPECT(cpu_id(1, 0).edx & CPUID1_EDX_APIC);
    note_state(id);
}

/* Newer processors do not permit leaving x2APIC mode. */
static bool is_locked(void)
{
    uint64_t capabilities, status;

    return probe_read_msr(MSR_ARCH_CAPABILITIES, &capabilities) &&
           capabilities & CAPABILITY_XAPIC_DISABLE && probe_read_msr(MSR_XAPIC_DISABLE, &status) &&
           status & XAPIC_DISABLED;
}

static void test_walk(void)
{
    if (lapic_is_x2apic() && is_locked()) {
        apic_skip("x2APIC mode is locked");
        return;
    }
    run_apart(processor_count - 1, walk);
}

static void test_reset_state(void)
{
    if (!after_walk.usable) {
        apic_skip("no APIC was enabled again");
        return;
    }
    EXPECT(after_walk.same_id);
    EXPECT(after_walk.spurious == VECTOR_SPURIOUS);
    EXPECT(after_walk.timer & LVT_MASKED);
    EXPECT(after_walk.error & LVT_MASKED);
    EXPECT(after_walk.priority == 0);
    EXPECT(after_walk.count == 0);
}

const struct apic_check apic_mode_checks[] = {
    { "spiv.masks", "an APIC disabled by software masks its local vectors, and they stay masked",
      test_software_disable },
    { "spiv.deaf",
      "an APIC disabled by software accepts no fixed message, and keeps none for later",
      test_deaf },
    { "base.reserved", "writes of reserved bits of IA32_APIC_BASE fault", test_reserved },
    { "base.unsupported", "the step to x2APIC mode faults if the processor does not have it",
      test_unsupported },
    { "base.down", "the step from x2APIC mode down to xAPIC mode faults", test_step_down },
    { "base.invalid", "the invalid mode \"extended, not enabled\" faults", test_invalid },
    { "base.disabled", "a disabled APIC can be enabled again, by legal steps only", test_walk },
    { "base.reset", "it is then reset: id kept, vectors masked, software-disabled",
      test_reset_state },
    { NULL, NULL, NULL },
};
