/* SPDX-License-Identifier: MIT */
/*
 * The ways in which a message can be addressed, and the processors that each way reaches.
 */
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/lapic_registers.h"
#include "tests/kernel/fabric.h"

#define XAPIC_EVERYBODY  0xffu
#define X2APIC_EVERYBODY 0xffffffffu

const char *const fabric_way_names[FABRIC_WAYS] = {
    "unicast",           "the self shorthand",
    "the self register", "the others shorthand",
    "the all shorthand", "cluster",
    "the broadcast id",
};

/* A broadcast also reaches processors that were never started or are parked. */
static bool everybody_listens(void)
{
    return processor_count == firmware_get()->processor_count;
}

const char *fabric_way_refused(enum fabric_way way)
{
    if ((way == FABRIC_SELF_REGISTER || way == FABRIC_CLUSTER) && !lapic_is_x2apic()) {
        return "only x2APIC mode has it";
    }
    if (way == FABRIC_CLUSTER && !lapic_has_clusters()) {
        return "a logical destination does not match its id";
    }
    if ((way == FABRIC_OTHERS || way == FABRIC_ALL || way == FABRIC_BROADCAST) &&
        !everybody_listens()) {
        return "not every processor that the firmware lists is online";
    }
    return NULL;
}

bool fabric_reaches(enum fabric_way way, unsigned sender, unsigned target)
{
    switch (way) {
    case FABRIC_SELF:
    case FABRIC_SELF_REGISTER:
        return sender == target;
    case FABRIC_OTHERS:
        return sender != target;
    default:
        return true;
    }
}

/* One message per cluster. Firmware lists ids in ascending order, so its members are neighbours. */
static void send_to_clusters(uint32_t message)
{
    uint32_t destination = 0;

    for (unsigned i = 0; i < processor_count; i++) {
        uint32_t next = lapic_cluster_destination(arch_hardware_id(i));
        if (destination != 0 && next >> 16 != destination >> 16) {
            lapic_send(destination, message | LAPIC_LOGICAL);
            destination = 0;
        }
        destination |= next;
    }
    lapic_send(destination, message | LAPIC_LOGICAL);
}

void fabric_send(enum fabric_way way, unsigned target, uint32_t vector)
{
    const uint32_t message = LAPIC_FIXED | LAPIC_ASSERT | vector;

    switch (way) {
    case FABRIC_SELF:
        lapic_send(0, message | LAPIC_TO_SELF);
        break;
    case FABRIC_SELF_REGISTER:
        lapic->write(LAPIC_SELF_IPI, vector);
        break;
    case FABRIC_OTHERS:
        lapic_send(0, message | LAPIC_TO_OTHERS);
        break;
    case FABRIC_ALL:
        lapic_send(0, message | LAPIC_TO_ALL);
        break;
    case FABRIC_CLUSTER:
        send_to_clusters(message);
        break;
    case FABRIC_BROADCAST:
        lapic_send(lapic_is_x2apic() ? X2APIC_EVERYBODY : XAPIC_EVERYBODY, message);
        break;
    default:
        lapic_send(arch_hardware_id(target), message);
        break;
    }
}
