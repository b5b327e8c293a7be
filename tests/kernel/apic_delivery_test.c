/* SPDX-License-Identifier: MIT */
/*
 * Local APIC conformance: which interrupts are delivered, when, and in which order.
 */
#include "arch/x86_64/memory.h"
#include "tests/kernel/apic.h"

/* The arrivals since apic_listen(), in order; 0 ends the list. */
static void expect_arrivals(const unsigned *vectors)
{
    unsigned count = 0;

    while (vectors[count] != 0) {
        count++;
    }
    unsigned got = atomic_load_explicit(&apic_arrival_count, memory_order_acquire);
    EXPECT(got == count);
    for (unsigned i = 0; i < count && i < got && i < APIC_ARRIVALS; i++) {
        EXPECT(apic_arrivals[i].vector == vectors[i]);
    }
}

#define EXPECT_ARRIVALS(...) expect_arrivals((const unsigned[]){ __VA_ARGS__, 0 })

/* Each one is pending, and none is delivered, before the next one is sent. */
static void request_all(const unsigned *vectors)
{
    for (; *vectors != 0; vectors++) {
        apic_send_self(*vectors);
        EXPECT(apic_await_request(*vectors));
    }
}

#define REQUEST_ALL(...) request_all((const unsigned[]){ __VA_ARGS__, 0 })

/* ---- to oneself ---- */

static void test_self(void)
{
    apic_listen(NULL);
    apic_send_self(0x58);
    EXPECT(apic_await(&apic_arrival_count, 1));
    apic_fence();
    EXPECT_ARRIVALS(0x58, APIC_FENCE_VECTOR);
    apic_listen_end();
}

/* The registers at the entry of a handler. */
static void test_self_in_service(void)
{
    apic_listen(NULL);
    apic_send_self(0x58);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(apic_arrivals[0].in_service);
    EXPECT(!apic_arrivals[0].requested);
    EXPECT(apic_arrivals[0].priority == 5);
    apic_listen_end();
}

static void test_self_register(void)
{
    if (!lapic_is_x2apic()) {
        apic_skip("the processors are in xAPIC mode");
        return;
    }
    apic_listen(NULL);
    lapic->write(LAPIC_SELF_IPI, 0x59);
    EXPECT(apic_await(&apic_arrival_count, 1));
    apic_fence();
    EXPECT_ARRIVALS(0x59, APIC_FENCE_VECTOR);
    apic_listen_end();
}

/* ---- priority classes ---- */

static void test_held_back(void)
{
    unsigned old_irql = irql_set(12);

    apic_listen(NULL);
    REQUEST_ALL(0x38, 0x98, 0xc8);
    EXPECT(atomic_load(&apic_arrival_count) == 0);
    arch_irql_write(9);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT_ARRIVALS(0xc8);
    EXPECT(apic_bit(LAPIC_IRR, 0x98) && apic_bit(LAPIC_IRR, 0x38));
    arch_irql_write(8);
    EXPECT(apic_await(&apic_arrival_count, 2));
    arch_irql_write(3);
    EXPECT_ARRIVALS(0xc8, 0x98);
    EXPECT(apic_bit(LAPIC_IRR, 0x38));
    irql_lower(old_irql);
    EXPECT(apic_await(&apic_arrival_count, 3));
    EXPECT_ARRIVALS(0xc8, 0x98, 0x38);
    apic_listen_end();
}

static void test_order(void)
{
    uintptr_t interrupts = arch_interrupts_save();

    apic_listen(NULL);
    REQUEST_ALL(0x38, 0x92, 0xd8, 0x9a, 0x58, 0x96);
    EXPECT(atomic_load(&apic_arrival_count) == 0);
    arch_interrupts_restore(interrupts);
    EXPECT(apic_await(&apic_arrival_count, 6));
    EXPECT_ARRIVALS(0xd8, 0x9a, 0x96, 0x92, 0x58, 0x38);
    apic_listen_end();
}

/*
 * The handler of 0x58 enables interrupts before it ends its own. Once two of higher classes have
 * arrived, one after the other, those that must wait have had their chance.
 */
static void let_others_in(unsigned vector)
{
    if (vector != 0x58) {
        return;
    }
    REQUEST_ALL(0x38, 0x5c);
    arch_interrupts_enable();
    apic_send_self(0x98);
    EXPECT(apic_await(&apic_arrival_count, 2));
    apic_send_self(0xa8);
    EXPECT(apic_await(&apic_arrival_count, 3));
    arch_interrupts_disable();
}

static void test_nesting(void)
{
    apic_listen(let_others_in);
    apic_send_self(0x58);
    EXPECT(apic_await(&apic_arrival_count, 5));
    EXPECT_ARRIVALS(0x58, 0x98, 0xa8, 0x5c, 0x38);
    apic_listen_end();
}

/* ---- end of interrupt ---- */

static bool ended_highest_first;

static void nest_and_end(unsigned vector)
{
    if (vector == 0x58) {
        apic_send_self(0x98);
        arch_interrupts_enable();
        EXPECT(apic_await(&apic_arrival_count, 2));
        arch_interrupts_disable();
        return;
    }
    bool both = apic_bit(LAPIC_ISR, 0x58) && apic_bit(LAPIC_ISR, 0x98);
    arch_end_of_interrupt();
    bool one = apic_bit(LAPIC_ISR, 0x58) && !apic_bit(LAPIC_ISR, 0x98);
    arch_end_of_interrupt();
    ended_highest_first = both && one && !apic_bit(LAPIC_ISR, 0x58);
}

static void test_end(void)
{
    ended_highest_first = false;
    apic_listen(nest_and_end);
    apic_send_self(0x58);
    EXPECT(apic_await(&apic_arrival_count, 2));
    apic_listen_end();
    EXPECT(ended_highest_first);
}

