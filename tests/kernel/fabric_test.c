/* SPDX-License-Identifier: MIT */
/*
 * `test=fabric`: does a message reach exactly its targets, exactly once?
 *
 * Each processor in turn is the sender, from its idle loop, while the others halt or wait with
 * interrupts enabled. In each way that this machine supports, the sender sends MESSAGE several
 * times. Each time it waits for all arrivals and checks the counts. At the end it checks the counts
 * of every processor, including those that were not targets.
 *
 * A second arrival cannot be waited for, and messages that are pending at the same time merge: a
 * duplicate and the next message would count as one. So before the counts are read, the sender
 * sends MARKER in the same way and waits for it. MARKER has a lower class: a processor takes it
 * only when no MESSAGE is pending there. Before the last check every processor gets one.
 *
 * Every wait has a deadline. After LOSSES_LIMIT lost messages the rest is not tried.
 *
 * Memory ordering. The handler increments its count with release, the sender reads it with acquire:
 * the time of the arrival is visible. work_post() and work_await() order the rows.
 */
#include <wdm.h>

#include "arch/x86_64/lapic.h"
#include "arch/x86_64/trap.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "lib/string.h"
#include "tests/kernel/fabric.h"
#include "tests/kernel/suite.h"

#define VECTOR_MESSAGE 0xc4 /* both in device classes; nothing else uses these vectors */
#define VECTOR_MARKER  0x34

#define REPEATS_LIMIT 5
#define LOSSES_LIMIT  3
#define REPORTS_LIMIT 20

enum kind { MESSAGE, MARKER, KINDS };
static const uint32_t vectors[KINDS] = { VECTOR_MESSAGE, VECTOR_MARKER };

/* The arrivals at a processor. */
struct receiver {
    alignas(CACHE_PAIR) _Atomic uint32_t arrivals[KINDS];
    uint64_t arrived_ticks;

    /* Written by the sender: how many it expects in total, and whether a message went wrong. */
    uint32_t expected[KINDS];
    bool failed;
};

/* Deliberate faults. */
enum fabric_fault {
    FAULTLESS,
    LOSES,   /* the last processor ignores one message */
    DOUBLES, /* the last processor's message is sent again */
    STRAYS,  /* that message also reaches processor 0 */
};

static struct receiver *receivers;
static unsigned repeats;
static enum fabric_fault fault;

/* Of the whole run; written by the current sender. */
static unsigned losses, reports, failed_pairs;
static uint64_t totals[FABRIC_WAYS];

/* ---- the receiver ---- */

/* Fails once, at the last processor's second message. Returns true if that is to be ignored. */
static bool go_wrong(const struct receiver *self)
{
    const uint32_t again = LAPIC_FIXED | LAPIC_ASSERT | VECTOR_MESSAGE;

    if (self != &receivers[processor_count - 1] || self->arrivals[MESSAGE] != 1) {
        return false;
    }
    enum fabric_fault now = fault;
    fault = FAULTLESS;
    if (now == DOUBLES) {
        lapic_send(0, again | LAPIC_TO_SELF);
    } else if (now == STRAYS) {
        lapic_send(arch_hardware_id(0), again);
    }
    return now == LOSES;
}

static bool receive(struct trap_frame *frame)
{
    uint64_t now_ticks = arch_ticks();
    struct receiver *self = &receivers[arch_processor()->index];

    if (frame->vector != VECTOR_MESSAGE && frame->vector != VECTOR_MARKER) {
        return false;
    }
    enum kind kind = frame->vector == VECTOR_MESSAGE ? MESSAGE : MARKER;
    if (kind == MARKER || fault == FAULTLESS || !go_wrong(self)) {
        self->arrived_ticks = now_ticks;
        atomic_fetch_add_explicit(&self->arrivals[kind], 1, memory_order_release);
    }
    arch_end_of_interrupt();
    return true;
}

/* ---- the sender ---- */

static void report(enum fabric_way way, enum kind kind, unsigned target, uint32_t got)
{
    struct receiver *receiver = &receivers[target];

    receiver->failed = true;
    if (reports++ < REPORTS_LIMIT) {
        log_line("fabric: from processor %u to %u by %s: %u %s arrived, %u were expected",
                 arch_processor()->index, target, fabric_way_names[way], got,
                 kind == MESSAGE ? "messages" : "markers", receiver->expected[kind]);
    }
}

