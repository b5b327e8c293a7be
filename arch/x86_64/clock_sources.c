/* SPDX-License-Identifier: MIT */
/*
 * Where the rate of the time stamp counter comes from.
 *
 * CPUID leaf 0x15 describes the crystal that the time stamp counter is derived from. Leaf 0x16 is
 * not used: its frequency is the nominal one, which is a percent off, and wrong on overclocked
 * processors. A hypervisor states the rate in a leaf of its own. Other hypervisors use that number
 * for something else, so the signature is checked first. Then come counters: the HPET, the ACPI
 * power management timer, and last channel 2 of the 8254, since it wraps after 55 ms, takes three
 * accesses per reading, and stands still on many newer machines.
 *
 * Source: Intel SDM vol. 2A, "CPUID"; VMware, "Mechanisms to determine if software is running in a
 * VMware virtual machine"; IA-PC HPET Specification 1.0a, "Memory Mapped Registers"; ACPI 6.5,
 * "Power Management Timer"; Intel 8254 data sheet, "Mode 2", "Counter Latch Command".
 */
#include "arch/x86_64/clock_sources.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/paging.h"
#include "lib/string.h"

/* ---- statements ---- */

#define CPUID_CRYSTAL         0x15
#define CPUID_HYPERVISOR_TIME 0x40000010 /* EAX: kHz of the time stamp counter */
#define VENDOR_INTEL          0x756e6547 /* "Genu" in EBX of leaf 0 */

static uint64_t crystal_khz(void)
{
    struct cpuid basic = cpu_id(0, 0);

    if (basic.eax < CPUID_CRYSTAL) {
        return 0;
    }
    struct cpuid id = cpu_id(CPUID_CRYSTAL, 0);
    return clock_crystal_khz(id.eax, id.ebx, id.ecx,
                             basic.ebx == VENDOR_INTEL ? cpu_id(1, 0).eax : 0);
}

static uint64_t hypervisor_khz(void)
{
    const char *signature = cpu_hypervisor_signature();
    bool known = strcmp(signature, "VMwareVMware") == 0 || strcmp(signature, "KVMKVMKVM") == 0;

    if (!known || cpu_id(CPUID_HYPERVISOR, 0).eax < CPUID_HYPERVISOR_TIME) {
        return 0;
    }
    uint64_t khz = cpu_id(CPUID_HYPERVISOR_TIME, 0).eax;
    return clock_is_plausible(khz) ? khz : 0;
}

const struct clock_statement clock_statements[CLOCK_STATEMENTS] = {
    { "CPUID", crystal_khz },
    { "the hypervisor", hypervisor_khz },
};

/*
 * Loads from a device register. The load completes before a following instruction can read the
 * time stamp counter.
 */
static uint32_t read_register(uint64_t address)
{
    uint32_t value = mmio_read32(address);
    __asm__ volatile("lfence" : : : "memory");
    return value;
}

/* ---- HPET ---- */

enum hpet_register {
    HPET_ID = 0x000,
    HPET_PERIOD = 0x004, /* femtoseconds per count */
    HPET_CONFIG = 0x010,
    HPET_COUNTER = 0x0f0,
    HPET_REGISTERS = 0x400, /* bytes */
};
#define HPET_ENABLE     1u
#define HPET_PERIOD_MIN 1000000ull   /* 1 GHz: the most that clock_counter allows */
#define HPET_PERIOD_MAX 100000000ull /* 10 MHz: the slowest that the standard allows */
#define FEMTOSECONDS    1000000000000000ull

static uint32_t hpet_old_config;

static uint32_t read_hpet(const struct clock_counter *counter)
{
    return read_register(counter->address + HPET_COUNTER);
}

static bool start_hpet(const struct firmware *firmware, struct clock_counter *counter)
{
    uintptr_t base =
        firmware->hpet_phys == 0 ? 0 : paging_map_device(firmware->hpet_phys, HPET_REGISTERS);
    if (base == 0 || mmio_read32(base + HPET_ID) == 0) {
        return false;
    }
    uint64_t period = mmio_read32(base + HPET_PERIOD);
    if (period < HPET_PERIOD_MIN || period > HPET_PERIOD_MAX) {
        return false; /* this includes all ones: no device answers */
    }
    *counter = (struct clock_counter){ FEMTOSECONDS / period, 32, read_hpet, base };
    hpet_old_config = mmio_read32(base + HPET_CONFIG);
    mmio_write32(base + HPET_CONFIG, hpet_old_config | HPET_ENABLE);
    return true;
}