/* With no interrupt in service it has no effect. */
static void test_end_of_nothing(void)
{
    arch_end_of_interrupt();
    EXPECT(lapic->read(LAPIC_PPR) >> 4 == 0);
    test_self();
}

/* ---- one pending and one in service ---- */

#define MANY 5

static void test_merging(void)
{
    uintptr_t interrupts = arch_interrupts_save();

    apic_listen(NULL);
    for (unsigned i = 0; i < MANY; i++) {
        REQUEST_ALL(0x68);
    }
    arch_interrupts_restore(interrupts);
    EXPECT(apic_await(&apic_arrival_count, 1));
    apic_fence();
    EXPECT_ARRIVALS(0x68, APIC_FENCE_VECTOR);
    apic_listen_end();
}

static void send_while_in_service(unsigned vector)
{
    for (unsigned i = 0; vector == 0x68 && atomic_load(&apic_arrival_count) == 1 && i < MANY; i++) {
        REQUEST_ALL(0x68);
    }
}

static void test_one_pending_one_in_service(void)
{
    apic_listen(send_while_in_service);
    apic_send_self(0x68);
    EXPECT(apic_await(&apic_arrival_count, 2));
    apic_fence();
    EXPECT_ARRIVALS(0x68, 0x68, APIC_FENCE_VECTOR);
    apic_listen_end();
}

/* ---- from another processor ---- */

static void send_to_subject(uint32_t message)
{
    lapic_send(arch_hardware_id(apic_subject()), LAPIC_ASSERT | message);
}

static bool have_subject(void)
{
    if (apic_subject() == 0) {
        apic_skip("there is no other processor");
        return false;
    }
    return true;
}

static void test_from_other(void)
{
    if (!have_subject()) {
        return;
    }
    apic_listen(NULL);
    send_to_subject(LAPIC_FIXED | 0x78);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(apic_arrivals[0].vector == 0x78);
    apic_listen_end();
}

static void test_other_in_service(void)
{
    if (!have_subject()) {
        return;
    }
    apic_listen(NULL);
    send_to_subject(LAPIC_FIXED | 0x78);
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(apic_arrivals[0].in_service);
    EXPECT(!apic_arrivals[0].requested);
    EXPECT(apic_arrivals[0].priority == 7);
    apic_listen_end();
}

#define HALTS 50
static _Atomic unsigned halting, halted;

static void halt_repeatedly(void *argument)
{
    (void)argument;
    for (unsigned i = 1; i <= HALTS; i++) {
        arch_interrupts_disable();
        atomic_store(&halting, i);
        arch_idle();
        arch_interrupts_enable();
        atomic_store(&halted, i);
    }
}

static void test_halted(void)
{
    if (!have_subject()) {
        return;
    }
    apic_listen(NULL);
    atomic_store(&halting, 0);
    atomic_store(&halted, 0);
    work_post(apic_subject(), halt_repeatedly, NULL);
    for (unsigned i = 1; i <= HALTS; i++) {
        EXPECT(apic_await(&halting, i));
        send_to_subject(LAPIC_FIXED | 0x78);
        EXPECT(apic_await(&halted, i));
    }
    work_await(apic_subject());
    EXPECT(atomic_load(&apic_arrival_count) == HALTS);
    apic_listen_end();
}

/* ---- a start-up message to a running processor ---- */

static _Atomic unsigned turns, told;

static void turn_until_told(void *argument)
{
    (void)argument;
    while (atomic_load(&told) == 0) {
        atomic_fetch_add(&turns, 1);
        arch_relax();
    }
}

static void test_startup_ignored(void)
{
    if (!have_subject()) {
        return;
    }
    atomic_store(&turns, 0);
    atomic_store(&told, 0);
    apic_listen(NULL);
    work_post(apic_subject(), turn_until_told, NULL);
    EXPECT(apic_await(&turns, 1));
    send_to_subject(LAPIC_STARTUP | (uint32_t)(memory_low_page_phys() >> 12));
    send_to_subject(LAPIC_FIXED | 0x78); /* after it, in the same way */
    EXPECT(apic_await(&apic_arrival_count, 1));
    EXPECT(apic_await(&turns, atomic_load(&turns) + 10));
    atomic_store(&told, 1);
    work_await(apic_subject());
    apic_listen_end();
}

const struct apic_check apic_delivery_checks[] = {
    { "self", "a message to oneself by shorthand arrives once", test_self },
    { "self.register", "a message to oneself by the SELF IPI register arrives once",
      test_self_register },
    { "priority.held-back", "the TPR holds classes back, and releases them by class",
      test_held_back },
    { "priority.order", "pending interrupts are delivered from the highest vector down",
      test_order },
    { "priority.nesting", "only a higher class interrupts the one in service", test_nesting },
    { "eoi.order", "EOI ends the in-service interrupt of the highest class", test_end },
    { "eoi.nothing", "EOI with no interrupt in service has no effect", test_end_of_nothing },
    { "merging.pending", "a message merges with a pending one of the same vector", test_merging },
    { "merging.service", "a vector can be in service once and pending once",
      test_one_pending_one_in_service },
    { "fixed", "another processor's message arrives", test_from_other },
    { "service.self", "in its handler, one's own message is in service and not requested",
      test_self_in_service },
    { "service.fixed",
      "in its handler, another processor's message is in service and not requested",
      test_other_in_service },
    { "hlt.fixed", "a message wakes a processor from HLT, every time", test_halted },
    { "startup.ignored", "a running processor ignores a start-up message", test_startup_ignored },
    { NULL, NULL, NULL },
};
