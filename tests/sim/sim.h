/* SPDX-License-Identifier: MIT */
/*
 * THE SIMULATED MACHINE: a second port of kernel/arch.h, N processors in one host thread.
 *
 *     kernel/ sources, unchanged, compiled with -fsanitize=thread
 *         | each access and fence is a call            | arch_...()
 *     tsan.c                                           machine.c, standin.c
 *         |                                            |
 *         +------------- the hooks: sim_on_...() ------+
 *                              |
 *            a driver: the schedule explorer, the cost model
 *
 * Each processor is a fiber. The driver's own code, on the host's stack, decides which processor
 * goes on: sim_run(p) continues p until something on it calls sim_yield(). Hooks run on the fiber
 * of the processor that caused them (sim_self) and may yield; after a hook that does not yield, the
 * processor simply runs on.
 *
 * Everything mutable in the simulated system lies in the section `sim_state` (the build moves the
 * kernel's variables there) or in sim_memory, so that a driver can copy the whole system, compare
 * it and restore it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/trace.h"

#define SIM_CLASS_WAKE   0xF
#define SIM_CLASS_IPI    0xE
#define SIM_STACK_SIZE   (64u * 1024)
#define SIM_CLASS_BIT(c) ((uint16_t)(1u << (c)))

/* ---- a processor ---- */

struct sim_cpu {
    void *stack_pointer; /* where the fiber stopped */
    void (*body)(unsigned processor);
    struct processor *processor; /* the kernel's structure for it */
    uint16_t index;
    uint16_t pending;    /* bit c: an interrupt of class c waits */
    uint16_t in_service; /* bit c: one was taken and not yet acknowledged */
    uint8_t irql;
    uint8_t depth;   /* doorbells whose handlers have not returned */
    bool interrupts; /* the interrupt flag */
    bool running;    /* its body has not returned */
    bool alarm;      /* the pending class 0xF is, or includes, its alarm */
};

extern struct sim_cpu *sim_cpus; /* sim_count of them */
extern unsigned sim_count;
extern struct sim_cpu *sim_self; /* the running processor; valid in hooks, NULL in the driver */

/* The machine's memory outside the section: the processors' structures, without the stacks. */
struct sim_range {
    void *base;
    size_t size;
};
extern struct sim_range sim_memory;
extern char __start_sim_state[], __stop_sim_state[];

/*
 * Builds the machine: `count` processors, published to the kernel, stacks not started. A second
 * call removes the old machine; the caller must first restore the kernel's variables.
 */
void sim_create(unsigned count);

/* The stack of a processor: base and size. */
struct sim_range sim_stack(unsigned processor);

/*
 * Puts a processor at the beginning of `body`: PASSIVE_LEVEL, interrupts enabled, nothing pending.
 * After the body has returned the processor idles: it calls sim_on_idle() again and again.
 */
void sim_start(unsigned processor, void (*body)(unsigned processor));

/* Driver, on the host's stack: continues a processor until it yields. */
void sim_run(unsigned processor);

/* Hook, on a fiber: returns to the driver. Returns when the driver runs this processor again. */
void sim_yield(void);

/* ---- interrupts ---- */

/* Makes an interrupt of a class pending at a processor; it merges with one already pending. */
void sim_post(unsigned processor, unsigned class);

/* A processor's alarm goes off; it has the class of the wake doorbell. */
void sim_ring_alarm(unsigned processor);

/* The highest class that the processor would take now, 0 for none. */
unsigned sim_deliverable(const struct sim_cpu *cpu);

/* On a fiber: takes the interrupt, runs its handler and returns from it. */
void sim_deliver(unsigned class);

/* ---- memory ---- */

enum sim_operation {
    SIM_LOAD,
    SIM_STORE,
    SIM_EXCHANGE,
    SIM_ADD,
    SIM_SUB,
    SIM_AND,
    SIM_OR,
    SIM_XOR,
    SIM_COMPARE_EXCHANGE
};

/* One atomic access. */
struct sim_access {
    void *address;
    const void *pc; /* the instruction after the access */
    enum sim_operation operation;
    unsigned size;     /* 1, 2, 4 or 8 bytes */
    int order;         /* memory_order_..., of success */
    int order_failure; /* of a compare-exchange that fails */
    uint64_t operand;  /* the value to store, add ... */
    uint64_t expected; /* of a compare-exchange */
};

uint64_t sim_read(const void *address, unsigned size);
void sim_write(void *address, unsigned size, uint64_t value);

/* Performs the access on the host's memory at once, and returns the old value. */
uint64_t sim_perform(const struct sim_access *access);

/* The value that the access leaves in memory when it finds `old`. */
uint64_t sim_result(const struct sim_access *access, uint64_t old);

/* Would it write when it finds `old`? */
bool sim_writes(const struct sim_access *access, uint64_t old);

/* ---- the hooks: a driver defines all of them ---- */

/* An atomic access: the driver performs it, sooner or later, and returns the old value. */
uint64_t sim_on_access(const struct sim_access *access);
/* A plain access, which the processor itself performs right afterwards. */
void sim_on_plain(void *address, unsigned size, bool writes, const void *pc);
void sim_on_fence(int order, const void *pc);
/* A function of the kernel is entered (`pc` in the caller) or left (NULL). */
void sim_on_function(const void *pc);
/* One pass of a wait loop. */
void sim_on_relax(void);
/* The machine's time, in ticks of its own. */
uint64_t sim_on_ticks(void);
/* The sender has rung `targets`; the driver decides when to post to each of them (sim_post). */
void sim_on_send(const struct processor_set *targets, unsigned class);
/* IRQL, interrupt flag or service now admit more than before: see sim_deliverable(). */
void sim_on_unmask(void);
/* The same, on return from an interrupt; the caller of sim_deliver() looks for the next one. */
void sim_on_return(void);
/* The interrupt flag is about to be cleared. */
void sim_on_mask(void);
/* arch_halt(): returns when a wake was taken or `limit_ticks` have passed. */
void sim_on_halt(uint64_t limit_ticks);
/* arch_set_alarm() */
void sim_on_set_alarm(uint64_t delay_ticks);
/* Nothing to do until an interrupt comes; returns at any time. */
void sim_on_idle(void);
/* A serialising instruction, or the return from an interrupt. */
void sim_on_serialize(void);
/* Around a worker: true when it begins. */
void sim_on_worker(arch_worker *worker, uintptr_t argument, bool begins);
/* A call is over: what its leader reports to the statistics while it still has the turn. */
struct rendezvous_result;
void sim_on_result(const struct rendezvous_result *result);
/* The flight recorder, the query to a silent processor, discarding its answer, the log. */
void sim_on_trace(enum trace_event event, uint64_t value);
void sim_on_ask(const struct processor_set *suspects);
void sim_on_forget(unsigned processor);
void sim_on_log(const char *text);
/* This processor forgets a translation. */
void sim_on_flush_tlb(uintptr_t address, size_t pages);
/* A bug check: `culprit` is the missing processor of a 0x101. */
_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit);

#endif
