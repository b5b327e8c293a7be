/* SPDX-License-Identifier: MIT */
/*
 * The machines of the cost model: where their processors are, and the cost of a message between two
 * of them.
 */
#ifndef COST_MACHINES_H
#define COST_MACHINES_H

#define MACHINE_LEVELS 5
#define MACHINE_LIMIT  5

/* Processors are numbered by APIC id: neighbours in a group have neighbouring numbers. */
struct machine_level {
    unsigned processors;  /* in one group of this level */
    unsigned transfer_ns; /* a line's transfer between two of them that share no smaller group */
};

struct machine {
    const char *name;
    const char *title;
    unsigned processors;
    struct machine_level levels[MACHINE_LEVELS]; /* from the core outwards; the last holds all */
    unsigned delivery_ns; /* from the end of the ICR write to the handler's first instruction */
    unsigned icr_ns;      /* one write of the interrupt command register */
    unsigned floor_ns; /* the physical lower bound for a whole call, as estimated; 0: no estimate */
};

/* All of them; ends with a row whose name is NULL. */
extern const struct machine machines[MACHINE_LIMIT + 1];

/* The row with this name, NULL when there is none. */
const struct machine *machine_find(const char *name);

/* A line's transfer from processor `from` to processor `to`; 0 when they are the same. */
unsigned machine_transfer_ns(const struct machine *machine, unsigned from, unsigned to);

#endif
