/* SPDX-License-Identifier: MIT */
/*
 * The choice of the local APIC's mode, and how each mode sends, on an APIC made of variables. It
 * checks each step between modes against the SDM's diagram, and records what was written. "#GP"
 * ends a test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/lapic_registers.h"
#include "kernel/console/log.h"

extern uintptr_t lapic_mmio;

#define MMIO_BASE  0x7000
#define XAPIC_ON   (0xfee00000 | APIC_BASE_BSP | APIC_BASE_ENABLE)
#define X2APIC_ON  (XAPIC_ON | APIC_BASE_X2APIC)
#define ALL_OFF    (0xfee00000 | APIC_BASE_BSP)
#define MODE_BITS  (APIC_BASE_ENABLE | APIC_BASE_X2APIC)
#define MSR_X2_ICR 0x830
#define MSR_X2_ID  0x802

/* ---- the machine ---- */

static uint64_t apic_base;
static unsigned steps; /* changes of mode */
static bool has_x2apic, orders_writes;
static unsigned busy_reads; /* how many more reads will see the busy bit */

static struct sent {
    uint64_t value;
    uint32_t where; /* an offset of the page, or an MSR */
    bool fenced;
} sent[8];
static unsigned sent_count;
static bool fenced;
static bool interrupts_on;

static char last_line[256];
static struct firmware firmware;
static uint64_t ticks;

struct cpuid cpu_id(uint32_t leaf, uint32_t subleaf)
{
    (void)subleaf;
    return (struct cpuid){ .ecx = leaf == 1 && has_x2apic ? 1u << 21 : 0 };
}

bool cpu_orders_x2apic_writes(void)
{
    return orders_writes;
}

void cpu_fence_before_message(void)
{
    fenced = true;
}

uint64_t cpu_read_msr(uint32_t msr)
{
    if (msr == MSR_APIC_BASE) {
        return apic_base;
    }
    if ((apic_base & MODE_BITS) != MODE_BITS) {
        fail_msg("#GP: MSR %#x read in xAPIC mode", msr);
    }
    return msr == MSR_X2_ID ? 0x123 : 0;
}

static void write_apic_base(uint64_t value)
{
    uint64_t from = apic_base & MODE_BITS, to = value & MODE_BITS;
    bool legal = from == to || (from == 0 && to == APIC_BASE_ENABLE) ||
                 (from == APIC_BASE_ENABLE && to == MODE_BITS && has_x2apic);

    if (!legal) {
        fail_msg("#GP: IA32_APIC_BASE from %#llx to %#llx", (unsigned long long)from,
                 (unsigned long long)to);
    }
    assert_true((value & ~(uint64_t)MODE_BITS) == (apic_base & ~(uint64_t)MODE_BITS));
    steps += from != to;
    apic_base = value;
}

static void keep(uint32_t where, uint64_t value)
{
    assert_true(sent_count < 8);
    sent[sent_count++] = (struct sent){ value, where, fenced };
}

void cpu_write_msr(uint32_t msr, uint64_t value)
{
    if (msr == MSR_APIC_BASE) {
        write_apic_base(value);
        return;
    }
    if ((apic_base & MODE_BITS) != MODE_BITS) {
        fail_msg("#GP: MSR %#x written in xAPIC mode", msr);
    }
    keep(msr, value);
}

uint32_t mmio_read32(uintptr_t address)
{
    assert_true((apic_base & MODE_BITS) == APIC_BASE_ENABLE); /* in x2APIC mode the page is gone */
    if (address == MMIO_BASE + LAPIC_ICR_LOW && busy_reads != 0) {
        busy_reads--;
        return 0x1000;
    }
    return 0;
}

void mmio_write32(uintptr_t address, uint32_t value)
{
    assert_true((apic_base & MODE_BITS) == APIC_BASE_ENABLE);
    assert_false(interrupts_on); /* both halves of the ICR belong to one sender */
    keep((uint32_t)(address - MMIO_BASE), value);
}

uintptr_t paging_map_device(uint64_t phys, size_t size)
{
    assert_true(phys == (apic_base & ~0xfffull) && size == 4096);
    return MMIO_BASE;
}

const struct firmware *firmware_get(void)
{
    return &firmware;
}

void log_line(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(last_line, sizeof(last_line), format, list);
    va_end(list);
}

