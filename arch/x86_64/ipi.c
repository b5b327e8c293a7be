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
#include "kernel/processor.h"

static enum arch_broadcast configured;

void arch_configure_broadcast(enum arch_broadcast broadcast)
{
    configured = broadcast;
}

/* Why the shorthand is not used, NULL when it is. */
static const char *shorthand_refused(void)
{
    return ap_start_all_online() ? NULL : "not every processor that the firmware lists is online";
}

const char *arch_broadcast_policy_name(const char **refusal)
{
    *refusal = NULL;
    if (configured == ARCH_BROADCAST_UNICAST) {
        return "unicast";
    }
    *refusal = shorthand_refused();
    return *refusal == NULL ? "shorthand" : "unicast";
}

static bool use_shorthand(void)
{
    return configured != ARCH_BROADCAST_UNICAST && shorthand_refused() == NULL;
}

static void send_each(const struct processor_set *targets, uint32_t message)
{
    processor_set_for_each(processor, targets) {
        lapic_send(processors[processor]->hardware_id, message);
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

void arch_ring_doorbell(const struct processor_set *targets)
{
    const uint32_t message = LAPIC_FIXED | LAPIC_ASSERT | VECTOR_RENDEZVOUS;

    if (processor_count > 2 && is_all_others(targets) && use_shorthand()) {
        lapic_send(0, message | LAPIC_TO_OTHERS);
    } else {
        send_each(targets, message);
    }
}

void arch_send_unmaskable(const struct processor_set *targets)
{
    send_each(targets, LAPIC_NMI | LAPIC_ASSERT);
}
