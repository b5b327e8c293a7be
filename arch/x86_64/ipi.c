/*
 * Who is reached how: the rendezvous doorbell and the unmaskable interrupt.
 *
 * One message with the shorthand "all but self" costs one write for any number of processors, but it
 * reaches every APIC that listens, started or not. It is used only while every processor that the
 * firmware lists as enabled has been started by us and is online; else each target gets a message of its
 * own. A single target gets its own message too: on some machines the shorthand is the dearer way to
 * reach one. The unmaskable interrupt never uses the shorthand: a processor without an interrupt table
 * would not survive it.
 */
#include "arch/x86_64/ap_start.h"
#include "arch/x86_64/lapic.h"
#include "kernel/bugcheck.h"
#include "kernel/log.h"
#include "kernel/processor.h"

static enum arch_broadcast configured;

void arch_configure_broadcast(enum arch_broadcast broadcast)
{
    configured = broadcast;
}

/* Why the shorthand is not used, NULL when it is. */
static const char *shorthand_refused(void)
{
    if (configured == ARCH_BROADCAST_UNICAST) {
        return "ipi=unicast";
    }
    return ap_start_all_online() ? NULL : "not every processor that the firmware lists is online";
}

const char *arch_broadcast_policy_name(void)
{
    const char *reason = shorthand_refused();
    if (reason == NULL) {
        return "shorthand";
    }
    if (configured != ARCH_BROADCAST_UNICAST) {
        log_line("doorbells go to one processor at a time: %s", reason);
    }
    return "unicast";
}

static void send_each(const struct processor_set *targets, uint32_t message)
{
    processor_set_for_each(processor, targets) {
        lapic_send(processors[processor]->hardware_id, message);
    }
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    const uint32_t message = LAPIC_FIXED | LAPIC_ASSERT | VECTOR_RENDEZVOUS;
    unsigned count = processor_set_count(targets);

    if (count > 1 && count == processor_count - 1 && shorthand_refused() == NULL) {
        lapic_send(0, message | LAPIC_TO_OTHERS);
    } else {
        send_each(targets, message);
    }
}

void arch_send_unmaskable(const struct processor_set *targets)
{
    send_each(targets, LAPIC_NMI | LAPIC_ASSERT);
}
