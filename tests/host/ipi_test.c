/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/ipi.c: the choice between shorthand, clusters and unicast. The local APIC is replaced
 * by a list of the messages that were sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64/ipi.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/percpu.h"
#include "arch/x86_64/regs.h"
#include "kernel/arch.h"

#define CPUS     288
#define DOORBELL (LAPIC_FIXED | LAPIC_ASSERT | VECTOR_RENDEZVOUS)

/* ---- the machine ---- */

unsigned processor_set_used_words = PROCESSOR_SET_WORDS;

static struct percpu self; /* of the first processor */
static struct processor_set online;
static unsigned started;
static bool all_started, x2apic, clusters;

static struct {
    uint32_t destination, message;
} sent[CPUS];
static unsigned sent_count;
static unsigned lines; /* number of log lines */

struct percpu *percpu_current(void)
{
    return &self;
}

bool ap_start_all_started(void)
{
    return all_started;
}

bool lapic_is_x2apic(void)
{
    return x2apic;
}

bool lapic_has_clusters(void)
{
    return x2apic && clusters;
}

void lapic_send(uint32_t destination, uint32_t message)
{
    assert_true(sent_count < CPUS);
    sent[sent_count].destination = destination;
    sent[sent_count++].message = message;
}

void log_line(const char *format, ...)
{
    (void)format;
    lines++;
}

/*
 * `count` processors online in x2APIC mode, with ids equal to the indices; all except this one are
 * targets.
 */
static struct processor_set start(unsigned count, enum arch_broadcast way)
{
    struct processor_set targets = { { 0 } };

    memset(&online, 0, sizeof(online));
    for (unsigned i = 0; i < count; i++) {
        ipi_apic_ids[i] = i;
        processor_set_add(&online, i);
        processor_set_add(&targets, i);
    }
    processor_set_remove(&targets, 0);
    started = count;
    all_started = x2apic = clusters = true;
    sent_count = 0;
    arch_configure_broadcast(way);
    ipi_start(started);
    return targets;
}

/*
 * Every target is a destination exactly once, by its id or its place in a cluster, and no other
 * processor is.
 */
static void assert_reached(const struct processor_set *targets)
{
    unsigned times[CPUS] = { 0 };

    for (unsigned i = 0; i < sent_count; i++) {
        for (unsigned p = 0; p < CPUS; p++) {
            uint32_t place = lapic_cluster_destination(ipi_apic_ids[p]);
            uint32_t to = sent[i].destination;
            bool logical = (sent[i].message & LAPIC_LOGICAL) != 0;
            times[p] += logical ? to >> 16 == place >> 16 && (to & place & 0xffff) != 0
                                : to == ipi_apic_ids[p];
        }
        assert_int_equal(sent[i].message & ~(uint32_t)LAPIC_LOGICAL, DOORBELL);
    }
    for (unsigned p = 0; p < started; p++) {
        assert_int_equal(times[p], targets->words[p / 64] >> p % 64 & 1);
    }
}

static const char *refusal;

/* ---- the tests ---- */

static void shorthand_is_one_message(void **state)
{
    struct processor_set targets = start(CPUS, ARCH_BROADCAST_AUTO);
    (void)state;
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].message, DOORBELL | LAPIC_TO_OTHERS);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "shorthand");
    assert_null(refusal);
}

static void clusters_take_16_a_message(void **state)
{
    struct processor_set targets = start(CPUS, ARCH_BROADCAST_CLUSTER);
    (void)state;
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, CPUS / 16);
    assert_reached(&targets);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "cluster");
}

static void unicast_is_one_message_each(void **state)
{
    struct processor_set targets = start(CPUS, ARCH_BROADCAST_UNICAST);
    (void)state;
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, CPUS - 1);
    assert_reached(&targets);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "unicast");
}

static void sparse_and_shuffled_ids_are_reached(void **state)
{
    struct processor_set targets = start(24, ARCH_BROADCAST_CLUSTER);
    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        ipi_apic_ids[i] = i * 7 % 24 * 5; /* each cluster in several pieces */
    }
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
}

static void some_targets_get_no_shorthand(void **state)
{
    struct processor_set targets = start(40, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    processor_set_remove(&targets, 33);
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
    assert_int_equal(sent_count, 3);
}

static void a_processor_that_is_not_online_forbids_the_shorthand(void **state)
{
    struct processor_set targets = start(40, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    all_started = false;
    ipi_start(started);
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "cluster");
    assert_non_null(strstr(refusal, "online"));
    x2apic = false;
    ipi_start(started);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "unicast");
    assert_non_null(strstr(refusal, "online"));
}

/* Changes the set as membership.c does. */
static void set_online(unsigned processor, bool is_online)
{
    if (is_online) {
        processor_set_add(&online, processor);
    } else {
        processor_set_remove(&online, processor);
    }
    arch_online_changed(&online);
}

