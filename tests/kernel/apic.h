/* SPDX-License-Identifier: MIT */
/*
 * Conformance of the local APIC to its manual: shared by apic_*_test.c.
 *
 * Source of all checks: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)". The
 * list follows that of kvm-unit-tests.
 */
#ifndef TESTS_KERNEL_APIC_H
#define TESTS_KERNEL_APIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/lapic.h"
#include "arch/x86_64/lapic_registers.h"
#include "arch/x86_64/trap.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"

/* One check. The table of deviations refers to it by its key. */
struct apic_check {
    const char *key;
    const char *what;
    void (*run)(void);
};

/* The checks of each file; a row without a key ends the list. */
extern const struct apic_check apic_register_checks[];
extern const struct apic_check apic_delivery_checks[];
extern const struct apic_check apic_timer_checks[];
extern const struct apic_check apic_nmi_checks[];
extern const struct apic_check apic_mode_checks[]; /* the last: a processor may be lost in them */

/* Runs and prints `test=apic`; returns true if no check failed. IRQL: PASSIVE, processor 0. */
bool apic_run(void);

/* ---- the result of a check ---- */

/* Counts and prints a deviation from the manual; the check goes on. IRQL: any, any processor. */
void apic_differ(const char *file, int line, const char *condition);

#define EXPECT(condition)                                \
    do {                                                 \
        if (!(condition)) {                              \
            apic_differ(__FILE__, __LINE__, #condition); \
        }                                                \
    } while (0)

/* The current check cannot run on this machine, for this reason. */
void apic_skip(const char *reason);

/* ---- the engine and its known deviations ---- */

/* A way in which an engine is known to deviate from the manual. docs/apic.md has the same table. */
struct apic_deviation {
    const char *engine; /* as apic_engine() names it; "KVM" means both kinds of it */
    const char *check;
    const char *what;
    const char *source;
};

/* TCG, KVM, KVM-emulating (a KVM that emulates instructions), Bochs, or "hardware". */
const char *apic_engine(void);

/* The row of this engine for a check; NULL if the check must pass. */
const struct apic_deviation *apic_known_deviation(const char *check);

/* ---- interrupts of device classes, taken before the kernel takes them ---- */

struct apic_arrival {
    unsigned vector;
    bool in_service;   /* its bit in the ISR, at the handler's entry */
    bool requested;    /* its bit in the IRR */
    unsigned priority; /* the class in the PPR */
};

#define APIC_ARRIVALS 16

/* The arrivals since apic_listen(), in order; those that do not fit are only counted. */
extern struct apic_arrival apic_arrivals[APIC_ARRIVALS];
extern _Atomic unsigned apic_arrival_count;

/*
 * From now on interrupts of classes 3 to 13 on any processor, and the illegal one, are recorded and
 * acknowledged. `inside`, unless NULL, is called before the acknowledgement, with interrupts
 * disabled; an interrupt that it acknowledges itself is not acknowledged again.
 */
void apic_listen(void (*inside)(unsigned vector));
void apic_listen_end(void);

/* Waits until *word is at least `least`; false if that takes longer than a part of the patience. */
bool apic_await(const _Atomic unsigned *word, unsigned least);

/* Sends a fixed interrupt to this processor. */
void apic_send_self(unsigned vector);

/* Is the vector's bit set in this processor's LAPIC_IRR or LAPIC_ISR? */
bool apic_bit(enum lapic_register first, unsigned vector);

/* Waits until `vector` is requested at this processor. */
bool apic_await_request(unsigned vector);

/*
 * Waits until all earlier messages to this processor have been taken: it sends a message of the
 * lowest class, which arrives last. Interrupts enabled, IRQL PASSIVE, listening.
 */
void apic_fence(void);

#define APIC_FENCE_VECTOR   0x31
#define APIC_ILLEGAL_VECTOR 9 /* below 16; the exception of that number is never raised */

/* The processor for checks that need one other than this; 0: there is none. */
unsigned apic_subject(void);

#endif
