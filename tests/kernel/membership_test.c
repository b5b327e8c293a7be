/*
 * Processors that go offline and come back, while the others call: clauses C4, C6 and B8.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/tlb.h"
#include "kernel/wait.h"
#include "lib/string.h"
#include "tests/kernel/suite.h"

#define CHANGED_LIMIT  8 /* processors that go and come in one test, spread over all */
#define CALLS_BETWEEN  4 /* calls of the asker's own between two changes */
#define SHORT_PATIENCE 10

/* ---- a call that knows whom it must reach ---- */

/*
 * Per processor, how many changes of it have begun or ended: by the remainder of 4 it is online, is
 * leaving, is offline, is coming.
 */
enum { STEADY_ONLINE, IS_LEAVING, STEADY_OFFLINE, IS_COMING };
static _Atomic uint32_t changes[PROCESSOR_LIMIT];

struct visit {
    _Atomic uint8_t runs[PROCESSOR_LIMIT];
    uint32_t before[PROCESSOR_LIMIT];
};

static ULONG_PTR NTAPI count_visit(ULONG_PTR argument)
{
    struct visit *visit = (struct visit *)argument;
    return atomic_fetch_add(&visit->runs[arch_processor()->index], 1);
}

static void check_visit(const struct visit *visit, unsigned processor)
{
    unsigned runs = visit->runs[processor];
    uint32_t before = visit->before[processor];

    CHECK(runs <= 1);
    if (atomic_load(&changes[processor]) == before && before % 2 == 0) {
        CHECK(runs == (before % 4 == STEADY_ONLINE));
    }
}

/* One that was online from before the call until after it has run it, one that was offline not. */
static void call_with(PKIPI_BROADCAST_WORKER worker)
{
    struct visit visit;

    memset(&visit, 0, sizeof(visit));
    for (unsigned i = 0; i < processor_count; i++) {
        visit.before[i] = atomic_load(&changes[i]);
    }
    CHECK(KeIpiGenericCall(worker, (ULONG_PTR)&visit) == 0);
    for (unsigned i = 0; i < processor_count; i++) {
        check_visit(&visit, i);
    }
}

static void call_and_check(void)
{
    call_with(count_visit);
}

static void go(unsigned processor)
{
    atomic_fetch_add(&changes[processor], 1);
    CHECK(processor_offline(processor) == PROCESSOR_CHANGED);
    CHECK(!processor_is_online(processor));
    atomic_fetch_add(&changes[processor], 1);
}

static void come(unsigned processor)
{
    atomic_fetch_add(&changes[processor], 1);
    CHECK(processor_online(processor) == PROCESSOR_CHANGED);
    CHECK(processor_is_online(processor));
    atomic_fetch_add(&changes[processor], 1);
}

static void go_and_come(unsigned processor)
{
    go(processor);
    for (unsigned i = 0; i < CALLS_BETWEEN; i++) {
        call_and_check();
    }
    come(processor);
    for (unsigned i = 0; i < CALLS_BETWEEN; i++) {
        call_and_check();
    }
}

/* Runs `change` for a few processors, the first and the last of those that can go among them. */
static void for_some_processors(void (*change)(unsigned processor))
{
    unsigned last = processor_count - 1;
    unsigned steps = last < CHANGED_LIMIT ? last : CHANGED_LIMIT;

    for (unsigned i = 0; i < steps; i++) {
        change(steps == 1 ? 1 : 1 + i * (last - 1) / (steps - 1));
    }
}

static bool is_alone(void)
{
    if (processor_count == 1) {
        suite_skip("there is no other processor to go");
    }
    return processor_count == 1;
}

/* ---- C4: calls from all others meanwhile ---- */

static _Atomic bool load_ends;

static void call_until_told(void *argument)
{
    (void)argument;
    while (!atomic_load(&load_ends)) {
        call_and_check();
    }
}

static void start_load(unsigned all_but)
{
    atomic_store(&load_ends, false);
    for (unsigned i = 1; i < processor_count; i++) {
        if (i != all_but) {
            CHECK(processor_post(i, call_until_told, NULL) == 0);
        }
    }
}

static void end_load(void)
{
    atomic_store(&load_ends, true);
    for (unsigned i = 1; i < processor_count; i++) {
        processor_await(i);
    }
}

static void change_under_load(unsigned processor)
{
    start_load(processor);
    go_and_come(processor);
    end_load();
}

