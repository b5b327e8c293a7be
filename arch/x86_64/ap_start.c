/* SPDX-License-Identifier: MIT */
/*
 * Starting the application processors, all at once.
 *
 * The sequence. One INIT to all others, one wait, one STARTUP to all others. A while later, each
 * processor that has not claimed its slot is sent a second STARTUP of its own; a processor that is
 * already running ignores it. If a listed processor has no slot (`maxcpus=`, an id out of reach),
 * the messages go to the others one by one: a broadcast would start that processor too, and in
 * xAPIC mode a processor with id 257 would find the slot of id 1.
 *
 * Each processor finds its slot by APIC id, claims it, loads its own stack and descriptors, sets up
 * its APIC and checks in. Nothing is shared on the way, so any number of processors can do this at
 * the same time. The boot processor assigns the indices only after the bring-up is over, in the
 * order of the firmware's list. An index means that the processor is live: one that is counted too
 * early hangs the first call.
 *
 * Restarting. A stopped processor is started again by the same sequence, sent to it alone, while
 * the others run. INIT takes it out of its halt, wherever that is, and discards whatever is pending
 * at its APIC. Only then does its slot become STARTING again, so that an earlier start that was
 * late cannot claim the slot. The processor keeps its slot, stacks and index.
 *
 * Deadline. It counts from the last arrival. A processor that has not arrived by then is abandoned
 * and reported, with how far it got (clause B8). It may still arrive later. So the trampoline page
 * is never reused, and its gate (ap_trampoline.S) is open only while a processor is being started:
 * no other STARTUP, from any sender, can lead into the kernel.
 *
 * The trampoline page is first filled with HLT: a processor that starts at a wrong offset stops
 * there. The page is written through the physical window, and executed through page tables that map
 * it read-only.
 *
 * Source: Intel SDM vol. 3A, "Multiple-Processor (MP) Initialization".
 */
#include "arch/x86_64/ap_start.h"

#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/ipi.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "kernel/entry.h"
#include "kernel/upcall.h"
#include "lib/string.h"

#define INIT_TO_STARTUP_US 200 /* 10 suffice on known machines; one wait for all is cheap */
#define SECOND_STARTUP_US  10000
#define OPCODE_HLT         0xf4

/* Read by the trampoline. */
struct ap_slot *ap_slots;
uint32_t ap_slot_count;
uint64_t ap_kernel_root;

static uint64_t page_phys; /* the trampoline's */
static bool all_started;

bool ap_start_all_started(void)
{
    return all_started;
}

/* ---- the application processor ---- */

static bool slot_move(struct ap_slot *slot, enum ap_state from, enum ap_state to)
{
    uint32_t expected = from;
    return atomic_compare_exchange_strong(&slot->state, &expected, to);
}

static enum ap_state slot_state(const struct ap_slot *slot)
{
    return atomic_load_explicit(&slot->state, memory_order_acquire);
}

_Noreturn void ap_main(struct ap_slot *slot);

_Noreturn void ap_main(struct ap_slot *slot)
{
    cpu_start();
    descriptors_load(slot->percpu);
    enum ap_state result = lapic_start() == 0 ? AP_CHECKED_IN : AP_MISFIT;
    if (!slot_move(slot, AP_CLAIMED, result) || result == AP_MISFIT) {
        arch_stop();
    }
    processor_main(slot->percpu->processor);
}

/* ---- the boot processor ---- */

/* A field of the copied trampoline, by its label. */
static void set_field(const char *label, uint32_t value)
{
    extern const char ap_trampoline_start[];
    memcpy((char *)memory_view(page_phys) + (label - ap_trampoline_start), &value, sizeof(value));
}