/* Did as many arrive as were sent? A difference is reported once. */
static void compare_count(enum fabric_way way, enum kind kind, unsigned target)
{
    struct receiver *receiver = &receivers[target];
    uint32_t got = atomic_load_explicit(&receiver->arrivals[kind], memory_order_acquire);

    if (got != receiver->expected[kind]) {
        report(way, kind, target, got);
        receiver->expected[kind] = got;
    }
}

/* Waits until all expected messages have arrived; otherwise reports that and returns false. */
static bool await_arrival(enum fabric_way way, enum kind kind, unsigned target)
{
    struct receiver *receiver = &receivers[target];
    struct wait wait = wait_begin(1);

    while (atomic_load_explicit(&receiver->arrivals[kind], memory_order_acquire) <
           receiver->expected[kind]) {
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            losses++;
            compare_count(way, kind, target);
            return false;
        }
    }
    return true;
}

/* Sends by unicast and waits for the arrival. */
static bool send_to_one(enum kind kind, unsigned target)
{
    receivers[target].expected[kind]++;
    fabric_send(FABRIC_UNICAST, target, vectors[kind]);
    return await_arrival(FABRIC_UNICAST, kind, target);
}

/* Sends to all that `way` reaches and waits for the arrivals. */
static bool send_to_all(enum fabric_way way, enum kind kind)
{
    const unsigned self = arch_processor()->index;
    bool all = true;

    for (unsigned target = 0; target < processor_count; target++) {
        receivers[target].expected[kind] += fabric_reaches(way, self, target);
    }
    fabric_send(way, 0, vectors[kind]);
    for (unsigned target = 0; target < processor_count; target++) {
        all &= await_arrival(way, kind, target);
    }
    return all;
}

static bool try_unicast(unsigned target)
{
    uint64_t ticks[REPEATS_LIMIT];

    for (unsigned i = 0; i < repeats; i++) {
        uint64_t sent_ticks = arch_ticks();
        if (!send_to_one(MESSAGE, target)) {
            return false;
        }
        ticks[i] = receivers[target].arrived_ticks - sent_ticks;
        if (!send_to_one(MARKER, target)) {
            return false;
        }
        compare_count(FABRIC_UNICAST, MESSAGE, target);
    }
    fabric_latency_record(arch_processor()->index, target, ticks, repeats);
    return true;
}

static bool try_unicasts(void)
{
    bool all = true;
    for (unsigned target = 0; target < processor_count && all; target++) {
        all = try_unicast(target);
    }
    return all;
}

static bool try_broadcasts(enum fabric_way way)
{
    for (unsigned i = 0; i < repeats; i++) {
        if (!send_to_all(way, MESSAGE) || !send_to_all(way, MARKER)) {
            return false;
        }
        for (unsigned target = 0; target < processor_count; target++) {
            compare_count(way, MESSAGE, target);
        }
    }
    return true;
}

/* Includes processors that were not targets. */
static void compare_counts(enum fabric_way way)
{
    for (unsigned target = 0; target < processor_count; target++) {
        if (!send_to_one(MARKER, target)) {
            return;
        }
        compare_count(way, MESSAGE, target);
        if (fabric_reaches(way, arch_processor()->index, target)) {
            totals[way] += receivers[target].expected[MESSAGE];
        }
    }
}

static void start_counting(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            atomic_store_explicit(&receivers[i].arrivals[kind], 0, memory_order_relaxed);
            receivers[i].expected[kind] = 0;
        }
    }
}

static void try_way(enum fabric_way way)
{
    start_counting();
    if (way == FABRIC_UNICAST ? try_unicasts() : try_broadcasts(way)) {
        compare_counts(way);
    }
}

static void send_row(void *argument)
{
    (void)argument;
    for (enum fabric_way way = 0; way < FABRIC_WAYS; way++) {
        if (fabric_way_refused(way) == NULL && losses < LOSSES_LIMIT) {
            try_way(way);
        }
    }
    for (unsigned i = 0; i < processor_count; i++) {
        failed_pairs += receivers[i].failed;
        receivers[i].failed = false;
    }
}

