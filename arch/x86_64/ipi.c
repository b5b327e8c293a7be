/*
 * Who is reached how: the two doorbells of the rendezvous and the unmaskable interrupt.
 *
 *   shorthand  "all but self": one write for any number of processors. It reaches every APIC that
 *              listens, started or not, so it is used only while every processor that the firmware
 *              lists as enabled has been started by us and is online.
 *   cluster    x2APIC mode only: one write for up to 16 processors whose ids differ in the low
 *              four bits.
 *   unicast    one write each: always possible, and the dearest, above all under a
 *              hypervisor, where each write may leave the guest.
 *
 * The first one that is possible is taken, or the user's choice (`ipi=`) where that is possible. A
 * single target gets a message of its own: on some machines the shorthand is the dearer way to
 * reach one. The unmaskable interrupt is always unicast: a processor without an interrupt table
 * would not survive it.
 */
#include "arch/x86_64/ipi.h"

#include "arch/x86_64/ap_start.h"
#include "arch/x86_64/lapic.h"
#include "kernel/processor.h"

static enum arch_broadcast configured;

/* The configured way, or the best possible one; `refusal` says why not a better one, or is NULL. */
static enum arch_broadcast way = ARCH_BROADCAST_UNICAST;
static const char *refusal;

void arch_configure_broadcast(enum arch_broadcast broadcast)
{
    configured = broadcast;
}

/* Why this way is not possible now, NULL when it is. */
static const char *refused(enum arch_broadcast asked)
{
    if (asked == ARCH_BROADCAST_SHORTHAND && !ap_start_all_online()) {
        return "not every processor that the firmware lists is online";
    }
    if (asked == ARCH_BROADCAST_CLUSTER && !lapic_is_x2apic()) {
        return "only x2APIC mode has clusters";
    }
    if (asked == ARCH_BROADCAST_CLUSTER && !lapic_has_clusters()) {
        return "a logical destination does not match its id";
    }
    return NULL;
}

void ipi_choose_way(void)
{
    refusal = configured == ARCH_BROADCAST_AUTO ? NULL : refused(configured);
    if (configured != ARCH_BROADCAST_AUTO && refusal == NULL) {
        way = configured;
        return;
    }
    for (way = ARCH_BROADCAST_SHORTHAND; way < ARCH_BROADCAST_UNICAST; way++) {
        const char *reason = refused(way);
        if (reason == NULL) {
            break;
        }
        refusal = refusal == NULL ? reason : refusal;
    }
}

const char *arch_broadcast_policy_name(const char **why)
{
    static const char *const names[] = {
        [ARCH_BROADCAST_SHORTHAND] = "shorthand",
        [ARCH_BROADCAST_CLUSTER] = "cluster",
        [ARCH_BROADCAST_UNICAST] = "unicast",
    };
    *why = refusal;
    return names[way];
}

static void send_each(const struct processor_set *targets, uint32_t message)
{
    processor_set_for_each(processor, targets) {
        lapic_send(processors[processor]->hardware_id, message);
    }
}

/*
 * Neighbours in the set share a message while they share a cluster: the firmware lists processors
 * by id, or nearly so. Where it does not, a cluster gets more than one message, each of them to
 * others.
 */
static void send_to_clusters(const struct processor_set *targets, uint32_t message)
{
    uint32_t destination = 0; /* the members so far; 0: none */

    processor_set_for_each(processor, targets) {
        uint32_t next = lapic_cluster_destination(processors[processor]->hardware_id);
        if (destination != 0 && next >> 16 != destination >> 16) {
            lapic_send(destination, message | LAPIC_LOGICAL);
            destination = 0;
        }
        destination |= next;
    }
    if (destination != 0) {
        lapic_send(destination, message | LAPIC_LOGICAL);
    }
}

/* Are the targets all online processors but the one that asks? */
static bool is_all_others(const struct processor_set *targets)
{
    struct processor_set others;
    processor_set_copy(&others, &processors_online);
    processor_set_remove(&others, arch_processor()->index);
    return processor_set_equal(targets, &others);
}

static void send(const struct processor_set *targets, uint32_t vector)
{
    const uint32_t message = LAPIC_FIXED | LAPIC_ASSERT | vector;

    if (processor_count <= 2 || way == ARCH_BROADCAST_UNICAST) {
        send_each(targets, message);
    } else if (way == ARCH_BROADCAST_SHORTHAND && is_all_others(targets)) {
        lapic_send(0, message | LAPIC_TO_OTHERS);
    } else if (lapic_has_clusters()) {
        send_to_clusters(targets, message);
    } else {
        send_each(targets, message);
    }
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    send(targets, VECTOR_RENDEZVOUS);
}

void arch_wake(const struct processor_set *targets)
{
    send(targets, VECTOR_WAKE);
}

void arch_send_unmaskable(const struct processor_set *targets)
{
    send_each(targets, LAPIC_NMI | LAPIC_ASSERT);
}
