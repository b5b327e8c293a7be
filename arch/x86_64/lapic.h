/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: xAPIC (memory-mapped) or x2APIC (MSRs), one mode for all processors.
 */
#ifndef ARCH_X86_64_LAPIC_H
#define ARCH_X86_64_LAPIC_H

#include <stdint.h>

#include "kernel/arch.h"

/* Messages: delivery mode, level and shorthand, as in the interrupt command register. */
enum lapic_message {
    LAPIC_FIXED = 0x000,
    LAPIC_NMI = 0x400,
    LAPIC_INIT = 0x500,
    LAPIC_STARTUP = 0x600,
    LAPIC_LOGICAL = 0x800, /* the destination is a cluster and a set of its members */
    LAPIC_ASSERT = 0x4000,
    LAPIC_TO_SELF = 0x40000,
    LAPIC_TO_ALL = 0x80000, /* including the sender */
    LAPIC_TO_OTHERS = 0xc0000,
};

/* On the boot processor: keeps the current mode, maps the registers. Returns 0, or -1. */
int lapic_start_boot(void);

/* Before lapic_choose_mode(): the user asks for x2APIC mode although no id needs it. */
void lapic_ask_for_x2apic(void);

/*
 * On the boot processor, once the firmware's list is known and before lapic_start(): steps up to
 * x2APIC mode if that is needed or requested. A refusal is logged with its reason.
 */
void lapic_choose_mode(void);

/* Why the step up to x2APIC mode cannot be taken; NULL if it can. */
const char *lapic_step_up_refused(void);

/*
 * On every processor, interrupts disabled: brings the APIC into a known state. Masks all local
 * vectors except the ones used here, drains stale interrupts, sets the error and spurious vectors,
 * raises the priority to HIGH_LEVEL. A processor that is not in the boot processor's mode is
 * switched up to it if that is legal. Returns 0, or -1 if it cannot be used together with the
 * others.
 */
int lapic_start(void);

uint32_t lapic_id(void);
bool lapic_is_boot_processor(void);

bool lapic_is_x2apic(void);

/*
 * In x2APIC mode: the logical destination of one processor. The destinations of one cluster (ids
 * that differ only in the low four bits) can be ORed to reach all of them with one message. To be
 * used only if lapic_has_clusters().
 */
static inline uint32_t lapic_cluster_destination(uint32_t apic_id)
{
    return apic_id >> 4 << 16 | 1u << (apic_id & 15);
}

bool lapic_has_clusters(void);

/* Can a message be addressed to this id? In xAPIC mode only ids below 255 fit. */
bool lapic_can_reach(uint32_t apic_id);

/* Is an interrupt on `vector` in service, that is, delivered and not yet ended by an EOI? */
bool lapic_in_service(unsigned vector);

/*
 * Sends one message to an id, or with LAPIC_LOGICAL to members of a cluster. With a shorthand,
 * `destination` is ignored. All earlier stores are visible to the receiver. The wait for an earlier
 * message that is still being delivered is bounded; a message that cannot be sent is reported and
 * dropped.
 */
void lapic_send(uint32_t destination, uint32_t message);

/* The vector in the middle of the class of `irql`, 3..13. */
static inline uint32_t lapic_device_vector(unsigned irql)
{
    return irql << 4 | 8;
}

/* Measures the rate of the one-shot timer (lapic_timer.c). Boot processor, after clock_start(). */
void lapic_measure_timer(void);

/*
 * The interrupt on `vector` is being handled: if it is the timer's vector, the timer belongs to the
 * alarm again. (A test that arms the timer requests no other interrupt of that class until the
 * timer's has arrived.)
 */
void lapic_timer_handled(unsigned vector);

/* The error interrupt: reads, prints and acknowledges. */
void lapic_handle_error(void);

/* How many error interrupts there were, on all processors. */
unsigned lapic_error_interrupts(void);

/* Reads and clears this APIC's error status register: the errors since the last call. */
uint32_t lapic_take_errors(void);

/* Reads the state of the rendezvous doorbell, the masked priority and the errors. */
void lapic_read_evidence(struct arch_snapshot *snapshot);

#endif