uint64_t arch_ticks_per_ms(void)
{
    return 1000;
}

uint64_t sim_ticks(void)
{
    return ticks += 100;
}

void sim_relax(void)
{
}

uintptr_t sim_interrupts_save(void)
{
    bool were_on = interrupts_on;
    interrupts_on = false;
    return were_on;
}

void sim_interrupts_write(bool enabled)
{
    interrupts_on = enabled;
}

/* ---- the tests ---- */

static void boot(uint64_t base)
{
    apic_base = base;
    has_x2apic = true;
    orders_writes = fenced = false;
    steps = sent_count = busy_reads = 0;
    interrupts_on = true;
    last_line[0] = '\0';
    firmware = (struct firmware){ .processor_count = 2, .apic_ids = { 0, 254 } };
    assert_int_equal(lapic_start_boot(), 0);
}

static void boot_and_choose(uint64_t base)
{
    boot(base);
    lapic_choose_mode();
}

static void xapic_stays_when_every_id_fits(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    assert_int_equal(steps, 0);
    assert_false(lapic_is_x2apic());
    assert_true(lapic_can_reach(254));
    assert_false(lapic_can_reach(255));
    assert_string_equal(lapic->name, "xapic");
}

static void x2apic_stays_though_every_id_fits(void **state)
{
    (void)state;
    boot(X2APIC_ON);
    firmware.x2apic_opt_out = true; /* forbids only the step up */
    lapic_choose_mode();
    assert_int_equal(steps, 0);
    assert_true(lapic_is_x2apic());
    assert_true(lapic_can_reach(0x12345));
    assert_string_equal(last_line, "");
}

static void a_disabled_one_is_switched_on(void **state)
{
    (void)state;
    boot_and_choose(ALL_OFF);
    assert_true(apic_base == XAPIC_ON);
    assert_false(lapic_is_x2apic());
}

static void its_page_may_lie_anywhere(void **state)
{
    (void)state;
    boot_and_choose(0xffedcfee00000 | APIC_BASE_BSP | APIC_BASE_ENABLE);
    assert_true(lapic_mmio == MMIO_BASE);
}

static void an_id_of_255_needs_x2apic(void **state)
{
    (void)state;
    boot(XAPIC_ON);
    firmware.apic_ids[1] = 255;
    lapic_choose_mode();
    assert_true(apic_base == X2APIC_ON);
    assert_true(lapic_is_x2apic());
    assert_true(lapic_mmio == 0); /* for the trampoline */
    assert_true(lapic_can_reach(255));
}

static void no_step_where_the_processor_has_none(void **state)
{
    (void)state;
    boot(XAPIC_ON);
    firmware.apic_ids[1] = 300;
    has_x2apic = false;
    lapic_choose_mode();
    assert_int_equal(steps, 0);
    assert_non_null(strstr(last_line, "the processor does not have it"));
    assert_false(lapic_can_reach(300));
}

static void no_step_where_firmware_opts_out(void **state)
{
    (void)state;
    boot(XAPIC_ON);
    firmware.apic_ids[1] = 300;
    firmware.x2apic_opt_out = true;
    lapic_choose_mode();
    assert_int_equal(steps, 0);
    assert_non_null(strstr(last_line, "opts out"));
}

static void later_processors_join_xapic(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    apic_base = ALL_OFF;
    assert_int_equal(lapic_join_mode(), 0);
    assert_true(apic_base == XAPIC_ON);
}

static void later_processors_join_x2apic_by_legal_steps(void **state)
{
    static const uint64_t found[] = { ALL_OFF, XAPIC_ON, X2APIC_ON };
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        boot_and_choose(X2APIC_ON);
        apic_base = found[i];
        assert_int_equal(lapic_join_mode(), 0);
        assert_true(apic_base == X2APIC_ON);
    }
}

static void nobody_is_taken_down(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    apic_base = X2APIC_ON;
    assert_int_equal(lapic_join_mode(), -1);
    assert_true(apic_base == X2APIC_ON);
}

static void xapic_sends_destination_then_command(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    lapic->send(7, LAPIC_NMI | LAPIC_ASSERT);
    assert_int_equal(sent_count, 2);
    assert_int_equal(sent[0].where, LAPIC_ICR_HIGH);
    assert_int_equal(sent[0].value, 7 << 24);
    assert_int_equal(sent[1].where, LAPIC_ICR_LOW);
    assert_int_equal(sent[1].value, LAPIC_NMI | LAPIC_ASSERT);
}

