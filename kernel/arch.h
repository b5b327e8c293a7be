/* SPDX-License-Identifier: MIT */
/*
 * THE CONTRACT between the portable kernel and a machine.
 *
 * kernel/ and lib/ ask nothing of a machine except what is declared here. A machine supplies the
 * short functions as static inlines in <arch/inline.h>, found by include path (arch/x86_64/include
 * for the real one, tests/sim and tests/threads for those on a host), and the others in its own
 * sources. All of them may be called at any IRQL unless a line says otherwise; none of them takes a
 * lock. What a machine calls in return is in kernel/entry.h.
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
 * those below it. Devices have 3..11.
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

/* What a processor was doing when it was stopped, and the state of its interrupt controller. */
struct arch_snapshot {
    uintptr_t instruction;      /* an address in the function that it was in */
    uintptr_t frame;            /* frame pointer: a backtrace begins here */
    unsigned irql;              /* 0..15 */
    bool interrupts_enabled;    /* would a maskable interrupt above the IRQL be taken? */
    bool doorbell_pending;      /* a rendezvous doorbell is waiting to be taken */
    bool doorbell_in_service;   /* one was taken and not yet acknowledged */
    unsigned masked_priority;   /* interrupt classes up to this one are held back, 0..15 */
    uint32_t controller_errors; /* the errors that the controller has recorded, in its own coding */
    uint32_t pending[8];        /* by vector, 32 per word: interrupts waiting to be taken */
    uint32_t in_service[8];     /* likewise: taken, but not yet acknowledged */
};

/* How the machine ends, and the exit status for the launcher. */
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

/* The processor's interrupt flag. Save clears it and returns the old state, for restore. */
static inline bool arch_interrupts_enabled(void);
static inline void arch_interrupts_enable(void);
static inline void arch_interrupts_disable(void);
static inline uintptr_t arch_interrupts_save(void);
static inline void arch_interrupts_restore(uintptr_t saved);

/* One pass of a wait loop: nothing useful happens until memory changes. */
static inline void arch_relax(void);

/* Stops in the debugger; without a debugger, in a bug check. */
static inline void arch_breakpoint(void);

/* A monotonic clock, the same on all processors, as closely as the machine can manage. */
static inline uint64_t arch_ticks(void);

/* True for an address from which the machine could execute (canonical, not in the NULL page). */
static inline bool arch_code_address_valid(uintptr_t address);

/* ---- in the machine's sources ---- */

/* Ticks of arch_ticks() in a millisecond. */
uint64_t arch_ticks_per_ms(void);

/*
 * Acknowledges the interrupt in service, so that the controller again delivers others by priority.
 */
void arch_end_of_interrupt(void);

/*
 * Rings the rendezvous doorbell of each processor in `targets`, which may contain the sender. All
 * earlier stores of the sender are visible to a processor that takes the interrupt. A doorbell may
 * merge with an earlier one and may come late; the receiver looks at memory. The interrupt ends in
 * rendezvous_interrupt(), interrupts disabled.
 */
void arch_ring_doorbell(const struct processor_set *targets);

/*
 * Called at IPI_LEVEL with interrupts disabled. Waits until a wake doorbell was taken or
 * `limit_ticks` have passed; interrupts are disabled again on return. Only class 0xF is let in
 * meanwhile. A wake doorbell that was rung before and not yet taken ends the wait at once. The wait
 * may end for no reason.
 */
void arch_halt(uint64_t limit_ticks);

/*
 * Rings the wake doorbell of each processor in `targets`. It is taken at IPI_LEVEL too, if
 * interrupts are enabled, and does nothing except end arch_halt(). As with the other doorbell,
 * earlier stores of the sender are visible then, and it may merge with another or come late.
 */
void arch_wake(const struct processor_set *targets);

/*
 * Flushes this processor's cached translations of the `pages` pages that begin at `address`.
 * SIZE_MAX pages from address 0 means all of them.
 */
void arch_flush_tlb(uintptr_t address, size_t pages);

/*
 * Interrupts this processor once, `delay_ticks` from now or a little later, at IPI_LEVEL too if
 * interrupts are enabled: watchdog_alarm() is then called with the machine frame, interrupts
 * disabled. A new alarm replaces one under way, and arch_halt() may cancel it; a user of the
 * machine's timer that is active at the moment has precedence. IRQL: any.
 */
