/* SPDX-License-Identifier: MIT */
/*
 * The delivery of messages between processors: shared by fabric_*.c.
 */
#ifndef TESTS_KERNEL_FABRIC_H
#define TESTS_KERNEL_FABRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "kernel/processors/work.h"

/* The ways in which a message can be addressed. */
enum fabric_way {
    FABRIC_UNICAST,       /* one message to each, the sender included */
    FABRIC_SELF,          /* the shorthand "self" */
    FABRIC_SELF_REGISTER, /* x2APIC mode: the SELF IPI register */
    FABRIC_OTHERS,        /* the shorthand "all but self" */
    FABRIC_ALL,           /* the shorthand "all, including self" */
    FABRIC_CLUSTER,       /* x2APIC mode: one message to each cluster of up to 16 */
    FABRIC_BROADCAST,     /* the broadcast destination */
    FABRIC_WAYS
};

extern const char *const fabric_way_names[FABRIC_WAYS];

/* Why a way cannot be tried on this machine; NULL if it can. */
const char *fabric_way_refused(enum fabric_way way);

/* Does a message by `way` from processor `sender` reach `target`? */
bool fabric_reaches(enum fabric_way way, unsigned sender, unsigned target);

/* Sends from this processor: to `target` by unicast, else to all that `way` reaches. */
void fabric_send(enum fabric_way way, unsigned target, uint32_t vector);

/*
 * Runs the test called `name`: `fabric`, or the same with a deliberate fault, to show that the test
 * detects it. *ok is true if there was no failure. Returns false if there is no such test.
 * IRQL: PASSIVE, processor 0.
 */
bool fabric_run(const char *name, bool *ok);

/* The names of these tests, from 0 on; NULL after the last. */
const char *fabric_name(unsigned nth);

/* ---- the latency matrix ---- */

/* Allocates the matrix; if memory is short it is left out, and a line says so. */
void fabric_latency_start(void);

/* The time from sending a message to the entry of its handler: the median of the measurements. */
void fabric_latency_record(unsigned sender, unsigned target, uint64_t *ticks, size_t count);

void fabric_latency_print(void);

#endif