static int prepare_trampoline(void)
{
    extern const char ap_trampoline_start[], ap_trampoline_end[], ap_trampoline_long[];
    extern const char ap_trampoline_gdt_base[], ap_trampoline_far[];
    extern const char ap_trampoline_root[], ap_trampoline_efer[];

    page_phys = memory_low_page_phys();
    uint64_t root_phys = page_phys == 0 ? 0 : paging_create_trampoline_root(page_phys);
    if (root_phys == 0) {
        log_line("no usable memory below 1 MiB: the other processors cannot be started");
        return -1;
    }
    char *page = memory_view(page_phys);
    uint32_t gdt_base;
    memset(page, OPCODE_HLT, PAGE_BYTES);
    memcpy(page, ap_trampoline_start, (size_t)(ap_trampoline_end - ap_trampoline_start));
    memcpy(&gdt_base, ap_trampoline_gdt_base, sizeof(gdt_base));
    set_field(ap_trampoline_gdt_base, gdt_base + (uint32_t)page_phys);
    set_field(ap_trampoline_far,
              (uint32_t)(page_phys + (uint64_t)(ap_trampoline_long - ap_trampoline_start)));
    set_field(ap_trampoline_root, (uint32_t)root_phys);
    set_field(ap_trampoline_efer, (uint32_t)cpu_read_msr(MSR_EFER) & (EFER_LME | EFER_NXE));
    ap_kernel_root = paging_root_phys();
    return 0;
}

/* The processors that are being started: all slots, or one. */
struct group {
    struct ap_slot *slots;
    unsigned count;
};

extern const char ap_trampoline_gate[], ap_trampoline_parked[], ap_trampoline_open[];

static void set_gate(const char *label)
{
    extern const char ap_trampoline_start[];
    char *page = memory_view(page_phys);
    _Atomic uint16_t *gate =
        (_Atomic uint16_t *)(page + (ap_trampoline_gate - ap_trampoline_start));

    /* release: the slots show which processors are expected before the gate opens */
    atomic_store_explicit(gate, (uint16_t)(label - ap_trampoline_parked), memory_order_release);
}

/* One slot for each listed processor except this one; those beyond `limit` are left alone. */
static unsigned create_slots(const struct firmware *firmware, unsigned limit)
{
    const size_t size = firmware->processor_count * sizeof(struct ap_slot);
    uint32_t self = lapic_id();

    ap_slots = arch_allocate_pages(size);
    if (ap_slots != NULL) {
        memset(ap_slots, AP_IDLE, size);
    }
    for (unsigned i = 0; i < firmware->processor_count && ap_slots != NULL; i++) {
        uint32_t apic_id = firmware->apic_ids[i];
        if (apic_id == self || ap_slot_count + 1 >= limit) {
            continue;
        }
        if (!lapic_can_reach(apic_id)) {
            log_line("processor with APIC id %u: out of reach in xAPIC mode", apic_id);
            continue;
        }
        struct percpu *percpu = percpu_create();
        if (percpu == NULL) {
            log_line("no memory for the processor with APIC id %u and those after it", apic_id);
            break;
        }
        ap_slots[ap_slot_count].apic_id = apic_id;
        ap_slots[ap_slot_count].percpu = percpu;
        atomic_store_explicit(&ap_slots[ap_slot_count].state, AP_STARTING, memory_order_release);
        ap_slot_count++;
    }
    return ap_slot_count;
}

static void send_to_all(uint32_t message, bool broadcast)
{
    if (broadcast) {
        lapic_send(0, message | LAPIC_TO_OTHERS);
        return;
    }
    for (unsigned i = 0; i < ap_slot_count; i++) {
        lapic_send(ap_slots[i].apic_id, message);
    }
}

static unsigned count_in_state(const struct group *group, enum ap_state state)
{
    unsigned count = 0;
    for (unsigned i = 0; i < group->count; i++) {
        count += slot_state(&group->slots[i]) == state;
    }
    return count;
}

static uint32_t startup_message(void)
{
    return LAPIC_STARTUP | LAPIC_ASSERT | (uint32_t)(page_phys >> 12);
}

/* Where messages to it go: a test may misdirect the messages to a processor (ipi.h). */
static uint32_t destination_of(const struct ap_slot *slot)
{
    unsigned index = slot->percpu->index;
    return index == PROCESSOR_UNNUMBERED ? slot->apic_id : ipi_apic_ids[index];
}

static void send_second_startup(const struct group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        if (slot_state(&group->slots[i]) == AP_STARTING) {
            lapic_send(destination_of(&group->slots[i]), startup_message());
        }
    }
}

