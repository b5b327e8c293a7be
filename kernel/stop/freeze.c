/* SPDX-License-Identifier: MIT */
/*
 * How one processor becomes the reporter, and how all others freeze.
 *
 * The first processor to stop claims the report, by one compare-and-swap on `stopper`. Each of the
 * others freezes: it takes a snapshot of what it was doing, stores it, marks itself frozen
 * (release) and stops. The reporter waits for the marks (acquire) for a bounded time, counts them,
 * and says which processors have no mark. A processor that freezes late, or faults meanwhile,
 * changes nothing that the reporter needs, since each processor writes only its own snapshot.
 *
 * Processors freeze by the unmaskable interrupt, since they may be at IPI_LEVEL with interrupts
 * disabled. They also freeze by polling, since a processor that is handling such an interrupt takes
 * no other one: every wait loop calls bugcheck_poll_freeze(), and so does every line that is
 * printed. Where both happen, the first snapshot stays. Loops that do not poll are short: they wait
 * for a device, for a bounded time (the serial port, the interrupt controller's last message, the
 * clocks at boot).
 */
#include "kernel/inject/inject.h"
#include "kernel/processors/life.h"
#include "kernel/silence/evidence.h"
#include "kernel/silence/frozen.h"
#include "kernel/stop/report.h"

static _Atomic(struct processor *) stopper; /* the processor that reports */

struct processor_set bugcheck_asked_to_freeze;

bool bugcheck_is_mine(void)
{
    return atomic_load_explicit(&stopper, memory_order_relaxed) == arch_processor();
}

_Noreturn void bugcheck_freeze(const struct arch_snapshot *snapshot)
{
    arch_interrupts_disable();
    frozen_store(snapshot);
    arch_stop();
}

bool bugcheck_claim(void)
{
    struct processor *nobody = NULL;
    return atomic_compare_exchange_strong_explicit(&stopper, &nobody, arch_processor(),
                                                   memory_order_relaxed, memory_order_relaxed);
}

/* Is another processor reporting? */
static bool freezing(void)
{
    struct processor *reporter = atomic_load_explicit(&stopper, memory_order_relaxed);
    return reporter != NULL && reporter != arch_processor();
}

void bugcheck_poll_freeze(void)
{
    if (freezing()) {
        struct arch_snapshot snapshot;
        arch_take_snapshot(&snapshot, NULL, (uintptr_t)__builtin_frame_address(0));
        bugcheck_freeze(&snapshot);
    }
}

void bugcheck_unmaskable(const void *machine_frame)
{
    if (freezing()) {
        struct arch_snapshot snapshot;
        arch_take_snapshot(&snapshot, machine_frame, 0);
        bugcheck_freeze(&snapshot);
    }
    if (bugcheck_is_mine()) {
        return; /* this processor reports; whatever sent the interrupt can wait */
    }
    /*
     * Ask both, since two interrupts that came close together may have merged. Ask the watchdog
     * first: a question that it asks while an injected interrupt is being handled has an interrupt
     * of its own, which comes after this one.
     */
    bool asked = evidence_answer(machine_frame);
    if (inject_answer(asked) || asked) {
        return;
    }
    bugcheck_report(&(struct bugcheck){
        .code = BUGCHECK_NMI_HARDWARE_FAILURE,
        .processor = arch_processor()->index,
        .machine_frame = machine_frame,
    });
}

/* If the structure of one is damaged, and this faults, the others are still asked to freeze. */
static void ask_to_freeze(unsigned processor)
{
    if (processor != bugcheck_subject.reporter && processor_is_running(processor)) {
        processor_set_add(&bugcheck_asked_to_freeze, processor);
    }
}

static void await_frozen(void)
{
    uint64_t began_ticks = arch_ticks();
    uint64_t limit_ticks = bugcheck_limit_ms() * arch_ticks_per_ms();

    processor_set_for_each(processor, &bugcheck_asked_to_freeze) {
        while (frozen_snapshot(processor) == NULL && arch_ticks() - began_ticks < limit_ticks) {
            arch_relax();
        }
    }
}

/*
 * Stops all other processors, and waits up to the limit for that. One that is offline has stopped
 * already. One that is still starting would not survive the interrupt; it freezes where it waits to
 * enter.
 */
bool bugcheck_freeze_others(unsigned part)
{
    if (part < processor_count) {
        ask_to_freeze(part);
    } else if (part == processor_count) {
        arch_send_unmaskable(&bugcheck_asked_to_freeze);
    } else {
        await_frozen();
    }
    return part <= processor_count;
}
