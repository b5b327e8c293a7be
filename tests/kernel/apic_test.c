/* SPDX-License-Identifier: MIT */
/*
 * `test=apic`: runs the checks and prints TAP. A failing check that has a row in the table of
 * deviations is an expected failure, "not ok ... # TODO", never a silent pass.
 */
#include "tests/kernel/apic.h"

#include "kernel/console/log.h"
#include "kernel/rendezvous/wait.h"

#define WAIT_DIVISOR 10 /* of the patience: nothing takes long here, some messages never come */

static const struct apic_check *const lists[] = {
    apic_register_checks, apic_delivery_checks, apic_timer_checks,
    apic_nmi_checks,      apic_mode_checks,
};

static _Atomic unsigned differences;
static const char *skip_reason;
static unsigned run_count, failed_count, expected_count;

void apic_differ(const char *file, int line, const char *condition)
{
    atomic_fetch_add(&differences, 1);
    log_line("# processor %u, %s:%d: false: %s", arch_processor()->index, file, line, condition);
}

void apic_skip(const char *reason)
{
    skip_reason = reason;
}

static void report(const struct apic_check *check, unsigned number, bool ok)
{
    const struct apic_deviation *known = apic_known_deviation(check->key);

    if (skip_reason != NULL) {
        log_line("ok %u - %s: %s # SKIP %s", number, check->key, check->what, skip_reason);
        return;
    }
    run_count++;
    if (!ok && known != NULL) {
        expected_count++;
        log_line("not ok %u - %s: %s # TODO %s: %s (%s)", number, check->key, check->what,
                 apic_engine(), known->what, known->source);
        return;
    }
    failed_count += !ok;
    log_line("%s %u - %s: %s", ok ? "ok" : "not ok", number, check->key, check->what);
    if (known != NULL) {
        log_line("apic: %s PASSES, but the table of deviations says about %s: %s", check->key,
                 apic_engine(), known->what);
    }
}

static void run_check(const struct apic_check *check, unsigned number)
{
    atomic_store(&differences, 0);
    skip_reason = NULL;
    check->run();
    trap_set_hook(NULL);
    report(check, number, atomic_load(&differences) == 0);
}

static unsigned count_checks(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const struct apic_check *check = lists[i]; check->key != NULL; check++) {
            count++;
        }
    }
    return count;
}

bool apic_run(void)
{
    unsigned number = 0;

    log_line("apic: engine %s, %s mode", apic_engine(), arch_interrupt_controller_name());
    log_line("1..%u", count_checks());
    for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const struct apic_check *check = lists[i]; check->key != NULL; check++) {
            run_check(check, ++number);
        }
    }
    log_line("apic checks=%u failed=%u expected_failures=%u status=%s", run_count, failed_count,
             expected_count, failed_count == 0 ? "ok" : "failed");
    return failed_count == 0;
}

/* ---- shared by the checks ---- */

struct apic_arrival apic_arrivals[APIC_ARRIVALS];
_Atomic unsigned apic_arrival_count;

static void (*act_inside)(unsigned vector);
static _Atomic unsigned fence_count; /* arrivals of APIC_FENCE_VECTOR */

bool apic_bit(enum lapic_register first, unsigned vector)
{
    return lapic->read(first + vector / 32 * 16) >> (vector % 32) & 1;
}

static bool take(struct trap_frame *frame)
{
    unsigned vector = (unsigned)frame->vector;
    unsigned place = atomic_load_explicit(&apic_arrival_count, memory_order_relaxed);

    if (vector != APIC_ILLEGAL_VECTOR && (vector < 0x30 || vector >= 0xe0)) {
        return false;
    }
    if (place < APIC_ARRIVALS) {
        apic_arrivals[place] = (struct apic_arrival){
            .vector = vector,
            .in_service = apic_bit(LAPIC_ISR, vector),
            .requested = apic_bit(LAPIC_IRR, vector),
            .priority = lapic->read(LAPIC_PPR) >> 4,
        };
    }
    /* Release, acquired by apic_await(): the record is complete. */
    atomic_store_explicit(&apic_arrival_count, place + 1, memory_order_release);
    if (vector == APIC_FENCE_VECTOR) {
        atomic_fetch_add_explicit(&fence_count, 1, memory_order_release); /* as above */
    }
    if (act_inside != NULL) {
        act_inside(vector);
    }
    if (lapic_in_service(vector)) {
        arch_end_of_interrupt();
    }
    return true;
}

void apic_listen(void (*inside)(unsigned vector))
{
    act_inside = inside;
    atomic_store_explicit(&apic_arrival_count, 0, memory_order_relaxed);
    trap_set_hook(take);
}

void apic_listen_end(void)
{
    trap_set_hook(NULL);
}

static uint64_t wait_ticks(void)
{
    return patience_get_ms() / WAIT_DIVISOR * arch_ticks_per_ms();
}

bool apic_await(const _Atomic unsigned *word, unsigned least)
{
    uint64_t began_ticks = arch_ticks();

    while (atomic_load_explicit(word, memory_order_acquire) < least) {
        if (arch_ticks() - began_ticks > wait_ticks()) {
            return false;
        }
        arch_relax();
    }
    return true;
}

bool apic_await_request(unsigned vector)
{
    uint64_t began_ticks = arch_ticks();

    while (!apic_bit(LAPIC_IRR, vector)) {
        if (arch_ticks() - began_ticks > wait_ticks()) {
            return false;
        }
        arch_relax();
    }
    return true;
}

void apic_send_self(unsigned vector)
{
    lapic_send(0, LAPIC_FIXED | LAPIC_ASSERT | LAPIC_TO_SELF | vector);
}

void apic_fence(void)
{
    unsigned before = atomic_load_explicit(&fence_count, memory_order_relaxed);

    apic_send_self(APIC_FENCE_VECTOR);
    EXPECT(apic_await(&fence_count, before + 1));
}

unsigned apic_subject(void)
{
    return processor_count > 1 ? 1 : 0;
}