/* Waits for all, or until none arrives for `timeout_ms`. Returns the time of the last arrival. */
static uint64_t await_arrivals(const struct group *group, uint32_t timeout_ms)
{
    uint64_t last_ticks = arch_ticks();
    uint64_t second_ticks = last_ticks + SECOND_STARTUP_US * arch_ticks_per_ms() / 1000;
    unsigned arrived = 0;

    while (arrived < group->count && arch_ticks() - last_ticks < timeout_ms * arch_ticks_per_ms()) {
        unsigned now = count_in_state(group, AP_CHECKED_IN) + count_in_state(group, AP_MISFIT);
        if (now != arrived) {
            arrived = now;
            last_ticks = arch_ticks();
        }
        if (second_ticks != 0 && arch_ticks() > second_ticks) {
            send_second_startup(group);
            second_ticks = 0;
        }
        wait_machine_pass(); /* others may call while a processor is being restarted (C1) */
    }
    return last_ticks;
}

/* Has it arrived? If not, it is abandoned and reported (B8). */
static bool settle(struct ap_slot *slot)
{
    if (slot_move(slot, AP_STARTING, AP_ABANDONED)) {
        log_line("processor with APIC id %u: never ran the trampoline", slot->apic_id);
    } else if (slot_move(slot, AP_CLAIMED, AP_ABANDONED)) {
        log_line("processor with APIC id %u: ran the trampoline but did not finish", slot->apic_id);
    } else if (slot_state(slot) == AP_MISFIT) {
        log_line("processor with APIC id %u: in x2APIC mode, unlike the boot processor%s",
                 slot->apic_id, lapic_step_up_refused() == NULL ? "; boot with apic=x2apic" : "");
    }
    return slot_state(slot) == AP_CHECKED_IN;
}

/* Assigns indices to the processors that arrived; returns how many there are. */
static unsigned publish_arrived(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < ap_slot_count; i++) {
        struct ap_slot *slot = &ap_slots[i];
        if (settle(slot)) {
            count++;
            ipi_apic_ids[count] = slot->apic_id; /* the boot processor has index 0 */
            slot->percpu->index = processor_publish(slot->percpu->processor);
        }
    }
    return count;
}

/* Returns how many have arrived; *bringup_us is the time until the last of them did. */
static unsigned start_all(bool broadcast, uint32_t timeout_ms, uint64_t *bringup_us)
{
    const struct group everybody = { ap_slots, ap_slot_count };
    uint64_t began_ticks = arch_ticks();

    send_to_all(LAPIC_INIT | LAPIC_ASSERT, broadcast);
    clock_delay_us(INIT_TO_STARTUP_US);
    send_to_all(startup_message(), broadcast);
    uint64_t last_ticks = await_arrivals(&everybody, timeout_ms);
    unsigned count = publish_arrived();
    set_gate(ap_trampoline_parked);
    *bringup_us = (last_ticks - began_ticks) * 1000 / arch_ticks_per_ms();
    return count;
}

void arch_start_processors(unsigned max_processors, uint32_t timeout_ms,
                           struct arch_start_report *report)
{
    const struct firmware *firmware = firmware_get();
    unsigned listed = firmware->processor_count;
    unsigned limit = max_processors == 0 || max_processors > listed ? listed : max_processors;

    unsigned count = 1; /* the boot processor */

    *report = (struct arch_start_report){ .listed = listed, .asked = limit };
    if (limit > 1 && prepare_trampoline() == 0 && create_slots(firmware, limit) != 0) {
        bool broadcast = ap_slot_count + 1 == listed && lapic_is_boot_processor();
        count += start_all(broadcast, timeout_ms, &report->bringup_us);
    }
    all_started = count == listed;
    ipi_start(count);
}

static struct ap_slot *find_slot(unsigned index)
{
    for (unsigned i = 0; i < ap_slot_count; i++) {
        if (ap_slots[i].percpu->index == index) {
            return &ap_slots[i];
        }
    }
    return NULL;
}

int arch_restart_processor(unsigned index, uint32_t timeout_ms)
{
    const struct group one = { find_slot(index), 1 };

    if (one.slots == NULL) {
        return -1;
    }
    lapic_send(ipi_apic_ids[index], LAPIC_INIT | LAPIC_ASSERT);
    clock_delay_us(INIT_TO_STARTUP_US);
    atomic_store_explicit(&one.slots->state, AP_STARTING, memory_order_release);
    set_gate(ap_trampoline_open);
    lapic_send(ipi_apic_ids[index], startup_message());
    await_arrivals(&one, timeout_ms);
    bool came = settle(one.slots);
    set_gate(ap_trampoline_parked);
    return came ? 0 : -1;
}
