/* SPDX-License-Identifier: MIT */
/* The events of a run, and the ones that determined when the call ended. */
#ifndef COST_PATH_H
#define COST_PATH_H

#include <stdbool.h>
#include <stdint.h>

/* Event 0 is the beginning of time. */
#define EVENT_NONE 0

enum event_kind {
    EVENT_RUN,     /* instructions, and accesses to lines that the processor has */
    EVENT_MACHINE, /* an operation of arch.h that has a price */
    EVENT_LOAD,    /* a line arrives for a load */
    EVENT_STORE,   /* a store waits for the only copy; the processor goes on */
    EVENT_RMW,     /* the only copy arrives for a read-modify-write; the processor waits */
    EVENT_ICR,     /* a write of the interrupt command register */
    EVENT_IPI,     /* an interrupt is in transit */
    EVENT_MARK,    /* the routine is entered or left */
};

/* The peer of an interrupt message to all others. */
#define PATH_EVERYBODY UINT32_MAX

/* The time from which something is possible, and the event that made it so. */
struct gate {
    uint64_t ns;
    uint32_t event;
};

struct event {
    uint64_t start_ns;
    uint64_t end_ns;
    uint32_t previous; /* the event that determined start_ns */
    uint32_t processor;
    uint32_t peer;      /* where a line or an interrupt comes from */
    uint16_t kind;      /* enum event_kind */
    uint16_t mark;      /* enum path_phase that an EVENT_MARK begins */
    uintptr_t function; /* an address within the function responsible */
    union {
        uintptr_t address; /* of the access */
        const char *name;  /* of a machine operation */
    };
};

/* The parts of a call in order, and when each begins. */
enum path_phase {
    PHASE_PUBLISH,  /* the call */
    PHASE_ICR,      /* the first write of the interrupt command register */
    PHASE_DELIVERY, /* the last one has ended: the interrupt is in transit */
    PHASE_ARRIVE,   /* the last interrupt has arrived */
    PHASE_RELEASE,  /* the caller decides */
    PHASE_WORKER,   /* the last processor enters the routine */
    PHASE_DONE,     /* the last processor has returned from it */
    PHASE_RETURN,   /* the caller has collected the last "done" */
    PATH_PHASES
};

struct path_summary {
    uint64_t call_ns;
    uint64_t phase_ns[PATH_PHASES];
    unsigned transfers; /* lines that moved from processor to processor, one after another */
    unsigned queued;    /* readers of a line that were served before one on the path */
};

/* Forgets all events. */
void path_start(void);

/* Adds an event and returns its number. */
uint32_t path_add(const struct event *event);

/*
 * The event with that number, to be lengthened; NULL for EVENT_NONE. Valid until the next is added.
 */
struct event *path_event(uint32_t number);

/*
 * Finds the chain of events that ends with `end`, and when the phases were, all from `begin_ns` on.
 * Returns NULL, or the name of a phase that no event began.
 */
const char *path_summarise(uint64_t begin_ns, struct gate end, struct path_summary *summary);

/* A step of the chain that path_summarise() found last; NULL after the last. */
struct path_step {
    uint32_t event;
    enum path_phase phase; /* at its start */
    uint64_t from_ns;      /* this event's start */
    uint64_t to_ns;        /* the next one's */
};
const struct path_step *path_step(uint32_t number);

/* Is this a transfer of which the next step waited for only a part, until its own turn? */
bool path_step_is_queued(const struct path_step *step);

const char *path_phase_name(enum path_phase phase);

#endif
