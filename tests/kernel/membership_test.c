/* SPDX-License-Identifier: MIT */
/*
 * Processors that go offline and come back while the others call: clauses C4, C5 and C6.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/processors/tlb.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/visit.h"

/* ---- C4: calls from all others during a change ---- */

static _Atomic bool load_ends;

static void call_until_told(void *argument)
{
    (void)argument;
    while (!atomic_load(&load_ends)) {
        visit_call();
    }
}

static void start_load(unsigned all_but)
{
    atomic_store(&load_ends, false);
    for (unsigned i = 1; i < processor_count; i++) {
        if (i != all_but) {
            CHECK(work_post(i, call_until_told, NULL) == 0);
        }
    }
}

static void end_load(void)
{
    atomic_store(&load_ends, true);
    for (unsigned i = 1; i < processor_count; i++) {
        work_await(i);
    }
}

static void change_under_load(unsigned processor)
{
    start_load(processor);
    visit_go_and_come(processor);
    end_load();
}

static void test_calls_meanwhile(void)
{
    if (!visit_is_alone()) {
        visit_for_some(change_under_load);
    }
}

/* ---- C4: calls by a handler that interrupts the requester in the middle of the change ---- */

#define CALLS_PER_MS 4
#define CALLS_WANTED 8 /* in the middle of a change */

static _Atomic bool timer_ends, timer_ended;
static _Atomic unsigned calls_in_change;

static void call_and_go_on(void)
{
    visit_call();
    atomic_fetch_add(&calls_in_change, visit_is_changing());
    if (atomic_load(&timer_ends)) {
        atomic_store(&timer_ended, true);
    } else {
        arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms() / CALLS_PER_MS);
    }
}

static void test_calls_by_handler(void)
{
    if (visit_is_alone()) {
        return;
    }
    atomic_store(&timer_ends, false);
    atomic_store(&timer_ended, false);
    atomic_store(&calls_in_change, 0);
    arch_connect_interrupt(CLOCK_LEVEL, call_and_go_on);
    arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms() / CALLS_PER_MS);
    do {
        visit_for_some(visit_go_and_come);
    } while (atomic_load(&calls_in_change) < CALLS_WANTED);
    atomic_store(&timer_ends, true);
    while (!atomic_load(&timer_ended)) {
        arch_relax();
    }
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
}

/* ---- C4: all of them ---- */

static void test_all_but_the_first(void)
{
    unsigned last = processor_count - 1;

    for (unsigned i = 1; i <= last; i++) {
        visit_go(i);
    }
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == 1);
    CHECK(KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
    CHECK(KeQueryActiveProcessors() == 1);
    visit_call();
    for (unsigned i = last; i >= 1; i--) { /* in another order */
        visit_come(i);
    }
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
    visit_call();
}

/* ---- how a broadcast is sent ---- */

static void test_shorthand_given_up(void)
{
    const char *refusal;
    unsigned last = processor_count - 1;

    if (strcmp(arch_broadcast_policy_name(&refusal), "shorthand") != 0 || visit_is_alone()) {
        suite_skip("a broadcast is not sent by shorthand");
        return;
    }
    visit_go(last);
    CHECK(strcmp(arch_broadcast_policy_name(&refusal), "shorthand") != 0);
    CHECK(refusal != NULL);
    visit_call();
    visit_come(last);
    CHECK(strcmp(arch_broadcast_policy_name(&refusal), "shorthand") == 0);
    CHECK(refusal == NULL);
    visit_call();
}

/* ---- C5: doorbells that reach a processor that has left ---- */

static struct processor_set parked;

static ULONG_PTR NTAPI ring_parked(ULONG_PTR argument)
{
    arch_ring_doorbell(&parked);
    arch_wake(&parked);
    return visit_count(argument);
}

static void test_doorbells_for_nobody(void)
{
    unsigned last = processor_count - 1;

    if (visit_is_alone()) {
        return;
    }
    processor_set_clear(&parked);
    processor_set_add(&parked, last);
    visit_go(last);
    arch_ring_doorbell(&parked);
    visit_call();
    visit_call_with(ring_parked);
    visit_come(last);
    visit_call();
}

/* ---- C6: translations that were flushed while a processor was away ---- */

#define PAGE_WORDS (4096 / sizeof(uint64_t))

static volatile uint64_t *alias;

static void read_alias(void *value)
{
    *(uint64_t *)value = *alias;
}

static uint64_t read_alias_on(unsigned processor)
{
    uint64_t value = 0;
    CHECK(work_post(processor, read_alias, &value) == 0);
    work_await(processor);
    return value;
}

static void test_flush_while_away(void)
{
    unsigned last = processor_count - 1;
    uint64_t *pages = arch_allocate_pages(2 * PAGE_WORDS * sizeof(uint64_t));

    alias = pages == NULL ? NULL : arch_create_alias(pages);
    if (alias == NULL || visit_is_alone()) {
        suite_skip(alias == NULL ? "memory is short" : "no other processor can go offline");
        return;
    }
    pages[0] = 1;
    pages[PAGE_WORDS] = 2;
    CHECK(read_alias_on(last) == 1); /* now it has the translation */
    visit_go(last);
    arch_redirect_alias((void *)alias, pages + PAGE_WORDS);
    tlb_flush((uintptr_t)alias, 1);
    CHECK(*alias == 2);
    visit_come(last);
    CHECK(read_alias_on(last) == 2);
}

const struct suite_case membership_cases[] = {
    { "C4 processors go offline and come back while all others call", test_calls_meanwhile },
    { "C4 the same with a handler that calls in the middle of the change", test_calls_by_handler },
    { "C4 K12 all except the first go offline, and come back", test_all_but_the_first },
    { "C4 the shorthand is not used while a processor is parked", test_shorthand_given_up },
    { "C4 C5 doorbells sent to a parked processor have no effect", test_doorbells_for_nobody },
    { "C6 a flush also applies to a processor that was offline", test_flush_while_away },
    { NULL, NULL },
};
