/* SPDX-License-Identifier: MIT */
/*
 * What each vector leads to. A device interrupt is handled; everything else ends in a bug check
 * that says what happened (contract B5), never in a silent triple fault.
 */
#include "arch/x86_64/trap.h"

#include <stdatomic.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/percpu.h"
#include "arch/x86_64/probe.h"
#include "kernel/entry.h"
#include "kernel/upcall.h"

#define FIRST_INTERRUPT    16 /* the APIC delivers no lower vector */
#define HLT_OPCODE         0xf4
#define PAGE_FAULT_WRITE   2
#define PAGE_FAULT_EXECUTE 16

static void (*interrupt_handlers[16])(void); /* by class, which is the IRQL */
static _Atomic(trap_hook *) hook;

void arch_connect_interrupt(unsigned irql, void (*handler)(void))
{
    interrupt_handlers[irql] = handler;
}

void trap_set_hook(trap_hook *new_hook)
{
    /* Release; trap_dispatch() acquires it: the data that the hook uses is visible to it. */
    atomic_store_explicit(&hook, new_hook, memory_order_release);
}

/* The frame that a bug check is about, with CR2 and CR3 as they were. */
static struct {
    struct trap_frame frame;
    uint64_t cr2, cr3;
} kept;

const void *arch_keep_frame(const void *machine_frame)
{
    kept.frame = *(const struct trap_frame *)machine_frame;
    kept.cr2 = cpu_read_cr2();
    kept.cr3 = cpu_read_cr3();
    return &kept.frame;
}

