/* SPDX-License-Identifier: MIT */
/*
 * What processor_offline() and processor_online() refuse and wait for, and what happens to posted
 * work: clauses C4 and B8.
 */
#include <wdm.h>

#include "arch/x86_64/ipi.h"
#include "kernel/rendezvous/wait.h"
#include "tests/kernel/suite.h"
#include "tests/kernel/visit.h"

#define SHORT_MS 50 /* a patience that is meant to expire; long enough for a second STARTUP */

/* ---- what is refused ---- */

static void test_refused(void)
{
    unsigned last = processor_count - 1;

    CHECK(processor_offline(0) == PROCESSOR_REFUSED);
    CHECK(processor_online(0) == PROCESSOR_UNCHANGED);
    CHECK(processor_offline(processor_count) == PROCESSOR_INVALID);
    CHECK(processor_online(PROCESSOR_LIMIT) == PROCESSOR_INVALID);
    if (last != 0) {
        CHECK(processor_online(last) == PROCESSOR_UNCHANGED);
        visit_go(last);
        CHECK(processor_offline(last) == PROCESSOR_UNCHANGED);
        visit_come(last);
    }
    visit_call();
}

static void ask_for_what_is_refused(void *argument)
{
    (void)argument;
    CHECK(processor_offline(arch_processor()->index) == PROCESSOR_REFUSED);
    CHECK(processor_offline(0) == PROCESSOR_REFUSED);
}

static void test_refused_elsewhere(void)
{
    if (visit_is_alone()) {
        return;
    }
    work_post(1, ask_for_what_is_refused, NULL);
    work_await(1);
    visit_call();
}

/* ---- a processor that has work ---- */

static _Atomic bool work_ends;

static void work_until_told(void *argument)
{
    (void)argument;
    while (!atomic_load(&work_ends)) {
        arch_relax();
    }
}

static void test_occupied(void)
{
    uint32_t patience_ms = patience_get_ms();

    if (visit_is_alone()) {
        return;
    }
    atomic_store(&work_ends, false);
    work_post(1, work_until_told, NULL);
    patience_set_ms(SHORT_MS);
    CHECK(processor_offline(1) == PROCESSOR_OCCUPIED);
    patience_set_ms(patience_ms);
    CHECK(processor_is_online(1));
    visit_call(); /* the processor takes part as before */
    atomic_store(&work_ends, true);
    work_await(1);
    visit_go_and_come(1);
}

static void offline_first(void *result)
{
    *(enum processor_change *)result = processor_offline(1);
}

/* While one change waits, a second one is refused, and both end well. */
static void test_one_at_a_time(void)
{
    enum processor_change result = PROCESSOR_UNCHANGED;

    if (processor_count < 3) {
        suite_skip("this needs two other processors");
        return;
    }
    atomic_store(&work_ends, false);
    work_post(1, work_until_told, NULL);
    visit_note_change(1);
    work_post(2, offline_first, &result);
    while (processor_state(1) != PROCESSOR_LEAVING) {
        arch_relax();
    }
    CHECK(processor_offline(2) == PROCESSOR_CHANGE_PENDING);
    CHECK(processor_online(2) == PROCESSOR_CHANGE_PENDING);
    visit_call();
    atomic_store(&work_ends, true);
    work_await(2);
    visit_note_change(1);
    CHECK(result == PROCESSOR_CHANGED);
    visit_call();
    visit_come(1);
}

static void count_work(void *count)
{
    atomic_fetch_add((_Atomic unsigned *)count, 1);
}

static void test_posted_work(void)
{
    _Atomic unsigned count = 0;
    unsigned last = processor_count - 1;

    if (visit_is_alone()) {
        return;
    }
    work_post(last, count_work, &count);
    visit_go(last); /* work posted before is done */
    CHECK(atomic_load(&count) == 1);
    CHECK(work_post(last, count_work, &count) == -1);
    work_await(last);
    suite_run_everywhere(count_work, &count);
    CHECK(atomic_load(&count) == processor_count);
    visit_come(last);
    CHECK(work_post(last, count_work, &count) == 0);
    work_await(last);
    CHECK(atomic_load(&count) == processor_count + 1);
}

/* ---- B8: a processor that does not answer when it is started again ---- */

/* An id that no processor here has, and that every mode can address. */
static uint32_t find_free_id(void)
{
    for (uint32_t id = 0; id < 255; id++) {
        bool taken = false;
        for (unsigned i = 0; i < processor_count; i++) {
            taken |= arch_hardware_id(i) == id;
        }
        if (!taken) {
            return id;
        }
    }
    return UINT32_MAX;
}

static void test_no_answer(void)
{
    struct processor *last = processors[processor_count - 1];
    uint32_t patience_ms = patience_get_ms(), hardware_id = ipi_apic_ids[last->index];
    uint32_t free_id = find_free_id();

    if (visit_is_alone() || free_id == UINT32_MAX) {
        suite_skip("no processor can go offline, or no id is left");
        return;
    }
    visit_go(last->index);
    ipi_apic_ids[last->index] = free_id; /* its messages reach no processor */
    patience_set_ms(SHORT_MS);
    CHECK(processor_online(last->index) == PROCESSOR_SILENT);
    patience_set_ms(patience_ms);
    ipi_apic_ids[last->index] = hardware_id;
    CHECK(!processor_is_online(last->index));
    CHECK(processor_offline(last->index) == PROCESSOR_UNCHANGED);
    visit_call();
    visit_come(last->index);
    visit_call();
}

/* ---- alone, with the whole deadline; twice, so that one of two equal deadlines expires ---- */

static _Atomic bool enough;

static ULONG_PTR NTAPI do_nothing(ULONG_PTR argument)
{
    return argument;
}

static void call_until_enough(void *argument)
{
    (void)argument;
    while (!atomic_load(&enough)) {
        KeIpiGenericCall(do_nothing, 0);
    }
}

/* The requester of a silent processor has its interrupts disabled, and still serves calls. */
static void test_silent_beside_calls(void)
{
    struct processor *last = processors[processor_count - 1];
    uint32_t hardware_id = ipi_apic_ids[last->index];

    visit_go(last->index);
    ipi_apic_ids[last->index] = find_free_id();
    work_post(1, call_until_enough, NULL);
    arch_interrupts_disable();
    CHECK(processor_online(last->index) == PROCESSOR_SILENT);
    CHECK(processor_online(last->index) == PROCESSOR_SILENT);
    arch_interrupts_enable();
    atomic_store(&enough, true);
    work_await(1);
    ipi_apic_ids[last->index] = hardware_id;
    visit_come(last->index);
}

const struct suite_case silent_change_cases[] = {
    { "C1 calls go on while the caller waits for a silent processor, interrupts disabled",
      test_silent_beside_calls },
    { NULL, NULL },
};

const struct suite_case change_cases[] = {
    { "C4 changes that are refused", test_refused },
    { "C4 no processor takes itself or the first processor offline", test_refused_elsewhere },
    { "C4 a processor that does not end its work stays online", test_occupied },
    { "C4 one change at a time", test_one_at_a_time },
    { "C4 work is posted only to online processors", test_posted_work },
    { "B8 a processor that does not answer a second start", test_no_answer },
    { NULL, NULL },
};
