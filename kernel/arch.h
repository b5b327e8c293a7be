/* SPDX-License-Identifier: MIT */
/*
 * THE CONTRACT between the portable kernel and a machine.
 *
 * kernel/ and lib/ ask nothing of a machine but what stands here. A machine gives the short
 * functions as static inlines in <arch/inline.h>, found by include path (arch/x86_64/include for
 * the real one, tests/sim for the host), and the others in its own sources. All of them may be
 * called at any IRQL unless a line says otherwise; none of them takes a lock. What a machine calls
 * in its turn is in kernel/entry.h.
 */
#ifndef KERNEL_ARCH_H
#define KERNEL_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/option.h"
#include "kernel/processor_set.h"

struct processor;

/* A routine that a rendezvous runs: the exported KIPI_BROADCAST_WORKER, with the drivers' ABI. */
typedef uintptr_t MUSTER_API arch_worker(uintptr_t argument);

/*
 * IRQL: the priority of a processor, 0..15. A level masks the interrupts of its own class and of
 * those below. 3..11 are those of devices.
 */
enum irql {
    IRQL_PASSIVE = 0,
    IRQL_APC = 1,
    IRQL_DISPATCH = 2,
    IRQL_DEVICE_FIRST = 3,
    IRQL_SYNCH = 12,
    IRQL_CLOCK = 13,
    IRQL_IPI = 14,
    IRQL_HIGH = 15,
};

/* What a processor was doing when it was stopped, and what its interrupt controller knows. */
struct arch_snapshot {
    uintptr_t instruction;      /* an address in the function that it was in */
    uintptr_t frame;            /* frame pointer, where a backtrace begins */
    unsigned irql;              /* 0..15 */
    bool interrupts_enabled;    /* would a maskable interrupt above the IRQL be taken? */
    bool doorbell_pending;      /* a rendezvous doorbell waits to be taken */
    bool doorbell_in_service;   /* one was taken and not yet acknowledged */
    unsigned masked_priority;   /* interrupt classes up to this one are held back, 0..15 */
    uint32_t controller_errors; /* what the controller has noted as errors, in its own coding */
    uint32_t pending[8];        /* by vector, 32 a word: interrupts that wait to be taken */
    uint32_t in_service[8];     /* likewise: taken, and not yet acknowledged */
};

/* How the machine ends, and what the launcher is told. */
enum arch_exit_status { ARCH_EXIT_OK = 0, ARCH_EXIT_FAILED = 1, ARCH_EXIT_BUGCHECK = 2 };
enum arch_end { ARCH_END_DEFAULT, ARCH_END_HALT, ARCH_END_RESET, ARCH_END_EXIT };

/* ---- inline, in <arch/inline.h> ---- */

/* The structure of the processor that runs this. */
static inline struct processor *arch_processor(void);

/*
 * Reads and writes the priority register: 0..15. A write that lowers it lets held-back interrupts
 * in.
 */
static inline unsigned arch_irql(void);
static inline void arch_irql_write(unsigned irql);

/* The processor's interrupt flag. Save clears it and returns the old state for restore. */
static inline bool arch_interrupts_enabled(void);
static inline void arch_interrupts_enable(void);
static inline void arch_interrupts_disable(void);
static inline uintptr_t arch_interrupts_save(void);
static inline void arch_interrupts_restore(uintptr_t saved);

/* One turn of a wait loop: tells the machine that nothing useful happens until memory changes. */
static inline void arch_relax(void);

/* Stops in the debugger; without one, in a bug check. */
static inline void arch_breakpoint(void);

/* A monotonic clock, the same on all processors within the accuracy that the machine has. */
static inline uint64_t arch_ticks(void);

/* True for an address that the machine could execute from (not NULL page, canonical). */
static inline bool arch_code_address_valid(uintptr_t address);

/* ---- in the machine's sources ---- */

/* Ticks of arch_ticks() in a millisecond. */
uint64_t arch_ticks_per_ms(void);

/*
 * Acknowledges the interrupt in service, so that the controller delivers others by priority again.
 */
void arch_end_of_interrupt(void);

/*
 * Rings the rendezvous doorbell of each processor in `targets`, which may contain the sender.
 * Every store that the sender made before is visible to a processor that takes the interrupt.
 * A doorbell may merge with an earlier one and may come late; the receiver looks at memory.
 * The interrupt ends in rendezvous_interrupt(), interrupts disabled.
 */
void arch_ring_doorbell(const struct processor_set *targets);

/*
 * Waits, at IPI_LEVEL and interrupts disabled at the call, until a wake doorbell was taken or
 * `limit_ticks` have passed; disabled again on return. Only class 0xF is let in meanwhile. A wake
 * doorbell that was rung before and not yet taken ends the wait at once. It may end without reason.
 */