static void xapic_shorthand_is_one_write(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    lapic->send(0, 0xe1 | LAPIC_TO_OTHERS);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].where, LAPIC_ICR_LOW);
}

static void xapic_waits_for_the_last_message(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    busy_reads = 5;
    lapic->send(7, 0xe1);
    assert_int_equal(busy_reads, 0);
    assert_int_equal(sent_count, 2);
    assert_true(interrupts_on);
    assert_string_equal(last_line, "");
}

static void xapic_busy_for_ever_is_given_up(void **state)
{
    (void)state;
    boot_and_choose(XAPIC_ON);
    busy_reads = UINT32_MAX;
    lapic->send(7, 0xe1);
    assert_int_equal(sent_count, 0);
    assert_true(interrupts_on);
    assert_non_null(strstr(last_line, "busy"));
}

static void x2apic_sends_by_one_fenced_write(void **state)
{
    (void)state;
    boot_and_choose(X2APIC_ON);
    lapic->send(0x123, LAPIC_INIT | LAPIC_ASSERT);
    lapic->send(0x123, 0xe1 | LAPIC_TO_OTHERS);
    assert_int_equal(sent_count, 2);
    assert_int_equal(sent[0].where, MSR_X2_ICR);
    assert_true(sent[0].value == (0x123ull << 32 | LAPIC_INIT | LAPIC_ASSERT));
    assert_true(sent[0].fenced);
    assert_true(sent[1].value == (0xe1 | LAPIC_TO_OTHERS)); /* no destination with a shorthand */
}

static void x2apic_needs_no_fence_where_writes_are_ordered(void **state)
{
    (void)state;
    boot(ALL_OFF);
    apic_base = X2APIC_ON;
    orders_writes = true;
    assert_int_equal(lapic_start_boot(), 0);
    lapic->send(1, 0xe1);
    assert_int_equal(sent_count, 1);
    assert_false(sent[0].fenced);
}

static void clusters_have_16_members(void **state)
{
    (void)state;
    assert_int_equal(lapic_cluster_destination(0), 0x00000001);
    assert_int_equal(lapic_cluster_destination(15), 0x00008000);
    assert_int_equal(lapic_cluster_destination(16), 0x00010001);
    assert_int_equal(lapic_cluster_destination(0x123), 0x00120008);
}

/* Must be the last test: the user's request cannot be withdrawn. */
static void the_users_word_is_enough(void **state)
{
    (void)state;
    lapic_ask_for_x2apic();
    boot_and_choose(XAPIC_ON);
    assert_true(apic_base == X2APIC_ON);
    boot(XAPIC_ON);
    firmware.x2apic_opt_out = true;
    lapic_choose_mode();
    assert_true(apic_base == XAPIC_ON);
    assert_non_null(strstr(last_line, "opts out"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xapic_stays_when_every_id_fits),
        cmocka_unit_test(x2apic_stays_though_every_id_fits),
        cmocka_unit_test(a_disabled_one_is_switched_on),
        cmocka_unit_test(its_page_may_lie_anywhere),
        cmocka_unit_test(an_id_of_255_needs_x2apic),
        cmocka_unit_test(no_step_where_the_processor_has_none),
        cmocka_unit_test(no_step_where_firmware_opts_out),
        cmocka_unit_test(later_processors_join_xapic),
        cmocka_unit_test(later_processors_join_x2apic_by_legal_steps),
        cmocka_unit_test(nobody_is_taken_down),
        cmocka_unit_test(xapic_sends_destination_then_command),
        cmocka_unit_test(xapic_shorthand_is_one_write),
        cmocka_unit_test(xapic_waits_for_the_last_message),
        cmocka_unit_test(xapic_busy_for_ever_is_given_up),
        cmocka_unit_test(x2apic_sends_by_one_fenced_write),
        cmocka_unit_test(x2apic_needs_no_fence_where_writes_are_ordered),
        cmocka_unit_test(clusters_have_16_members),
        cmocka_unit_test(the_users_word_is_enough),
    };
    return cmocka_run_group_tests_name("lapic_mode", tests, NULL, NULL);
}