void arch_set_alarm(uint64_t delay_ticks);

/*
 * Sends an interrupt that nothing masks to each processor in `targets`. Each receiver calls
 * bugcheck_unmaskable() with its machine frame.
 */
void arch_send_unmaskable(const struct processor_set *targets);

/*
 * Fills in where the current processor was: from `machine_frame`, or, if that is NULL, from the
 * caller of the function whose frame pointer is `frame`.
 */
void arch_take_snapshot(struct arch_snapshot *snapshot, const void *machine_frame, uintptr_t frame);

/* The same, but only an address in the function that it was in. Accesses no device. */
uintptr_t arch_snapshot_instruction(const void *machine_frame, uintptr_t frame);

/*
 * For a bug check. arch_keep_frame() copies a machine frame, and whatever else describes it, to
 * memory that outlives the stack; it does so once in a run. arch_print_frame() prints the registers
 * of that copy through log_line(); `where` is the instruction in words. arch_frame_name() names the
 * kind of exception that made a frame.
 */
const void *arch_keep_frame(const void *machine_frame);
void arch_print_frame(const void *kept_frame, const char *where);
const char *arch_frame_name(const void *machine_frame);

/*
 * For a bug check. Abandons what this processor was doing and runs `routine`, which does not
 * return, with interrupts disabled, at the top of the bug check's own stack: what was on that stack
 * is lost, all other stacks stay as they are. Early in the boot it continues on the present stack.
 */
_Noreturn void arch_abandon_to(void (*routine)(void));

/*
 * For a bug check, on the processor that reports. From watch to unwatch, the machine looks at the
 * clock after each instruction of this processor, and calls bugcheck_give_up() after
 * `deadline_ticks`, or when the next instruction would stop the processor for ever. Unwatch also
 * restores the processor's flags, whatever the code did to them.
 */
void arch_watch_code(uint64_t deadline_ticks);
void arch_unwatch_code(void);

/*
 * Calls `worker` as clause K13 says: string direction and alignment checks cleared, a fresh
 * floating-point control word, an aligned stack. Preserves the floating-point state of the
 * interrupted code (P4). The interrupt flag stays as it was, for the worker and after it (K10).
 */
uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument);

/*
 * No instruction after this is fetched before every instruction before it has finished. So code
 * that another processor wrote, and that is visible by now, is executed as written, and a later
 * arch_ticks() is not read early. Returning from an interrupt does the same.
 */
void arch_serialize(void);

/* Called with interrupts disabled; waits until an interrupt was taken. Disabled again on return. */
void arch_idle(void);

/* Stops this processor for ever, interrupts disabled. */
_Noreturn void arch_stop(void);

/* ---- the start ---- */

/* The machine's options on the command line, in a table that ends with a row without a name. */
extern const struct cmdline_option arch_options[];

/*
 * The first steps of a machine, on the boot processor, interrupts disabled, IRQL HIGH, in this
 * order: the first console, so that messages can be printed; then what the loader left, including
 * the command line, which is never NULL; then, when the machine's options are known, whatever the
 * boot processor needs: memory, screen, interrupt controller, clock. The last returns 0, or -1 if
 * memory is short, with P1 of bug check 0x5C in `reason`.
 */
void arch_start_console(void);
const char *arch_read_loader(void);
int arch_start(uintptr_t *reason);

/*
 * Starts the processors that the firmware lists, all at the same time: each appears through
 * processor_publish() or not at all. Returns when the last has arrived or the deadline has passed.
 * `timeout_ms` is measured from the latest arrival. IRQL: PASSIVE, once, on the boot processor.
 */
struct arch_start_report {
    unsigned listed;     /* listed by the firmware as enabled, including the boot processor */
    unsigned asked;      /* those that were asked to start, including the boot processor */
    uint64_t bringup_us; /* from the first message to the last arrival */
};
void arch_start_processors(unsigned max_processors, uint32_t timeout_ms,
                           struct arch_start_report *report);

/*
 * Starts processor `index` again. It has stopped (arch_stop), keeps its stacks, and appears in
 * processor_main(), interrupts disabled, as it did the first time. `timeout_ms` is the deadline.
 * One at a time. IRQL: PASSIVE; not on the processor itself.
 * Returns: 0; -1 if it did not appear. It has then been reported, and stops if it appears later; it
 * may be started again.
 */