static void test_calls_meanwhile(void)
{
    if (!is_alone()) {
        for_some_processors(change_under_load);
    }
}

/* ---- C4: calls by a handler that interrupts the one that asks, in the midst of the change ---- */

#define CALLS_PER_MS 4

static _Atomic bool timer_ends, timer_ended;
static _Atomic unsigned calls_of_timer;

static void call_and_go_on(void)
{
    call_and_check();
    atomic_fetch_add(&calls_of_timer, 1);
    if (atomic_load(&timer_ends)) {
        atomic_store(&timer_ended, true);
    } else {
        arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms() / CALLS_PER_MS);
    }
}

static void test_calls_by_handler(void)
{
    if (is_alone()) {
        return;
    }
    atomic_store(&timer_ends, false);
    atomic_store(&timer_ended, false);
    atomic_store(&calls_of_timer, 0);
    arch_connect_interrupt(CLOCK_LEVEL, call_and_go_on);
    arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms() / CALLS_PER_MS);
    for_some_processors(go_and_come);
    atomic_store(&timer_ends, true);
    while (!atomic_load(&timer_ended)) {
        arch_relax();
    }
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
    CHECK(atomic_load(&calls_of_timer) > 1);
}

/* ---- C4: all of them ---- */

static void test_all_but_the_first(void)
{
    unsigned last = processor_count - 1;

    for (unsigned i = 1; i <= last; i++) {
        go(i);
    }
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == 1);
    CHECK(KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
    CHECK(KeQueryActiveProcessors() == 1);
    call_and_check();
    for (unsigned i = last; i >= 1; i--) { /* in another order */
        come(i);
    }
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
    call_and_check();
}

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
        go(last);
        CHECK(processor_offline(last) == PROCESSOR_UNCHANGED);
        come(last);
    }
    call_and_check();
}

static void ask_for_what_is_refused(void *argument)
{
    (void)argument;
    CHECK(processor_offline(arch_processor()->index) == PROCESSOR_REFUSED);
    CHECK(processor_offline(0) == PROCESSOR_REFUSED);
}

static void test_refused_elsewhere(void)
{
    if (is_alone()) {
        return;
    }
    processor_post(1, ask_for_what_is_refused, NULL);
    processor_await(1);
    call_and_check();
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
    uint32_t patience_ms = wait_patience_ms();

    if (is_alone()) {
        return;
    }
    atomic_store(&work_ends, false);
    processor_post(1, work_until_told, NULL);
    wait_set_patience_ms(patience_ms / SHORT_PATIENCE);
    CHECK(processor_offline(1) == PROCESSOR_OCCUPIED);
    wait_set_patience_ms(patience_ms);
    CHECK(processor_is_online(1));
    call_and_check(); /* it takes part as before */
    atomic_store(&work_ends, true);
    processor_await(1);
    go_and_come(1);
}

static void offline_first(void *result)
{
    *(enum processor_change *)result = processor_offline(1);
}

/* While one change waits, a second one is told so, and both end well. */
static void test_one_at_a_time(void)
{
    enum processor_change result = PROCESSOR_UNCHANGED;

    if (processor_count < 3) {
        suite_skip("it takes two other processors");
        return;
    }
    atomic_store(&work_ends, false);
    processor_post(1, work_until_told, NULL);
    atomic_fetch_add(&changes[1], 1);
    processor_post(2, offline_first, &result);
    while (atomic_load(&processors[1]->state) != PROCESSOR_LEAVING) {
        arch_relax();
    }
    CHECK(processor_offline(2) == PROCESSOR_CHANGE_PENDING);
    CHECK(processor_online(2) == PROCESSOR_CHANGE_PENDING);
    call_and_check();
    atomic_store(&work_ends, true);
    processor_await(2);
    atomic_fetch_add(&changes[1], 1);
    CHECK(result == PROCESSOR_CHANGED);
    call_and_check();
    come(1);
}

static void count_work(void *count)
{
    atomic_fetch_add((_Atomic unsigned *)count, 1);
}

static void test_posted_work(void)
{
    _Atomic unsigned count = 0;
    unsigned last = processor_count - 1;

    if (is_alone()) {
        return;
    }
    processor_post(last, count_work, &count);
    go(last); /* what was posted before is done */
    CHECK(atomic_load(&count) == 1);
    CHECK(processor_post(last, count_work, &count) == -1);
    processor_await(last);
    suite_run_everywhere(count_work, &count);
    CHECK(atomic_load(&count) == processor_count);
    come(last);
    CHECK(processor_post(last, count_work, &count) == 0);
    processor_await(last);
    CHECK(atomic_load(&count) == processor_count + 1);
}