void arch_halt(uint64_t limit_ticks);

/*
 * Rings the wake doorbell of each processor in `targets`: it is taken at IPI_LEVEL too, where
 * interrupts are enabled, and does nothing but end arch_halt(). As with the other doorbell, earlier
 * stores of the sender are visible then, and it may merge with another or come late.
 */
void arch_wake(const struct processor_set *targets);

/*
 * Forgets what this processor has cached of the translations of `pages` pages from `address` on.
 * SIZE_MAX pages from address 0 are all of them.
 */
void arch_flush_tlb(uintptr_t address, size_t pages);

/*
 * From now on, or a little later, interrupts this processor once after `delay_ticks`, at IPI_LEVEL
 * too where interrupts are enabled: it then calls watchdog_alarm() with its machine frame,
 * interrupts disabled. An alarm that is under way is replaced, and arch_halt() may
 * take it away; who has use of the machine's timer at the moment goes before. IRQL: any.
 */
void arch_set_alarm(uint64_t delay_ticks);

/*
 * Sends `targets` an interrupt that nothing masks. Each receiver calls bugcheck_unmaskable() with
 * its machine frame.
 */
void arch_send_unmaskable(const struct processor_set *targets);

/*
 * Fills in where the current processor was: by `machine_frame`, or where that is NULL, who called
 * the function whose frame pointer is `frame`.
 */
void arch_take_snapshot(struct arch_snapshot *snapshot, const void *machine_frame, uintptr_t frame);

/* The same, but no more than an address in the function that it was in. Touches no device. */
uintptr_t arch_snapshot_instruction(const void *machine_frame, uintptr_t frame);

/*
 * For a bug check. Keeps a copy of a machine frame, and of what else tells about it, that outlives
 * the stack: once, in the whole run. Prints the registers of that copy through log_line(); `where`
 * is the instruction in words. What kind of exception made a frame, in words.
 */
const void *arch_keep_frame(const void *machine_frame);
void arch_print_frame(const void *kept_frame, const char *where);
const char *arch_frame_name(const void *machine_frame);

/*
 * For a bug check. Leaves all that this processor was doing, and runs `routine`, which does not
 * return, with interrupts disabled at the top of the bug check's own stack: what was on that stack
 * is lost, all other stacks stay as they are. Early in the boot it goes on on the present one.
 */
_Noreturn void arch_abandon_to(void (*routine)(void));

/*
 * For a bug check, on the processor that reports. From watch to unwatch the machine looks at the
 * clock after each instruction that this processor executes, and calls bugcheck_give_up() past
 * `deadline_ticks`, or when the next instruction would stop the processor for ever. Unwatch also
 * makes good what code may have left in the processor's flags.
 */
void arch_watch_code(uint64_t deadline_ticks);
void arch_unwatch_code(void);

/*
 * Calls `worker` as clause K13 says: string direction and alignment checks cleared, a fresh
 * floating point control word, an aligned stack. Preserves the floating point state of the code
 * that was interrupted (P4). The interrupt flag is as it was, for the worker and after it (K10).
 */
uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument);

/*
 * Nothing after this was fetched before everything ahead of it has finished: code that another
 * processor wrote, and that was made visible before, is executed as written, and arch_ticks() is
 * not read ahead of it. Returning from an interrupt does the same.
 */
void arch_serialize(void);

/*
 * Waits, interrupts disabled at the call, until an interrupt was taken; disabled again on return.
 */
void arch_idle(void);

/* Stops this processor for ever, interrupts disabled. */
_Noreturn void arch_stop(void);

/* ---- the start ---- */

/* The machine's options on the command line, in a table that ends with a row without a name. */
extern const struct cmdline_option arch_options[];

/*
 * The first steps of a machine, on the boot processor, interrupts disabled, IRQL HIGH, in this
 * order: the first console, so that something can be said; then what the loader left, with the
 * command line, which is never NULL; then, when the machine's options are known, all that the boot
 * processor needs: memory, screen, interrupt controller, clock.
 * Returns of the last: 0, or -1 when memory is short, with P1 of bug check 0x5C in `reason`.
 */
void arch_start_console(void);
const char *arch_read_loader(void);
int arch_start(uintptr_t *reason);

/*
 * Starts the processors that the firmware lists, all at the same time: each appears through
 * processor_publish() or not at all. Returns when the last has come or the deadline has passed.
 * `timeout_ms` is measured from the last arrival. IRQL: PASSIVE, once, on the boot processor.
 */
