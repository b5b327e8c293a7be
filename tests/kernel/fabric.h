/* SPDX-License-Identifier: MIT */
/*
 * The fabric that carries messages between processors: what fabric_*_test.c share.
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
    FABRIC_SELF_REGISTER, /* x2APIC mode: the register for it */
    FABRIC_OTHERS,        /* the shorthand "all but self" */
    FABRIC_ALL,           /* the shorthand "all, including self" */
    FABRIC_CLUSTER,       /* x2APIC mode: one message to each cluster of up to 16 */
    FABRIC_BROADCAST,     /* the destination that is everybody's */
    FABRIC_WAYS
};

extern const char *const fabric_way_names[FABRIC_WAYS];

/* Why a way cannot be tried on this machine; NULL when it can. */
const char *fabric_way_refused(enum fabric_way way);

/* Does a message by `way` from processor `sender` reach `target`? */
bool fabric_reaches(enum fabric_way way, unsigned sender, unsigned target);

/* Sends from this processor: to `target` by unicast, else to all that `way` reaches. */
void fabric_send(enum fabric_way way, unsigned target, uint32_t vector);

/*
 * Runs the test called `name`: `fabric`, or the same with something that goes wrong on purpose, to
 * show that it is seen. *ok tells whether all was well. Returns false when there is no such test.
 * IRQL: PASSIVE, processor 0.
 */
bool fabric_run(const char *name, bool *ok);

/* The names of these tests, from 0 on; NULL after the last. */
const char *fabric_name(unsigned nth);

/* ---- the latency matrix ---- */

/* Makes room for it; without memory there is none, and a line says so. */
void fabric_latency_start(void);

/* The time from a message's sending to its handler's entry, the median of what was measured. */
void fabric_latency_record(unsigned sender, unsigned target, uint64_t *ticks, size_t count);

void fabric_latency_print(void);

#endif