int arch_restart_processor(unsigned index, uint32_t timeout_ms);

/*
 * The set of the online processors has just changed to `online`: the machine chooses again how it
 * sends a broadcast. The caller holds the turn, so no call's doorbells are under way.
 * IRQL: CLOCK_LEVEL.
 */
void arch_online_changed(const struct processor_set *online);

/* The machine's id for processor `index`, as the firmware lists it. */
uint32_t arch_hardware_id(unsigned index);

/*
 * Test aid: adds a processor that does not exist to those that the firmware lists. Before the
 * start.
 */
void arch_add_phantom_processor(uint32_t hardware_id);

/*
 * How a doorbell reaches many processors: one message to all others where that is safe, one to each
 * group that the machine can address, or one to each processor. AUTO is the first of these that is
 * possible.
 */
enum arch_broadcast {
    ARCH_BROADCAST_AUTO,
    ARCH_BROADCAST_SHORTHAND,
    ARCH_BROADCAST_CLUSTER,
    ARCH_BROADCAST_UNICAST
};
void arch_configure_broadcast(enum arch_broadcast broadcast);

/*
 * One word each for the machine-readable lines: the controller's mode, and the policy of a
 * broadcast. If a policy that was configured, or would be better, is not possible, `refusal` says
 * why; otherwise it is NULL.
 */
const char *arch_interrupt_controller_name(void);
const char *arch_broadcast_policy_name(const char **refusal);

/* Is there a hypervisor beneath us, which may stop this processor at any moment? */
bool arch_hypervisor_present(void);

/* Can a byte at this address be read, and is it not a device register? */
bool arch_address_readable(uintptr_t address);

/*
 * Stores the return addresses of the frames from `frame` on, up to `limit`; returns their number.
 */
unsigned arch_backtrace(uintptr_t frame, uintptr_t *addresses, unsigned limit);

/*
 * Memory for the kernel's own use, page aligned, contents undefined, never given back; NULL if
 * there is none left.
 */
void *arch_allocate_pages(size_t size);

/* Writes to every console. Bounded in time: a console that does not respond is skipped. */
void arch_console_write(const char *text, size_t length);

/*
 * Shows the verdict once more, on a console that can make it visible from afar: `title` in large
 * letters, green or red, `details` in small ones, and the last lines above it. It comes after the
 * last line, while no other processor is writing. A text-only console does nothing.
 */
void arch_console_conclude(const char *title, const char *details, bool good);

/* Ends the run. If there is no way to report a status, halts for ever. */
_Noreturn void arch_exit(enum arch_exit_status status, enum arch_end end);

/*
 * For tests. arch_create_alias() maps `page`, which came from arch_allocate_pages(), at a second
 * address (NULL if memory is short). arch_redirect_alias() maps another page there; processors may
 * go on seeing the first one (kernel/processors/tlb.h).
 */
void *arch_create_alias(void *page);
void arch_redirect_alias(void *alias, void *page);

/*
 * For tests and measurement: connects a handler to the interrupt class `irql` (3..13), and requests
 * one such interrupt on this processor, now or after `delay_ticks`.
 */
void arch_connect_interrupt(unsigned irql, void (*handler)(void));
void arch_request_interrupt(unsigned irql);
void arch_request_timer(unsigned irql, uint64_t delay_ticks);

/*
 * For fault injection: does something on this processor that the machine cannot tolerate, so that
 * it ends in a bug check. NMI: the unmaskable interrupt, which no processor admits having sent.
 */
enum arch_fault {
    ARCH_FAULT_PAGE,       /* writes where nothing is mapped */
    ARCH_FAULT_PROTECTION, /* writes to an impossible address */
    ARCH_FAULT_OPCODE,     /* executes an undefined instruction */
    ARCH_FAULT_DIVIDE,     /* divides by zero */
    ARCH_FAULT_STACK,      /* uses more stack than there is */
    ARCH_FAULT_DOUBLE,     /* faults without a stack to handle it */
    ARCH_FAULT_NMI
};
_Noreturn void arch_raise_fault(enum arch_fault fault);

#include <arch/inline.h>

#endif
