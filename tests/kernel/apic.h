/* SPDX-License-Identifier: MIT */
/*
 * Conformance of the local APIC to its manual: the declarations that apic_*_test.c share.
 *
 * Source of all checks: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)"; the
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

/* One check. The key names it in the table of deviations. */
struct apic_check {
    const char *key;
    const char *what;
    void (*run)(void);
};

/* The checks of each file; a row without a key ends them. */
extern const struct apic_check apic_register_checks[];
extern const struct apic_check apic_delivery_checks[];
extern const struct apic_check apic_timer_checks[];
extern const struct apic_check apic_nmi_checks[];
extern const struct apic_check apic_mode_checks[]; /* the last: they may cost a processor */

/* Runs `test=apic`; prints, and returns whether all was well. IRQL: PASSIVE, processor 0. */
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

/* Skips the running check, for this reason. */
void apic_skip(const char *reason);

/* ---- the engine, and its known deviations ---- */

/* A known deviation of an engine from the manual. docs/apic.md has the same table. */
struct apic_deviation {
    const char *engine; /* as apic_engine() names it; "KVM" covers both kinds of it */
    const char *check;
    const char *what;
    const char *source;
};

/* TCG, KVM, KVM-emulating (a KVM that emulates instructions), Bochs, or "hardware". */
const char *apic_engine(void);

/* The row of this engine for a check; NULL when it must pass. */
const struct apic_deviation *apic_known_deviation(const char *check);

/* ---- interrupts of device classes, intercepted before the kernel ---- */

struct apic_arrival {
    unsigned vector;
    bool in_service;   /* its bit in the ISR, at the handler's entry */
    bool requested;    /* its bit in the IRR */
    unsigned priority; /* the class in the PPR */
};

#define APIC_ARRIVALS 16

/* The arrivals since apic_listen(), in order; any that do not fit are only counted. */
extern struct apic_arrival apic_arrivals[APIC_ARRIVALS];
extern _Atomic unsigned apic_arrival_count;

/*
 * From now on interrupts of classes 3 to 13 on any processor, and the illegal one, are recorded and
 * acknowledged. `inside`, unless NULL, is called in between with interrupts disabled; an interrupt
 * that it acknowledges itself is not acknowledged again.
 */
void apic_listen(void (*inside)(unsigned vector));
void apic_listen_end(void);

/* Waits until *word is at least `least`; false when that takes longer than part of the patience. */
bool apic_await(const _Atomic unsigned *word, unsigned least);

/* Sends a fixed interrupt to this processor. */
void apic_send_self(unsigned vector);

/* Is the vector's bit set in LAPIC_IRR or LAPIC_ISR of this processor? */
bool apic_bit(enum lapic_register first, unsigned vector);

/* Waits until `vector` is requested at this processor. */
bool apic_await_request(unsigned vector);

/*
 * Waits until everything sent to this processor before has been taken: a message of the lowest
 * class comes last. Interrupts enabled, IRQL PASSIVE, listening.
 */
void apic_fence(void);

#define APIC_FENCE_VECTOR   0x31
#define APIC_ILLEGAL_VECTOR 9 /* below 16; the exception of that number is never raised */

/* The processor for checks that need one other than this; 0: there is none. */
unsigned apic_subject(void);

#endif