void arch_print_frame(const void *kept_frame, const char *where)
{
    const struct trap_frame *f = kept_frame;

    log_line("vector %llu error %#llx rip %#llx %s", (unsigned long long)f->vector,
             (unsigned long long)f->error, (unsigned long long)f->rip, where);
    log_line("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
    log_line("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
    log_line("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
    log_line("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
    log_line("rflags %lx cs %lx cr2 %016lx cr3 %016lx", f->rflags, f->cs, kept.cr2, kept.cr3);
}

const char *arch_frame_name(const void *machine_frame)
{
    static const char *const names[] = {
        [TRAP_DIVIDE_ERROR] = "divide error",
        [TRAP_DEBUG] = "debug exception",
        [TRAP_NMI] = "NMI",
        [TRAP_BREAKPOINT] = "breakpoint",
        [TRAP_OVERFLOW] = "overflow",
        [TRAP_BOUND_RANGE] = "bound range exceeded",
        [TRAP_INVALID_OPCODE] = "invalid opcode",
        [TRAP_DEVICE_NOT_AVAILABLE] = "device not available",
        [TRAP_DOUBLE_FAULT] = "double fault",
        [TRAP_INVALID_TSS] = "invalid TSS",
        [TRAP_SEGMENT_NOT_PRESENT] = "segment not present",
        [TRAP_STACK_FAULT] = "stack-segment fault",
        [TRAP_GENERAL_PROTECTION] = "general protection",
        [TRAP_PAGE_FAULT] = "page fault",
        [TRAP_FLOATING_POINT] = "x87 floating-point error",
        [TRAP_ALIGNMENT_CHECK] = "alignment check",
        [TRAP_MACHINE_CHECK] = "machine check",
        [TRAP_SIMD] = "SIMD floating-point exception",
        [TRAP_FAST_FAIL] = "fast fail",
        [TRAP_ASSERTION] = "assertion failure",
    };
    uint64_t vector = ((const struct trap_frame *)machine_frame)->vector;

    if (vector == VECTOR_ALARM) {
        return "alarm";
    }
    return vector < sizeof(names) / sizeof(names[0]) && names[vector] != NULL
               ? names[vector]
               : "unexpected interrupt";
}

/*
 * Code is watched by single-stepping: with RFLAGS.TF set, a debug exception follows each
 * instruction. An instruction that clears TF is still followed by one last exception, which sets
 * TF again unless the watch is ending.
 */
static enum { WATCH_OFF, WATCH_ON, WATCH_ENDING } watch;
static uint64_t watch_expires_ticks;

void arch_watch_code(uint64_t deadline_ticks)
{
    descriptors_separate_debug();
    watch_expires_ticks = deadline_ticks;
    watch = WATCH_ON;
    __asm__ volatile("pushfq\n\torq %0, (%%rsp)\n\tpopfq" : : "i"(RFLAGS_TF) : "memory", "cc");
}

void arch_unwatch_code(void)
{
    watch = WATCH_ENDING;
    __asm__ volatile("pushfq\n\tandq %0, (%%rsp)\n\tpopfq"
                     :
                     : "i"(~(RFLAGS_TF | RFLAGS_DF | RFLAGS_AC))
                     : "memory", "cc");
    watch = WATCH_OFF;
}

/* HLT; interrupts are disabled. */
static bool is_about_to_halt(uintptr_t instruction)
{
    return arch_address_readable(instruction) && *(const uint8_t *)instruction == HLT_OPCODE;
}

/* Called after each instruction of watched code. */
static bool is_watched(struct trap_frame *frame)
{
    if (frame->vector != TRAP_DEBUG || watch == WATCH_OFF) {
        return false;
    }
    if (watch == WATCH_ENDING) {
        return true;
    }
    frame->rflags |= RFLAGS_TF;
    if (arch_ticks() > watch_expires_ticks) {
        bugcheck_give_up(frame, "it did not return in time");
    }
    if (is_about_to_halt(frame->rip)) {
        bugcheck_give_up(frame, "it halts the processor");
    }
    return true;
}

uintptr_t arch_snapshot_instruction(const void *machine_frame, uintptr_t frame)
{
    const struct trap_frame *trap = machine_frame;
    const uintptr_t *link = (const uintptr_t *)frame;

    return trap != NULL ? trap->rip
                        : link[1] - 1; /* the call; after it the next function may begin */
}

void arch_take_snapshot(struct arch_snapshot *snapshot, const void *machine_frame, uintptr_t frame)
{
    const struct trap_frame *trap = machine_frame;

    snapshot->irql = arch_irql();
    snapshot->instruction = arch_snapshot_instruction(machine_frame, frame);
    if (trap != NULL) {
        snapshot->frame = trap->rbp;
        snapshot->interrupts_enabled = (trap->rflags & RFLAGS_IF) != 0;
    } else {
        snapshot->frame = *(const uintptr_t *)frame;
        snapshot->interrupts_enabled = arch_interrupts_enabled();
    }
    lapic_read_evidence(snapshot);
}

unsigned arch_backtrace(uintptr_t frame, uintptr_t *addresses, unsigned limit)
{
    unsigned count = 0;

    while (count < limit && frame % sizeof(uintptr_t) == 0 && arch_address_readable(frame) &&
           arch_address_readable(frame + 2 * sizeof(uintptr_t) - 1)) {
        const uintptr_t *link = (const uintptr_t *)frame;
        if (link[1] == 0) {
            break;
        }
        addresses[count++] = link[1];
        frame = link[0]; /* upwards, or to another stack; if links form a loop, `limit` ends it */
    }
    return count;
}

static bool in_driver(uintptr_t address)
{
    extern const char _driver_text_start[], _driver_text_end[];
    return address >= (uintptr_t)_driver_text_start && address < (uintptr_t)_driver_text_end;
}

static enum exception_kind kind_of(uint64_t vector)
{
    static const struct {
        uint8_t vector, kind;
    } kinds[] = {
        { TRAP_PAGE_FAULT, EXCEPTION_PAGE_FAULT },
        { TRAP_GENERAL_PROTECTION, EXCEPTION_PROTECTION },
        { TRAP_INVALID_OPCODE, EXCEPTION_OPCODE },
        { TRAP_BREAKPOINT, EXCEPTION_BREAKPOINT },
        { TRAP_FAST_FAIL, EXCEPTION_FAST_FAIL },
        { TRAP_ASSERTION, EXCEPTION_ASSERTION },
        { TRAP_MACHINE_CHECK, EXCEPTION_MACHINE_CHECK },
    };

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].vector == vector) {
            return (enum exception_kind)kinds[i].kind;
        }
    }
    return EXCEPTION_OTHER;
}

/* Clause B5: an unhandled exception. */
static _Noreturn void stop_for_exception(const struct trap_frame *frame)
{
    exception_stop(&(struct exception){
        .kind = kind_of(frame->vector),
        .machine_frame = frame,
        .instruction = frame->rip,
        .vector = (unsigned)frame->vector,
        .address = cpu_read_cr2(),
        .access = frame->error & PAGE_FAULT_EXECUTE ? EXCEPTION_EXECUTE
                  : frame->error & PAGE_FAULT_WRITE ? EXCEPTION_WRITE
                                                    : EXCEPTION_READ,
        .in_driver = in_driver(frame->rip),
        .failure = frame->rcx,
    });
}

/* Handles an interrupt from a device, or one that firmware left pending, at its class's IRQL. */
static void handle_device(unsigned vector)
{
    unsigned irql = vector >> 4;
    unsigned old_irql = arch_irql();

    arch_irql_write(irql);
    if (lapic_in_service(vector)) {
        arch_end_of_interrupt(); /* by now the priority register blocks this class */
    }
    lapic_timer_handled(vector);
    if (interrupt_handlers[irql] != NULL) {
        arch_interrupts_enable();
        interrupt_handlers[irql]();
        arch_interrupts_disable();
    } else {
        log_line("unexpected interrupt on vector %#x", vector);
    }
    arch_irql_write(old_irql);
}

/* An 8259 reports a withdrawn request as an interrupt on its lowest-priority line. */
static bool is_spurious_8259(uint64_t vector)
{
    return (vector == VECTOR_PIC + 7 || vector == VECTOR_PIC + 15) &&
           !lapic_in_service((unsigned)vector);
}

/*
 * A delivered interrupt is in service; a vector that is not in service was not an interrupt. The
 * exception is a KVM that emulates instructions: it delivers the timer's interrupt without ever
 * showing it as in service. Hence a vector that the kernel assigns also counts as an interrupt
 * while a handler is connected. handle_device() acknowledges a vector only if it is in service:
 * EOI does not name a vector, and would end another interrupt.
 */
static bool is_device(unsigned vector)
{
    unsigned irql = vector >> 4;
    return lapic_in_service(vector) ||
           (interrupt_handlers[irql] != NULL && vector == lapic_device_vector(irql));
}

/* A fault of an instruction that is allowed to fault: execution continues after it. */
static bool is_probe(struct trap_frame *frame)
{
    uintptr_t refused_at = probe_refused_at(frame->rip);
    if (frame->vector != TRAP_GENERAL_PROTECTION || refused_at == 0) {
        return false;
    }
    frame->rip = refused_at;
    return true;
}

static void decide(struct trap_frame *frame)
{
    if (frame->vector == TRAP_NMI) {
        bugcheck_unmaskable(frame);
    } else if (frame->vector == VECTOR_APIC_ERROR) {
        lapic_handle_error();
    } else if (frame->vector == VECTOR_WAKE) {
        arch_end_of_interrupt(); /* its arrival has ended the halt */
    } else if (frame->vector == VECTOR_ALARM) {
        arch_end_of_interrupt(); /* likewise; or a routine is running for a long time */
        watchdog_alarm(frame);
    } else if (frame->vector == VECTOR_SPURIOUS || is_spurious_8259(frame->vector)) {
        /* Not acknowledged: no controller has it in service. */
    } else if (frame->vector >= FIRST_INTERRUPT && is_device((unsigned)frame->vector)) {
        handle_device((unsigned)frame->vector);
    } else if (!is_watched(frame) && !is_probe(frame)) {
        stop_for_exception(frame);
    }
}

void trap_dispatch(struct trap_frame *frame)
{
    trap_hook *first = atomic_load_explicit(&hook, memory_order_acquire);
    uintptr_t came_at = frame->rip;

    if (first == NULL || !first(frame)) {
        decide(frame);
    }
    /*
     * An NMI between STI and HLT (arch_idle()): once it returns, a pending interrupt is taken
     * before the HLT. The halt would then begin after that interrupt, and never be woken. So the
     * HLT is skipped.
     */
    if (frame->vector == TRAP_NMI && came_at == idle_halt_address) {
        frame->rip = idle_after_halt_address;
    }
}