struct arch_start_report {
    unsigned listed;     /* processors that the firmware lists as enabled, the boot processor too */
    unsigned asked;      /* of these, how many were asked to start, the boot processor counted */
    uint64_t bringup_us; /* from the first message to the last arrival */
};
void arch_start_processors(unsigned max_processors, uint32_t timeout_ms,
                           struct arch_start_report *report);

/*
 * Starts processor `index` again, which has stopped (arch_stop), with the stacks that it had: it
 * appears in processor_main(), interrupts disabled, as the first time. `timeout_ms` is the
 * deadline. One at a time. IRQL: PASSIVE; not on the processor itself.
 * Returns: 0; -1 when it did not come. It was then reported, and stops should it come later; it may
 * be started again.
 */
int arch_restart_processor(unsigned index, uint32_t timeout_ms);

/*
 * The set of the online processors has just changed to `online`: the machine chooses its way of a
 * broadcast anew. The caller holds the turn, so no call's doorbells are on their way.
 * IRQL: CLOCK_LEVEL.
 */
void arch_online_changed(const struct processor_set *online);

/* The id that the machine has for processor `index`, as the firmware lists it. */
uint32_t arch_hardware_id(unsigned index);

/*
 * Test aid: adds a processor that does not exist to those that the firmware lists. Before the
 * start.
 */
void arch_add_phantom_processor(uint32_t hardware_id);

/*
 * How a doorbell reaches many processors: one message to all others where that is safe, one to each
 * group that the machine can address, or one each; AUTO is the first of them that is possible.
 */
enum arch_broadcast {
    ARCH_BROADCAST_AUTO,
    ARCH_BROADCAST_SHORTHAND,
    ARCH_BROADCAST_CLUSTER,
    ARCH_BROADCAST_UNICAST
};
void arch_configure_broadcast(enum arch_broadcast broadcast);

/*
 * One word each for the machine-readable lines: the controller's mode, the policy of a broadcast.
 * When a policy that was configured, or would be better, is not possible, `refusal` says why, else
 * it is NULL.
 */
const char *arch_interrupt_controller_name(void);
const char *arch_broadcast_policy_name(const char **refusal);

/* Is a hypervisor beneath us, which may stop this processor at any moment? */
bool arch_hypervisor_present(void);

/* Can a byte at this address be read (and is it not a device register)? */
bool arch_address_readable(uintptr_t address);

/* The return addresses of the frames from `frame` on; returns how many (up to `limit`). */
unsigned arch_backtrace(uintptr_t frame, uintptr_t *addresses, unsigned limit);

/*
 * Memory for the kernel's own use, page aligned, with whatever was in it, never given back; NULL
 * when there is none.
 */
void *arch_allocate_pages(size_t size);

/* Writes to every console there is. Bounded: a console that does not answer is skipped. */
void arch_console_write(const char *text, size_t length);

/*
 * Tells the verdict once more, where a console has a form for it that is seen from afar: `title` in
 * large letters, green or red, with `details` in small ones, and the last lines above it. After the
 * last line, no other processor writing. A console of lines only does nothing.
 */
void arch_console_conclude(const char *title, const char *details, bool good);

/* Ends the run. Where nothing can be told to anybody, halts for ever. */
_Noreturn void arch_exit(enum arch_exit_status status, enum arch_end end);

/*
 * For tests: a second address of `page`, which arch_allocate_pages() gave (NULL when memory is
 * short); and that address for another page, after which processors may go on seeing the first
 * (kernel/processors/tlb.h).
 */
void *arch_create_alias(void *page);
void arch_redirect_alias(void *alias, void *page);

/*
 * For tests and measurement: connects a handler to the interrupt class `irql` (3..13) and asks for
 * one such interrupt on this processor, now or after `delay_ticks`.
 */
void arch_connect_interrupt(unsigned irql, void (*handler)(void));
void arch_request_interrupt(unsigned irql);
void arch_request_timer(unsigned irql, uint64_t delay_ticks);

/*
 * For fault injection: does on this processor what the machine cannot let pass, so that it ends in
 * a bug check. NMI: the unmaskable interrupt, which nobody admits to have sent.
 */
enum arch_fault {
    ARCH_FAULT_PAGE,       /* writes where nothing is mapped */
    ARCH_FAULT_PROTECTION, /* writes to an address that cannot be */
    ARCH_FAULT_OPCODE,     /* executes what is no instruction */
    ARCH_FAULT_DIVIDE,     /* divides by zero */
    ARCH_FAULT_STACK,      /* uses more stack than there is */
    ARCH_FAULT_DOUBLE,     /* faults where there is no stack to say so */
    ARCH_FAULT_NMI
};
_Noreturn void arch_raise_fault(enum arch_fault fault);

#include <arch/inline.h>

#endif
