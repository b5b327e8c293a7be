/* SPDX-License-Identifier: MIT */
/*
 * Local APIC conformance: NMI, as a message. While one is being handled, another is latched, until
 * an IRET. So the handlers here must not take an interrupt or a fault.
 */
#include "kernel/stop/bugcheck.h"
#include "tests/kernel/apic.h"

#define MANY        5
#define LATE_VECTOR 0x38
#define ROUNDS      20

/*
 * Handles a processor's NMIs while the check wants them. The count is incremented after `on_nmi`
 * has run.
 */
static _Atomic unsigned handled[PROCESSOR_LIMIT];
static _Atomic unsigned arrived; /* LATE_VECTOR */
static void (*on_nmi)(struct trap_frame *frame, unsigned number);

static bool take(struct trap_frame *frame)
{
    unsigned index = arch_processor()->index;

    if (frame->vector == LATE_VECTOR) {
        atomic_fetch_add(&arrived, 1);
        arch_end_of_interrupt();
        return true;
    }
    if (frame->vector != TRAP_NMI) {
        return false;
    }
    bugcheck_poll_freeze(); /* this NMI may be the one that freezes this processor */
    if (on_nmi != NULL) {
        on_nmi(frame, atomic_load(&handled[index]) + 1);
    }
    atomic_fetch_add(&handled[index], 1);
    return true;
}

static void listen(void (*handler)(struct trap_frame *frame, unsigned number))
{
    for (unsigned i = 0; i < processor_count; i++) {
        atomic_store(&handled[i], 0);
    }
    atomic_store(&arrived, 0);
    on_nmi = handler;
    trap_set_hook(take);
}

static void send_nmi(unsigned target)
{
    lapic_send(arch_hardware_id(target), LAPIC_NMI | LAPIC_ASSERT);
}

static bool have_subject(void)
{
    if (apic_subject() == 0) {
        apic_skip("there is no other processor");
        return false;
    }
    return true;
}

/* Waits until `target` has handled all that this processor sent: a fixed message comes last. */
static void await_late(unsigned target)
{
    unsigned before = atomic_load(&arrived);
    lapic_send(arch_hardware_id(target), LAPIC_FIXED | LAPIC_ASSERT | LATE_VECTOR);
    EXPECT(apic_await(&arrived, before + 1));
}

/* ---- on one processor ---- */

static void test_unmaskable(void)
{
    uintptr_t interrupts = arch_interrupts_save();
    unsigned old_irql = irql_set(IRQL_HIGH);

    listen(NULL);
    send_nmi(0);
    EXPECT(apic_await(&handled[0], 1));
    irql_lower(old_irql);
    arch_interrupts_restore(interrupts);
    EXPECT(atomic_load(&handled[0]) == 1);
}

/*
 * NMIs to this processor, then a fixed message in the same way: when that one is pending, the NMIs
 * have arrived.
 */
static void send_to_self(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        send_nmi(arch_processor()->index);
    }
    lapic_send(arch_hardware_id(arch_processor()->index), LAPIC_FIXED | LAPIC_ASSERT | LATE_VECTOR);
    EXPECT(apic_await_request(LATE_VECTOR));
}

static void send_many_once(struct trap_frame *frame, unsigned number)
{
    (void)frame;
    if (number == 1) {
        send_to_self(MANY);
    }
}

static void test_latched(void)
{
    listen(send_many_once);
    send_nmi(0);
    EXPECT(apic_await(&handled[0], 2));
    await_late(0);
    EXPECT(atomic_load(&handled[0]) == 2);
}

/* ---- a halted processor ---- */

static _Atomic unsigned halting, halted;

static void halt_at_high_level(void *argument)
{
    unsigned old_irql = irql_set(IRQL_HIGH);

    (void)argument;
    arch_interrupts_disable();
    atomic_store(&halting, 1);
    arch_idle();
    arch_interrupts_enable();
    irql_lower(old_irql);
    atomic_store(&halted, 1);
}

static void halt_at_passive_level(void *argument)
{
    (void)argument;
    arch_interrupts_disable();
    atomic_store(&halting, 1);
    arch_idle();
    arch_interrupts_enable();
    atomic_store(&halted, 1);
}