/* ---- the way of a broadcast ---- */

static void test_shorthand_given_up(void)
{
    const char *refusal;
    unsigned last = processor_count - 1;

    if (strcmp(arch_broadcast_policy_name(&refusal), "shorthand") != 0 || is_alone()) {
        suite_skip("a broadcast is not sent by shorthand");
        return;
    }
    go(last);
    CHECK(strcmp(arch_broadcast_policy_name(&refusal), "shorthand") != 0);
    CHECK(refusal != NULL);
    call_and_check();
    come(last);
    CHECK(strcmp(arch_broadcast_policy_name(&refusal), "shorthand") == 0);
    CHECK(refusal == NULL);
    call_and_check();
}

/* ---- C5: doorbells that reach a processor which has left ---- */

static struct processor_set parked;

static ULONG_PTR NTAPI ring_parked(ULONG_PTR argument)
{
    arch_ring_doorbell(&parked);
    arch_wake(&parked);
    return count_visit(argument);
}

static void test_doorbells_for_nobody(void)
{
    unsigned last = processor_count - 1;

    if (is_alone()) {
        return;
    }
    processor_set_clear(&parked);
    processor_set_add(&parked, last);
    go(last);
    arch_ring_doorbell(&parked);
    call_and_check();
    call_with(ring_parked);
    come(last);
    call_and_check();
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
    CHECK(processor_post(processor, read_alias, &value) == 0);
    processor_await(processor);
    return value;
}

static void test_flush_while_away(void)
{
    unsigned last = processor_count - 1;
    uint64_t *pages = arch_allocate_pages(2 * PAGE_WORDS * sizeof(uint64_t));

    alias = pages == NULL ? NULL : arch_create_alias(pages);
    if (alias == NULL || is_alone()) {
        suite_skip(alias == NULL ? "memory is short" : "there is no other processor to go");
        return;
    }
    pages[0] = 1;
    pages[PAGE_WORDS] = 2;
    CHECK(read_alias_on(last) == 1); /* it has the translation */
    go(last);
    arch_redirect_alias((void *)alias, pages + PAGE_WORDS);
    tlb_flush((uintptr_t)alias, 1);
    CHECK(*alias == 2);
    come(last);
    CHECK(read_alias_on(last) == 2);
}

/* ---- B8: a processor that does not answer when it is started again ---- */

/* An id that no processor here has, and that every mode can address. */
static uint32_t find_free_id(void)
{
    for (uint32_t id = 0; id < 255; id++) {
        bool taken = false;
        for (unsigned i = 0; i < processor_count; i++) {
            taken |= processors[i]->hardware_id == id;
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
    uint32_t patience_ms = wait_patience_ms(), hardware_id = last->hardware_id;
    uint32_t free_id = find_free_id();

    if (is_alone() || free_id == UINT32_MAX) {
        suite_skip("there is no processor to go, or no id left");
        return;
    }
    go(last->index);
    last->hardware_id = free_id; /* the messages reach nobody */
    wait_set_patience_ms(patience_ms / SHORT_PATIENCE);
    CHECK(processor_online(last->index) == PROCESSOR_SILENT);
    wait_set_patience_ms(patience_ms);
    last->hardware_id = hardware_id;
    CHECK(!processor_is_online(last->index));
    call_and_check();
    come(last->index);
    call_and_check();
}

const struct suite_case membership_cases[] = {
    { "C4 processors go and come while all others call", test_calls_meanwhile },
    { "C4 the same, with a handler that calls in the midst of the change", test_calls_by_handler },
    { "C4 K12 all but the first go, and come back", test_all_but_the_first },
    { "C4 changes that are refused", test_refused },
    { "C4 nobody takes itself or the first processor offline", test_refused_elsewhere },
    { "C4 a processor that does not end its work stays online", test_occupied },
    { "C4 one change at a time", test_one_at_a_time },
    { "C4 work is posted to online processors only", test_posted_work },
    { "C4 the shorthand is given up while a processor is parked", test_shorthand_given_up },
    { "C4 C5 doorbells rung at a parked processor do nothing", test_doorbells_for_nobody },
    { "C6 a flush holds for a processor that was away", test_flush_while_away },
    { "B8 a processor that does not answer a second start", test_no_answer },
    { NULL, NULL },
};
