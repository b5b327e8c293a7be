/* SPDX-License-Identifier: MIT */
/*
 * The kernel from its first portable line to the verdict, as a table of contents.
 */
#include "kernel/console/cmdline.h"
#include "kernel/console/conclude.h"
#include "kernel/console/log.h"
#include "kernel/entry.h"
#include "kernel/inject/inject.h"
#include "kernel/irql.h"
#include "kernel/processors/life.h"
#include "kernel/processors/wait_policy.h"
#include "kernel/rendezvous/clocks_measure.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/silence/stats.h"
#include "kernel/stop/bugcheck.h"
#include "kernel/test.h"
#include "kernel/version.h"
#include "kernel/windows/driver.h"
#include "kernel/windows/pool.h"

#define POOL_SIZE       (32u << 20)
#define POOL_SIZE_LEAST (64u << 10)
#define TIMEOUT_MS      5000
#define GUEST_PATIENCE  2 /* a hypervisor may stop a processor for a while: twice the deadline */

/* The deadline of a slow machine is no longer than this: nobody watches a silent screen longer. */
#define SLOW_PATIENCE_LIMIT_MS 60000

static void complain(const char *message)
{
    log_line("command line: %s", message);
}

/* The default, lengthened where the machine is slow. */
static uint32_t choose_timeout_ms(unsigned guest_patience)
{
    const uint32_t limit_ms = SLOW_PATIENCE_LIMIT_MS / guest_patience;
    unsigned slowness = wait_measure_slowness();

    if (slowness == 1) {
        return TIMEOUT_MS;
    }
    uint32_t timeout_ms = slowness < limit_ms / TIMEOUT_MS ? TIMEOUT_MS * slowness : limit_ms;
    log_line("this machine is slow by a factor of %u: time-outs are %u ms", slowness,
             timeout_ms * guest_patience);
    return timeout_ms;
}

/* A value from the user is lengthened only for a hypervisor, not for a slow machine. */
static void set_patience(uint32_t timeout_ms)
{
    unsigned guest_patience = arch_hypervisor_present() ? GUEST_PATIENCE : 1;

    if (timeout_ms == 0) {
        timeout_ms = choose_timeout_ms(guest_patience);
    }
    patience_set_ms(timeout_ms * guest_patience);
}

/*
 * Starts the machine, from its first console on. It needs its own options before that; complaints
 * about the line are made later, when all options are read.
 */
static void start_machine(struct cmdline *options)
{
    static const struct cmdline_option *const machine[] = { arch_options, NULL };
    static const struct cmdline_option *const all[] = { cmdline_options, arch_options,
                                                        inject_options, test_options, NULL };
    uintptr_t reason;

    arch_start_console();
    log_line("Muster %s", version_text);
    const char *line = arch_read_loader();
    cmdline_parse(line, machine, options, NULL);
    if (arch_start(&reason) != 0) {
        bugcheck_stop(BUGCHECK_HAL_INITIALIZATION_FAILED, reason, 0, 0, 0);
    }
    cmdline_parse(line, all, options, complain);
    bugcheck_set_end(options->end);
    set_patience(options->timeout_ms);
}

/* The pool gets less on a machine with little memory. */
static void start_pool(void)
{
    for (size_t size = POOL_SIZE; size >= POOL_SIZE_LEAST; size /= 2) {
        void *memory = arch_allocate_pages(size);
        if (memory != NULL) {
            pool_add(memory, size);
            return;
        }
    }
    log_line("pool: no memory; drivers cannot allocate");
}

/* Prints whether the clocks agree, by the worst of them. */
static void compare_clocks(void)
{
    static const char *const names[] = {
        [CLOCKS_AGREE] = "agree", [CLOCKS_DISAGREE] = "disagree", [CLOCKS_UNKNOWN] = "unknown"
    };

    stats_leave_out(clocks_exchange);
    struct clocks_finding worst = clocks_measure_all();
    stats_reset(); /* the calls so far were the kernel's own */
    log_line("clocks processors=%u status=%s apart_ns=%llu processor=%u", processor_count,
             names[worst.status], (unsigned long long)worst.ns, worst.processor);
}

/* Starts the other processors. Returns false if one that was asked to start is missing. */
static bool start_processors(const struct cmdline *options)
{
    struct arch_start_report report;
    unsigned limit = options->no_smp ? 1 : options->max_processors;

    for (unsigned i = 0; i < options->phantom_count; i++) {
        arch_add_phantom_processor(options->phantom_hardware_ids[i]);
    }
    arch_configure_broadcast(options->broadcast);
    arch_start_processors(limit, patience_get_ms(), &report);
    processor_release_all();
    wait_choose_policy(options->wait);
    const char *refusal;
    const char *policy = arch_broadcast_policy_name(&refusal);
    if (refusal != NULL) {
        log_line("doorbells are sent by %s: %s", policy, refusal);
    }
    log_line("smp processors=%u online=%u apic=%s ipi=%s wait=%s bringup_us=%llu", report.listed,
             processor_count, arch_interrupt_controller_name(), policy,
             wait_get_policy() == WAIT_HALT ? "halt" : "spin",
             (unsigned long long)report.bringup_us);
    compare_clocks();
    if (processor_count < report.asked) {
        log_line("%u of %u processors did not come online", report.asked - processor_count,
                 report.asked);
        return false;
    }
    return true;
}

/* Can the run do what the command line asks for? */
static bool can_run(const struct cmdline *options)
{
    return !options->refused && (options->test[0] == '\0' || test_exists(options->test));
}

static _Noreturn void finish(bool ok, enum arch_end end)
{
    log_finish_line();
    inject_conclude();
    log_line("verdict status=%s exit=%d", ok ? "ok" : "failed",
             ok ? ARCH_EXIT_OK : ARCH_EXIT_FAILED);
    log_flush();
    conclude(ok ? "PASS" : "FAILED", ok ? CONCLUDE_GOOD : CONCLUDE_BAD);
    arch_exit(ok ? ARCH_EXIT_OK : ARCH_EXIT_FAILED, end);
}

_Noreturn void kernel_main(void)
{
    static struct cmdline options;

    start_machine(&options);
    arch_interrupts_enable();
    irql_lower(IRQL_PASSIVE);
    if (!can_run(&options)) {
        finish(false, options.end);
    }
    start_pool();
    if (inject_is_asked() || options.test[0] != '\0') {
        inject_prepare();
    }
    bool ok = start_processors(&options);
    if (!inject_start()) {
        finish(false, options.end);
    }
    ok &= options.test[0] != '\0' ? test_run(options.test) : driver_run();
    if (options.trace_calls != 0) {
        trace_print(options.trace_calls);
    }
    finish(ok, options.end);
}

_Noreturn void processor_main(struct processor *self)
{
    irql_lower(IRQL_PASSIVE);
    processor_idle(self);
}