static void start_halt(work_routine *halt)
{
    atomic_store(&halting, 0);
    atomic_store(&halted, 0);
    work_post(apic_subject(), halt, NULL);
    EXPECT(apic_await(&halting, 1));
}

/*
 * Wakes the subject by NMIs. An NMI that arrives before the halt does not end it, so there may be
 * several. False if the subject does not wake up.
 */
static bool wake_by_nmi(void)
{
    unsigned woken = 0;

    for (unsigned i = 0; i < MANY && woken == 0; i++) {
        unsigned before = atomic_load(&handled[apic_subject()]);
        send_nmi(apic_subject());
        EXPECT(apic_await(&handled[apic_subject()], before + 1));
        woken = apic_await(&halted, 1);
    }
    return woken != 0;
}

static void test_halted(void)
{
    if (!have_subject()) {
        return;
    }
    listen(NULL);
    for (unsigned round = 0; round < ROUNDS; round++) {
        start_halt(halt_at_high_level);
        EXPECT(wake_by_nmi());
        work_await(apic_subject());
    }
}

/*
 * Produces the worst case: an NMI between STI and HLT while an interrupt is pending. The first NMI
 * finds the processor in HLT. Its handler sends a second NMI and an interrupt, and returns to the
 * HLT. There the second NMI is taken first, and the interrupt next.
 */
static _Atomic unsigned went_back, came_at_halt;

static void go_back_to_halt(struct trap_frame *frame, unsigned number)
{
    (void)number;
    if (frame->rip == idle_halt_address) {
        atomic_fetch_add(&came_at_halt, 1);
    } else if (frame->rip == idle_after_halt_address && atomic_load(&went_back) == 0) {
        send_to_self(1);
        frame->rip = idle_halt_address;
        atomic_store(&went_back, 1);
    }
}

static void test_before_halt(void)
{
    if (!have_subject()) {
        return;
    }
    listen(go_back_to_halt);
    atomic_store(&went_back, 0);
    atomic_store(&came_at_halt, 0);
    start_halt(halt_at_passive_level);
    unsigned before = 0;
    while (atomic_load(&went_back) == 0 && before < MANY && atomic_load(&halted) == 0) {
        send_nmi(apic_subject());
        EXPECT(apic_await(&handled[apic_subject()], ++before));
    }
    if (!apic_await(&halted, 1)) {
        EXPECT(!"the wake-up was lost");
        lapic_send(arch_hardware_id(apic_subject()), LAPIC_FIXED | LAPIC_ASSERT | LATE_VECTOR);
    }
    work_await(apic_subject());
    if (atomic_load(&went_back) != 0) {
        EXPECT(apic_await(&handled[apic_subject()], before + 1));
        EXPECT(apic_await(&arrived, 1)); /* otherwise it would arrive after the hook is removed */
    }
    if (atomic_load(&came_at_halt) == 0) {
        apic_skip("no NMI arrived between STI and HLT");
    }
}

/* ---- two senders ---- */

/* None is lost: after each send, the sender sees the handling of an NMI that began later. */
static void send_each_awaited(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned before = atomic_load(&handled[1]);
        send_nmi(1);
        EXPECT(apic_await(&handled[1], before + 1));
    }
    await_late(1);
}

static void test_two_senders(void)
{
    if (processor_count < 3) {
        apic_skip("there are fewer than three processors");
        return;
    }
    listen(NULL);
    work_post(2, send_each_awaited, NULL);
    send_each_awaited(NULL);
    work_await(2);
    await_late(1);
    EXPECT(atomic_load(&handled[1]) >= ROUNDS);
    EXPECT(atomic_load(&handled[1]) <= 2 * ROUNDS);
}

const struct apic_check apic_nmi_checks[] = {
    { "nmi.unmaskable", "an NMI is taken with interrupts disabled, at HIGH_LEVEL",
      test_unmaskable },
    { "nmi.latched", "after several NMIs during the handling of one, exactly one follows",
      test_latched },
    { "nmi.hlt", "an NMI wakes a processor from HLT", test_halted },
    { "nmi.before-hlt", "an NMI between STI and HLT loses no wake-up by an interrupt",
      test_before_halt },
    { "nmi.two-senders", "when two processors send an NMI to a third, neither is lost",
      test_two_senders },
    { NULL, NULL, NULL },
};
