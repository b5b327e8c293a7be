/* SPDX-License-Identifier: MIT */
/*
 * How processors are reached: the rendezvous doorbell, the wake-up and the unmaskable interrupt.
 *
 *   shorthand  "all but self", or "all": one write for any number of processors. It reaches every
 *              APIC that listens, whether or not its processor was started. So it is used only
 *              while every processor that the firmware lists as enabled has been started by this
 *              kernel and is online.
 *   cluster    x2APIC mode only: one write for up to 16 processors whose ids differ only in the
 *              low four bits.
 *   unicast    one write per processor: always possible, and the most expensive, above all under a
 *              hypervisor, where each write may exit the guest.
 *
 * The first possible way is used, or the user's choice (`ipi=`) if that is possible. The holder of
 * the turn chooses again when a processor goes offline or comes online. A processor that sends
 * without holding the turn may still see the previous choice, and its doorbell may reach a
 * processor that has just left. That processor has its interrupts disabled, and starting it
 * discards pending interrupts (C5).
 *
 * With only two processors, messages are always sent one by one: on some machines the shorthand is
 * the more expensive way to reach a single target. The unmaskable interrupt is always unicast: a
 * processor without an interrupt table would not survive it.
 */
#include "arch/x86_64/ipi.h"

#include "arch/x86_64/ap_start.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/percpu.h"
#include "kernel/upcall.h"

#define WAY_LINE_LIMIT 16 /* log lines about changes of the way */

static enum arch_broadcast configured;

/*
 * The configured way, or the best possible one. `refusal` says why no better one is used, or is
 * NULL. Relaxed: any way reaches the targets.
 */
static _Atomic uint32_t way = ARCH_BROADCAST_UNICAST; /* enum arch_broadcast */
static _Atomic(const char *) refusal;

/* All processors that were started; constant after the bring-up. */
static struct processor_set everybody;
static unsigned started = 1;

uint32_t ipi_apic_ids[PROCESSOR_LIMIT];

uint32_t arch_hardware_id(unsigned index)
{
    return ipi_apic_ids[index];
}

void arch_configure_broadcast(enum arch_broadcast broadcast)
{
    configured = broadcast;
}

/* Why this way is not possible now; NULL if it is. */
static const char *refused(enum arch_broadcast asked, const struct processor_set *online)
{
    if (asked == ARCH_BROADCAST_SHORTHAND && !ap_start_all_started()) {
        return "not every processor that the firmware lists is online";
    }
    if (asked == ARCH_BROADCAST_SHORTHAND && !processor_set_equal(online, &everybody)) {
        return "a processor that was started is parked";
    }
    if (asked == ARCH_BROADCAST_CLUSTER && !lapic_is_x2apic()) {
        return "only x2APIC mode has clusters";
    }
    if (asked == ARCH_BROADCAST_CLUSTER && !lapic_has_clusters()) {
        return "a logical destination does not match its id";
    }
    return NULL;
}

/* The configured way, or the first possible one; `why` as in arch_broadcast_policy_name(). */
static enum arch_broadcast find_way(const struct processor_set *online, const char **why)
{
    enum arch_broadcast found = ARCH_BROADCAST_SHORTHAND;

    *why = configured == ARCH_BROADCAST_AUTO ? NULL : refused(configured, online);
    if (configured != ARCH_BROADCAST_AUTO && *why == NULL) {
        return configured;
    }
    for (; found < ARCH_BROADCAST_UNICAST; found++) {
        const char *reason = refused(found, online);
        if (reason == NULL) {
            break;
        }
        *why = *why == NULL ? reason : *why;
    }
    return found;
}

/* Chooses the way again; returns true if it changed. */
static bool choose_way(const struct processor_set *online)
{
    const char *why;
    uint32_t found = find_way(online, &why);

    atomic_store_explicit(&refusal, why, memory_order_relaxed);
    return atomic_exchange_explicit(&way, found, memory_order_relaxed) != found;
}

void ipi_start(unsigned count)
{
    started = count;
    processor_set_clear(&everybody);
    for (unsigned i = 0; i < count; i++) {
        processor_set_add(&everybody, i);
    }
    (void)choose_way(&everybody);
}

void arch_online_changed(const struct processor_set *online)
{
    static unsigned lines; /* only the holder of the turn gets here */
    const char *why;

    if (!choose_way(online) || lines == WAY_LINE_LIMIT) {
        return;
    }
    lines++;
    const char *name = arch_broadcast_policy_name(&why);
    log_line("doorbells go by %s from now on%s%s%s", name, why != NULL ? ": " : "",
             why != NULL ? why : "", lines == WAY_LINE_LIMIT ? " (not reported again)" : "");
}

const char *arch_broadcast_policy_name(const char **why)
{
    static const char *const names[] = {
        [ARCH_BROADCAST_SHORTHAND] = "shorthand",
        [ARCH_BROADCAST_CLUSTER] = "cluster",
        [ARCH_BROADCAST_UNICAST] = "unicast",
    };
    *why = atomic_load_explicit(&refusal, memory_order_relaxed);
    return names[atomic_load_explicit(&way, memory_order_relaxed)];
}

static void send_each(const struct processor_set *targets, uint32_t message)
{
    processor_set_for_each(processor, targets) {
        lapic_send(ipi_apic_ids[processor], message);
    }
}

/*
 * Successive processors of the set share a message as long as they are in the same cluster. The
 * firmware lists processors by id, or nearly so. If it does not, a cluster is sent more than one
 * message, each to different members.
 */
static void send_to_clusters(const struct processor_set *targets, uint32_t message)
{
    uint32_t destination = 0; /* the members so far; 0: none */

    processor_set_for_each(processor, targets) {
        uint32_t next = lapic_cluster_destination(ipi_apic_ids[processor]);
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

/* The shorthand for these targets: all, or all except this processor; 0 if there is none. */
static uint32_t shorthand_of(const struct processor_set *targets)
{
    struct processor_set others;

    processor_set_copy(&others, &everybody);
    processor_set_remove(&others, percpu_current()->index);
    return processor_set_equal(targets, &others)      ? LAPIC_TO_OTHERS
           : processor_set_equal(targets, &everybody) ? LAPIC_TO_ALL
                                                      : 0;
}

static void send(const struct processor_set *targets, uint32_t vector)
{
    const uint32_t message = LAPIC_FIXED | LAPIC_ASSERT | vector;
    uint32_t chosen = atomic_load_explicit(&way, memory_order_relaxed);
    uint32_t shorthand = chosen == ARCH_BROADCAST_SHORTHAND ? shorthand_of(targets) : 0;

    if (started <= 2 || chosen == ARCH_BROADCAST_UNICAST) {
        send_each(targets, message);
    } else if (shorthand != 0) {
        lapic_send(0, message | shorthand);
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
