/* SPDX-License-Identifier: MIT */
/*
 * A machine whose processors are threads of one host process: the third port of kernel/arch.h, and
 * the worked example of docs/porting.md.
 *
 * The problem. The kernel's sources must run unchanged, truly in parallel, where the sanitizers of
 * the host watch every access. A thread has memory and atomics like a processor; what it lacks is a
 * priority, an interrupt flag and a doorbell that stops it between any two instructions.
 *
 * How. The doorbell is a word and a signal.
 *
 *   sender   doorbell = true (release), then SIGUSR1 to the thread
 *   target   the handler runs between two instructions: if the interrupt flag is set and the
 *            priority lies below IPI_LEVEL, it takes the word (acquire, exchanged for false) and
 *            calls rendezvous_interrupt(); else it leaves the word as it is
 *            a write that sets the flag or lowers the priority checks the word
 *
 * So all masking is done in software: a change of priority is one store, not a system call, and the
 * signal may come at any time. Two doorbells that have not been taken merge into one, as with an
 * interrupt controller.
 *
 * Why no doorbell is lost. The sender stores the word before it sends the signal. If the target
 * lowers its priority before the handler runs, the handler finds it low. If the handler runs first,
 * it leaves the word, and the thread's own later check finds it: it is the same thread, so program
 * order is enough, kept by a signal fence.
 *
 * The wake doorbell is SIGUSR2, blocked in every thread: arch_halt() waits for it and takes it in
 * one step, by sigtimedwait(). A wake that came earlier stays pending and ends the wait at once.
 *
 * ThreadSanitizer lets a handler run only where its own state is consistent: after an atomic
 * operation, or in a call of the C library. Every wait loop of the kernel has both in each pass.
 * The address sanitizer lets a handler run between any two instructions.
 *
 * What was not done. No pthread_sigmask() in arch_irql_write(): it would cost two system calls for
 * each change. No interrupts except the two doorbells: devices and clocks are outside this
 * machine's purpose. No serialising instruction: nothing here patches code.
 */
#include "tests/threads/machine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"

#define SIGNAL_DOORBELL SIGUSR1
#define SIGNAL_WAKE     SIGUSR2

#define NS_PER_MS 1000000
#define NS_PER_S  1000000000

_Thread_local struct machine_cpu *machine_cpu;
_Thread_local void (*machine_preempt)(void);

int64_t machine_ahead_ns[MACHINE_PROCESSORS];

/* One processor. */
static struct {
    struct machine_cpu cpu;
    struct processor processor;
    _Atomic pthread_t thread; /* the thread that plays it */
} slots[MACHINE_PROCESSORS];

/* The run in progress. */
static pthread_barrier_t all_started, both_exchange;
static void (*all_run)(unsigned index);
static _Atomic unsigned still_running;

static void require(int error, const char *what)
{
    if (error != 0) {
        fprintf(stderr, "machine: %s: %s\n", what, strerror(error));
        exit(1);
    }
}

/* ---- interrupts ---- */

void machine_take_doorbell(void)
{
    struct machine_cpu *cpu = machine_cpu;

    /* The handler runs on this thread: it must see everything stored so far. */
    atomic_signal_fence(memory_order_seq_cst);
    while (arch_interrupts_enabled() && arch_irql() < IRQL_IPI &&
           atomic_exchange_explicit(&cpu->doorbell, false, memory_order_acquire)) {
        atomic_store_explicit(&cpu->interrupts_enabled, false, memory_order_relaxed);
        rendezvous_interrupt();
        atomic_store_explicit(&cpu->interrupts_enabled, true, memory_order_relaxed);
    }
}

/* The interrupted code finds its registers unchanged, errno among them. */
static void handle_doorbell(int signal)
{
    int saved = errno;

    (void)signal;
    machine_take_doorbell();
    errno = saved;
}

void arch_ring_doorbell(const struct processor_set *targets)
{
    processor_set_for_each(target, targets) {
        atomic_store_explicit(&slots[target].cpu.doorbell, true, memory_order_release);
        pthread_kill(slots[target].thread, SIGNAL_DOORBELL);
    }
}

/* The handler's return admits the next signal; until then the word remembers it. */
void arch_end_of_interrupt(void)
{
}

void arch_wake(const struct processor_set *targets)
{
    processor_set_for_each(target, targets) {
        pthread_kill(slots[target].thread, SIGNAL_WAKE);
    }
}

/* A signal of the other doorbell must not end it: at IPI_LEVEL a processor masks that one. */
void arch_halt(uint64_t limit_ticks)
{
    uint64_t end_ticks = arch_ticks() + limit_ticks;
    sigset_t wake;

    sigemptyset(&wake);
    sigaddset(&wake, SIGNAL_WAKE);
    for (uint64_t now = arch_ticks(); now < end_ticks; now = arch_ticks()) {
        struct timespec left = { .tv_sec = (time_t)((end_ticks - now) / NS_PER_S),
                                 .tv_nsec = (long)((end_ticks - now) % NS_PER_S) };
        if (sigtimedwait(&wake, NULL, &left) == SIGNAL_WAKE) {
            return;
        }
    }
}