static void a_parked_processor_forbids_the_shorthand(void **state)
{
    struct processor_set everybody = start(40, ARCH_BROADCAST_AUTO), targets = everybody;
    (void)state;
    lines = 0;
    processor_set_remove(&targets, 33);
    set_online(33, false);
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "cluster");
    assert_non_null(strstr(refusal, "parked"));
    assert_int_equal(lines, 1);
    set_online(7, false); /* a second parked processor changes nothing */
    set_online(33, true);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "cluster");
    assert_int_equal(lines, 1);
    set_online(7, true);
    sent_count = 0;
    arch_ring_doorbell(&everybody);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].message, DOORBELL | LAPIC_TO_OTHERS);
    assert_null((arch_broadcast_policy_name(&refusal), refusal));
    assert_int_equal(lines, 2);
}

/* A call that its caller does not wait for rings the caller's doorbell as well. */
static void all_with_the_sender_get_the_shorthand(void **state)
{
    struct processor_set targets = start(3, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    processor_set_add(&targets, 0);
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].message, DOORBELL | LAPIC_TO_ALL);
}

/* A sender that still uses the previous choice must not reach the processor that left. */
static void the_others_of_some_get_no_shorthand(void **state)
{
    struct processor_set targets = start(3, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    processor_set_remove(&targets, 2);
    processor_set_remove(&online, 2); /* its way is not chosen yet */
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, 1);
    assert_reached(&targets);
}

static void a_configured_shorthand_comes_back(void **state)
{
    struct processor_set targets = start(4, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    set_online(2, false);
    processor_set_remove(&targets, 2);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "cluster");
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
    set_online(2, true);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "shorthand");
    assert_null(refusal);
}

static void changes_are_told_a_few_times(void **state)
{
    (void)state;
    start(4, ARCH_BROADCAST_AUTO);
    for (unsigned i = 0; i < 100; i++) {
        set_online(3, i % 2 != 0);
    }
    assert_in_range(lines, 2, 20);
}

static void clusters_need_x2apic(void **state)
{
    struct processor_set targets = start(40, ARCH_BROADCAST_CLUSTER);
    (void)state;
    x2apic = false;
    ipi_start(started);
    arch_ring_doorbell(&targets);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "shorthand");
    assert_non_null(strstr(refusal, "x2APIC"));
}

static void odd_logical_ids_forbid_clusters(void **state)
{
    struct processor_set targets = start(40, ARCH_BROADCAST_CLUSTER);
    (void)state;
    clusters = all_started = false;
    ipi_start(started);
    arch_ring_doorbell(&targets);
    assert_reached(&targets);
    assert_int_equal(sent_count, 39);
    assert_string_equal(arch_broadcast_policy_name(&refusal), "unicast");
    assert_non_null(strstr(refusal, "does not match"));
}

static void one_target_gets_its_own(void **state)
{
    struct processor_set targets = start(2, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    arch_ring_doorbell(&targets);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].message, DOORBELL);
    assert_int_equal(sent[0].destination, 1);
}

static void a_wake_goes_the_same_way(void **state)
{
    struct processor_set targets = start(CPUS, ARCH_BROADCAST_SHORTHAND);
    struct processor_set nobody = { { 0 } };
    (void)state;
    arch_wake(&targets);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].message, LAPIC_FIXED | LAPIC_ASSERT | VECTOR_WAKE | LAPIC_TO_OTHERS);
    arch_wake(&nobody);
    assert_int_equal(sent_count, 1);
}

static void an_unmaskable_one_is_always_unicast(void **state)
{
    struct processor_set targets = start(CPUS, ARCH_BROADCAST_SHORTHAND);
    (void)state;
    arch_send_unmaskable(&targets);
    assert_int_equal(sent_count, CPUS - 1);
    for (unsigned i = 0; i < sent_count; i++) {
        assert_int_equal(sent[i].message, LAPIC_NMI | LAPIC_ASSERT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shorthand_is_one_message),
        cmocka_unit_test(clusters_take_16_a_message),
        cmocka_unit_test(unicast_is_one_message_each),
        cmocka_unit_test(sparse_and_shuffled_ids_are_reached),
        cmocka_unit_test(some_targets_get_no_shorthand),
        cmocka_unit_test(a_processor_that_is_not_online_forbids_the_shorthand),
        cmocka_unit_test(a_parked_processor_forbids_the_shorthand),
        cmocka_unit_test(all_with_the_sender_get_the_shorthand),
        cmocka_unit_test(the_others_of_some_get_no_shorthand),
        cmocka_unit_test(a_configured_shorthand_comes_back),
        cmocka_unit_test(changes_are_told_a_few_times),
        cmocka_unit_test(clusters_need_x2apic),
        cmocka_unit_test(odd_logical_ids_forbid_clusters),
        cmocka_unit_test(one_target_gets_its_own),
        cmocka_unit_test(a_wake_goes_the_same_way),
        cmocka_unit_test(an_unmaskable_one_is_always_unicast),
    };
    return cmocka_run_group_tests_name("ipi", tests, NULL, NULL);
}
