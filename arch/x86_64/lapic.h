/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: xAPIC (memory-mapped) or x2APIC (MSRs), one mode for all processors.
 */
#ifndef ARCH_X86_64_LAPIC_H
#define ARCH_X86_64_LAPIC_H

#include <stdint.h>

#include "kernel/arch.h"

/* Interrupt messages: delivery mode, level and shorthand of the interrupt command register. */
enum lapic_message {
    LAPIC_FIXED = 0x000,
    LAPIC_NMI = 0x400,
    LAPIC_INIT = 0x500,
    LAPIC_STARTUP = 0x600,
    LAPIC_LOGICAL = 0x800, /* the destination is a cluster and a set of its members */
    LAPIC_ASSERT = 0x4000,
    LAPIC_TO_SELF = 0x40000,
    LAPIC_TO_ALL = 0x80000, /* the sender, too */
    LAPIC_TO_OTHERS = 0xc0000,
};

/* On the boot processor: keeps the mode that it finds, maps the registers. Returns 0, or -1. */
int lapic_start_boot(void);

/* The user's word, before lapic_choose_mode(): x2APIC mode although no id needs it. */
void lapic_ask_for_x2apic(void);

/*
 * On the boot processor, when the firmware's list is known and before lapic_start(): steps up to
 * x2APIC mode where that is needed or asked for. A refusal is logged with its reason.
 */
void lapic_choose_mode(void);

/* Why the step up to x2APIC mode cannot be taken, NULL when it can. */
const char *lapic_step_up_refused(void);

/*
 * On every processor, interrupts disabled: brings the APIC to a known state. All local vectors
 * masked, stale interrupts drained, error and spurious vectors set, priority HIGH_LEVEL. A
 * processor found in another mode than the boot processor's is switched up where that is legal.
 * Returns 0, or -1 when it cannot be used together with the others.
 */
int lapic_start(void);

uint32_t lapic_id(void);
bool lapic_is_boot_processor(void);

bool lapic_is_x2apic(void);

/*
 * In x2APIC mode: the logical destination of one processor; those of a cluster (ids alike but for
 * the low four bits) can be or-ed to reach them all with one message. Not to be used unless
 * lapic_has_clusters().
 */
static inline uint32_t lapic_cluster_destination(uint32_t apic_id)
{
    return apic_id >> 4 << 16 | 1u << (apic_id & 15);
}

bool lapic_has_clusters(void);

/* Can a message carry this id? In xAPIC mode only ids below 255 fit. */
bool lapic_can_reach(uint32_t apic_id);

/* Is an interrupt on `vector` in service, that is, did one come that wants an end of interrupt? */
bool lapic_in_service(unsigned vector);

/*
 * Sends one message to an id, or with LAPIC_LOGICAL to a cluster's members. With a shorthand
 * `destination` does not count. All stores made before are visible to whoever takes it. The wait
 * for a message still on its way is bounded; a message that cannot be sent is reported and given
 * up.
 */
void lapic_send(uint32_t destination, uint32_t message);

/* The vector in the middle of the class of `irql`, 3..13. */
static inline uint32_t lapic_device_vector(unsigned irql)
{
    return irql << 4 | 8;
}

/* Measures the rate of the one-shot timer (lapic_timer.c). Boot processor; the clock runs. */
void lapic_measure_timer(void);

/*
 * The interrupt on `vector` is being handled: if it is the timer's vector, the timer is the alarm's
 * again. (A test that arms the timer asks for no other interrupt of that class until it has come.)
 */
void lapic_timer_handled(unsigned vector);

/* The error interrupt: reads, prints and acknowledges. */
void lapic_handle_error(void);

/* How many of them came, on all processors. */
unsigned lapic_error_interrupts(void);

/* What went wrong at this APIC since the last look (the error status register), which clears it. */
uint32_t lapic_take_errors(void);

/* What the APIC says of the rendezvous doorbell, and the priority it holds back. */
void lapic_read_evidence(struct arch_snapshot *snapshot);

#endif
