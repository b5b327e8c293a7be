/* SPDX-License-Identifier: MIT */
/*
 * The processors in virtual time.
 */
#ifndef COST_CPU_H
#define COST_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/cost/cache.h"
#include "tests/sim/cost/machines.h"
#include "tests/sim/cost/path.h"

/*
 * Prices in ns, in addition to those of machines.h. The service time is between the published
 * values 5 and 10; the others are what manuals and measurements give at about 4 GHz, rounded.
 */
#define CPU_STEP_NS      1  /* an access to a line that the processor has, instructions included */
#define CPU_SERVICE_NS   8  /* from one reader of a line to the next */
#define CPU_LOCKED_NS    5  /* a read-modify-write of a line that only this processor has */
#define CPU_FENCE_NS     8  /* a full fence, in addition to what it waits for */
#define CPU_PRIORITY_NS  8  /* a write of the priority register */
#define CPU_FLAG_NS      1  /* a change of the interrupt flag */
#define CPU_EOI_NS       20 /* the acknowledgement of an interrupt */
#define CPU_CLOCK_NS     8  /* a read of the clock */
#define CPU_SERIALIZE_NS 35 /* a serialising instruction, the return from an interrupt */
#define CPU_WORKER_NS    10 /* saving and restoring what a worker may change, each */

#define CPU_MISSES 8 /* of one processor at a time */
#define CPU_LOOKS  8 /* lines that a waiting processor watches, at most */

/* A line that the processor has read recently. */
struct watch {
    struct line *line;
    uint32_t version;
    uint32_t phase; /* of cpu.phase */
    unsigned processor;
    struct watch *next, **link; /* in the line's list while the processor sleeps */
};

/* A line in transit. */
struct miss {
    struct gate done;
    bool store;
};

enum cpu_sleep { CPU_AWAKE, CPU_IDLE, CPU_WAITING };

struct cpu {
    uint64_t now_ns;
    uint32_t last; /* the event that determined now_ns */
    enum cpu_sleep sleep;
    bool queued;
    unsigned place;       /* in the queue */
    struct gate wake;     /* when it goes on */
    struct gate doorbell; /* when an interrupt arrives; 0 ns: none is in transit */

    struct miss misses[CPU_MISSES];
    unsigned miss_count;
    struct gate visible;   /* the latest store: other processors can see it */
    struct gate committed; /* the latest store: this processor has the line */

    struct watch looks[CPU_LOOKS]; /* the latest first */
    unsigned look_count;
    uint32_t phase; /* counts stores: a wait contains only reads after the latest one */
    bool polling;   /* between a wake and the read that finds the change: costs nothing */
    bool entering;  /* an interrupt is being taken */

    uint8_t irql; /* as last seen */
    uint16_t in_service;
};

extern struct cpu *cpus;
extern const struct machine *cpu_machine;

/*
 * Sets all clocks to 0, forgets all lines and events. A processor runs only after cpu_begin() was
 * called for it.
 */
void cpu_start(const struct machine *machine);

/* Makes the processor run `body`, now, and idle afterwards. */
void cpu_begin(unsigned processor, void (*body)(unsigned processor));

/* Runs until no processor can move. Returns how many still wait for something: 0 in a good run. */
unsigned cpu_run(void);

/* ---- for the body of a processor ---- */

/* Virtual time passes here. */
void cpu_rest(uint64_t ns);

/* The present moment of the running processor. */
uint64_t cpu_now(unsigned processor);

/* Forgets all events so far; only while nothing is in progress. */
void cpu_forget(void);

/* ---- for accesses and hooks ---- */

/* The running processor. */
struct cpu *cpu_self(void);

/* The present moment, and the later of two. */
struct gate cpu_here(const struct cpu *cpu);
struct gate cpu_later(struct gate first, struct gate second);

/* `ns` pass for what the code at `pc` does: `what`, or plain instructions if NULL. */
void cpu_work(struct cpu *cpu, unsigned ns, const char *what, uintptr_t pc);

/* Adds an event of this processor that begins at `start`. */
uint32_t cpu_event(const struct cpu *cpu, enum event_kind kind, struct gate start, uint64_t end_ns,
                   uintptr_t pc);

/* Nothing more happens here before `gate`. */
void cpu_wait(struct cpu *cpu, struct gate gate);

/* Runs the processors that are behind until none is. */
void cpu_yield(struct cpu *cpu);

/* The same; then takes pending interrupts, if allowed. */
void cpu_catch_up(struct cpu *cpu);

/* Sleeps until a doorbell arrives, taken or not, or until cpu_wake(). */
void cpu_sleep(struct cpu *cpu, enum cpu_sleep why);

/* A sleeping processor goes on at `gate`, unless something wakes it before. */
void cpu_wake(struct cpu *cpu, struct gate gate);

/* A doorbell arrives at `gate`. It merges with one already in transit. */
void cpu_ring(struct cpu *cpu, struct gate gate);

#endif