/* ---- the rest of the contract ---- */

/* Doorbells are rung one by one, so there is no broadcast to choose. */
void arch_online_changed(const struct processor_set *online)
{
    (void)online;
}

/* The launcher's time-out handles a routine that never ends. */
void arch_set_alarm(uint64_t delay_ticks)
{
    (void)delay_ticks;
}

uint64_t arch_ticks_per_ms(void)
{
    return NS_PER_MS;
}

/* The host's threads have a sound stack and clean flags; the signal's frame has the registers. */
uintptr_t arch_call_worker(arch_worker *worker, uintptr_t argument)
{
    return worker(argument);
}

void arch_serialize(void)
{
}

void machine_yield(void)
{
    sched_yield();
}

/* ---- the clock ---- */

#define FIRST_NS ((uint64_t)1 << 50) /* its value when the first run begins */

/* It runs like the host's, but always begins there: no test depends on the host's uptime. */
static uint64_t ahead_of_host_ns(void)
{
    static uint64_t ahead_ns;

    if (ahead_ns == 0) {
        ahead_ns = FIRST_NS - machine_host_ns();
    }
    return ahead_ns;
}

/* ---- the life of a processor ---- */

unsigned machine_irql(unsigned index)
{
    return atomic_load_explicit(&slots[index].cpu.irql, memory_order_relaxed);
}

static void mask_signal(int how, int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    require(pthread_sigmask(how, &set, NULL), "cannot set the signal mask");
}

static void play(unsigned index)
{
    machine_cpu = &slots[index].cpu;
    slots[index].thread = pthread_self();
}

/* No signal finds a thread between two processors: a doorbell rung meanwhile waits for the flag. */
void machine_exchange(unsigned index)
{
    arch_interrupts_disable();
    pthread_barrier_wait(&both_exchange);
    play(index);
    pthread_barrier_wait(&both_exchange);
    arch_interrupts_enable();
}

static void *run_thread(void *argument)
{
    unsigned index = (unsigned)(uintptr_t)argument;

    play(index);
    mask_signal(SIG_UNBLOCK, SIGNAL_DOORBELL);
    pthread_barrier_wait(&all_started);
    arch_interrupts_enable();
    all_run(index);
    atomic_fetch_sub_explicit(&still_running, 1, memory_order_relaxed);
    while (atomic_load_explicit(&still_running, memory_order_relaxed) != 0) {
        arch_relax();
    }
    return NULL;
}

/* Every thread created later begins with both doorbells blocked. */
static void connect_doorbells(void)
{
    struct sigaction action = { .sa_handler = handle_doorbell, .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    require(sigaction(SIGNAL_DOORBELL, &action, NULL) == 0 ? 0 : errno, "cannot set a handler");
    mask_signal(SIG_BLOCK, SIGNAL_DOORBELL);
    mask_signal(SIG_BLOCK, SIGNAL_WAKE);
}

/* All processors exist before any thread runs: their list does not change during a run. */
static void publish_processors(unsigned count)
{
    memset(&processors_online, 0, sizeof(processors_online));
    memset(slots, 0, sizeof(slots));
    processor_count = processors_online_count = 0;
    for (unsigned i = 0; i < count; i++) {
        slots[i].cpu.processor = &slots[i].processor;
        /* A tick is a nanosecond. */
        slots[i].cpu.ahead_ticks = ahead_of_host_ns() + (uint64_t)machine_ahead_ns[i];
        (void)processors_add(&slots[i].processor);
    }
}

void machine_run(unsigned count, void (*program)(unsigned index))
{
    pthread_t threads[MACHINE_PROCESSORS];

    publish_processors(count);
    connect_doorbells();
    all_run = program;
    atomic_store_explicit(&still_running, count, memory_order_relaxed);
    require(pthread_barrier_init(&all_started, NULL, count + 1), "cannot make a barrier");
    require(pthread_barrier_init(&both_exchange, NULL, 2), "cannot make a barrier");
    for (unsigned i = 0; i < count; i++) {
        require(pthread_create(&threads[i], NULL, run_thread, (void *)(uintptr_t)i),
                "cannot start a thread");
    }
    pthread_barrier_wait(&all_started);
    for (unsigned i = 0; i < count; i++) {
        require(pthread_join(threads[i], NULL), "cannot join a thread");
    }
    pthread_barrier_destroy(&all_started);
    pthread_barrier_destroy(&both_exchange);
}