static void stop_hpet(const struct clock_counter *counter)
{
    mmio_write32(counter->address + HPET_CONFIG, hpet_old_config);
}

/* ---- ACPI power management timer ---- */

#define PM_TIMER_HZ        3579545
#define PM_TIMER_PLAUSIBLE 1024 /* counts between two readings: 286 us */
#define PM_TIMER_READS     8

static uint32_t read_pm_port(const struct clock_counter *counter)
{
    return cpu_in32((uint16_t)counter->address);
}

static uint32_t read_pm_memory(const struct clock_counter *counter)
{
    return read_register(counter->address);
}

/*
 * Some chipsets do not latch the counter: a reading is accepted only if it is slightly ahead of the
 * one before.
 */
static uint32_t read_pm_twice(const struct clock_counter *counter,
                              uint32_t (*read)(const struct clock_counter *))
{
    uint32_t mask = counter->bits == 32 ? UINT32_MAX : (1u << counter->bits) - 1;
    uint32_t last = read(counter);

    for (unsigned i = 0; i < PM_TIMER_READS; i++) {
        uint32_t now = read(counter);
        if (((now - last) & mask) < PM_TIMER_PLAUSIBLE) {
            return now;
        }
        last = now;
    }
    return last;
}

static uint32_t read_pm_timer_port(const struct clock_counter *counter)
{
    return read_pm_twice(counter, read_pm_port);
}

static uint32_t read_pm_timer_memory(const struct clock_counter *counter)
{
    return read_pm_twice(counter, read_pm_memory);
}

static bool start_pm_timer(const struct firmware *firmware, struct clock_counter *counter)
{
    const struct acpi_register *reg = &firmware->pm_timer.counter;

    *counter = (struct clock_counter){ .hz = PM_TIMER_HZ, .bits = firmware->pm_timer.bits };
    if (reg->space == ACPI_SPACE_PORT) {
        counter->address = reg->address;
        counter->read = read_pm_timer_port;
    } else if (reg->space == ACPI_SPACE_MEMORY) {
        counter->address = paging_map_device(reg->address, sizeof(uint32_t));
        counter->read = read_pm_timer_memory;
    }
    return counter->address != 0;
}

static void leave_running(const struct clock_counter *counter)
{
    (void)counter;
}

/* ---- 8254, channel 2: its output drives only the speaker ---- */

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND   0x43
#define PIT_RATE      0xb4 /* channel 2, low byte then high byte, mode 2: 65536 down, repeating */
#define PIT_LATCH     0x80 /* channel 2 */
#define PIT_GATE      0x61 /* bit 0 gate of channel 2, bit 1 speaker */
#define PIT_HZ        1193182

static uint8_t pit_old_gate;

static uint32_t read_pit(const struct clock_counter *counter)
{
    (void)counter;
    cpu_out8(PIT_COMMAND, PIT_LATCH);
    uint32_t low = cpu_in8(PIT_CHANNEL_2);
    uint32_t down = (uint32_t)cpu_in8(PIT_CHANNEL_2) << 8 | low;
    return -down & 0xffff;
}

static bool start_pit(const struct firmware *firmware, struct clock_counter *counter)
{
    (void)firmware;
    pit_old_gate = cpu_in8(PIT_GATE);
    cpu_out8(PIT_GATE, (pit_old_gate & ~3) | 1);
    cpu_out8(PIT_COMMAND, PIT_RATE);
    cpu_out8(PIT_CHANNEL_2, 0);
    cpu_out8(PIT_CHANNEL_2, 0);
    *counter = (struct clock_counter){ .hz = PIT_HZ, .bits = 16, .read = read_pit };
    return true;
}

static void stop_pit(const struct clock_counter *counter)
{
    (void)counter;
    cpu_out8(PIT_GATE, pit_old_gate);
}

const struct clock_yardstick clock_yardsticks[CLOCK_YARDSTICKS] = {
    { "HPET", start_hpet, stop_hpet },
    { "ACPI PM timer", start_pm_timer, leave_running },
    { "PIT", start_pit, stop_pit },
};