/* ---- the whole test ---- */

static uint32_t *errors;

static ULONG_PTR NTAPI take_errors(ULONG_PTR argument)
{
    (void)argument;
    errors[arch_processor()->index] = lapic_take_errors();
    return 0;
}

/* No APIC may report an error; returns the number of those that do. */
static unsigned count_errors(unsigned error_interrupts_before)
{
    unsigned count = lapic_error_interrupts() - error_interrupts_before;

    KeIpiGenericCall(take_errors, 0);
    for (unsigned i = 0; i < processor_count; i++) {
        if (errors[i] != 0) {
            log_line("fabric: the local APIC of processor %u has errors %#x", i, errors[i]);
            count++;
        }
    }
    return count;
}

static void print_ways(void)
{
    for (enum fabric_way way = 0; way < FABRIC_WAYS; way++) {
        const char *refusal = fabric_way_refused(way);
        if (refusal != NULL) {
            log_line("fabric: %s not tried: %s", fabric_way_names[way], refusal);
        } else {
            log_line("fabric: %llu messages arrived by %s", (unsigned long long)totals[way],
                     fabric_way_names[way]);
        }
    }
}

/* Every way delivers the same number to each pair it reaches; "others" lacks what "self" has. */
static bool ways_agree(void)
{
    bool agree = true;

    for (enum fabric_way way = 0; way < FABRIC_WAYS; way++) {
        uint64_t rest = way == FABRIC_OTHERS ? totals[FABRIC_SELF] : 0;
        bool own = way == FABRIC_SELF || way == FABRIC_SELF_REGISTER;
        uint64_t wanted = own ? totals[FABRIC_UNICAST] / processor_count : totals[FABRIC_UNICAST];
        agree &= fabric_way_refused(way) != NULL || totals[way] + rest == wanted;
    }
    return agree;
}

static bool allocate(void)
{
    receivers = arch_allocate_pages(processor_count * sizeof(*receivers));
    errors = arch_allocate_pages(processor_count * sizeof(*errors));
    if (receivers == NULL || errors == NULL) {
        log_line("fabric: no memory");
        return false;
    }
    memset(receivers, 0, processor_count * sizeof(*receivers));
    return true;
}

static void send_rows(void)
{
    trap_set_hook(receive);
    send_row(NULL);
    for (unsigned sender = 1; sender < processor_count; sender++) {
        work_post(sender, send_row, NULL);
        work_await(sender);
    }
    trap_set_hook(NULL);
}

static bool run(enum fabric_fault on_purpose)
{
    unsigned before = lapic_error_interrupts();

    if (!allocate()) {
        return false;
    }
    fault = on_purpose;
    repeats = processor_count <= 16 ? REPEATS_LIMIT : processor_count <= 64 ? 3 : 1;
    fabric_latency_start();
    KeIpiGenericCall(take_errors, 0); /* earlier errors do not count */
    send_rows();
    unsigned failed = failed_pairs + count_errors(before);
    print_ways();
    if (losses >= LOSSES_LIMIT) {
        log_line("fabric: given up after %u lost messages", losses);
    } else if (failed == 0 && !ways_agree()) {
        log_line("fabric: the ways differ in how many messages arrived");
        failed++;
    }
    fabric_latency_print();
    log_line("fabric processors=%u pairs=%u failed=%u status=%s", processor_count,
             processor_count * processor_count, failed, failed == 0 ? "ok" : "failed");
    return failed == 0;
}

static const struct {
    const char *name;
    enum fabric_fault fault;
} tests[] = {
    { "fabric", FAULTLESS },
    { "fabric_loses", LOSES },
    { "fabric_doubles", DOUBLES },
    { "fabric_strays", STRAYS },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

const char *fabric_name(unsigned nth)
{
    return nth < TESTS ? tests[nth].name : NULL;
}

bool fabric_run(const char *name, bool *ok)
{
    for (unsigned i = 0; i < TESTS; i++) {
        if (strcmp(name, tests[i].name) == 0) {
            *ok = run(tests[i].fault);
            return true;
        }
    }
    return false;
}
