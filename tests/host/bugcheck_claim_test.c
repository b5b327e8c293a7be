/* SPDX-License-Identifier: MIT */
/*
 * kernel/stop/freeze.c: of all the processors that stop at the same time, exactly one reports. The
 * processors are threads, so that two really are in bugcheck_claim() at the same time. In an
 * emulator that runs them in turn, this hardly ever happens.
 *
 * The file is included, since a system stops only once, and here it has to stop many times.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "kernel/stop/freeze.c"

#define THREADS 2
#define RACES   20000 /* only those in which both threads were running */
#define LIMIT_S 20
#define SPINS   2000 /* then the core is yielded, since there may be only one */

static struct processor structures[THREADS];
struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count = THREADS;
unsigned processor_set_used_words = 1;
struct bugcheck_subject bugcheck_subject;

static _Thread_local struct processor *self;

/* ---- what the file needs from other files ---- */

struct processor *sim_processor(void)
{
    return self;
}

uint64_t sim_ticks(void)
{
    return 0;
}

void sim_relax(void)
{
}

void sim_interrupts_write(bool enabled)
{
    (void)enabled;
}

uint64_t arch_ticks_per_ms(void)
{
    return 1;
}

void arch_take_snapshot(struct arch_snapshot *snapshot, const void *machine_frame, uintptr_t frame)
{
    (void)snapshot;
    (void)machine_frame;
    (void)frame;
}

void arch_send_unmaskable(const struct processor_set *targets)
{
    (void)targets;
}

_Noreturn void arch_stop(void)
{
    abort();
}

bool evidence_answer(const void *machine_frame)
{
    (void)machine_frame;
    return false;
}

bool inject_answer(bool asked)
{
    return asked;
}

bool processor_is_running(unsigned index)
{
    (void)index;
    return true;
}

const struct arch_snapshot *frozen_snapshot(unsigned processor)
{
    (void)processor;
    return NULL;
}

void frozen_store(const struct arch_snapshot *snapshot)
{
    (void)snapshot;
}

uint32_t bugcheck_limit_ms(void)
{
    return 0;
}

_Noreturn void bugcheck_report(const struct bugcheck *bugcheck)
{
    (void)bugcheck;
    abort();
}

/* ---- the race ---- */

static _Atomic unsigned arrived, claimed, wrong, raced;
static _Atomic bool over;
static time_t deadline_s; /* on the monotonic clock */

static time_t now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/*
 * Both threads leave together. Returns true in the thread that came first, if it did not have to
 * wait long: then each thread had a core of its own.
 */
static bool meet(unsigned target)
{
    unsigned spins = 0;

    atomic_fetch_add(&arrived, 1);
    for (; atomic_load(&arrived) < target; spins++) {
        if (spins > SPINS) {
            sched_yield();
        }
    }
    return spins != 0 && spins <= SPINS;
}

/* The last to arrive leaves first, by a cache line's delay: so different leads are tried. */
static void dawdle(unsigned round)
{
    unsigned turns = round % (self == &structures[0] ? 61 : 53);

    for (_Atomic unsigned turn = 0; turn < turns; turn++) {
    }
}

static void *stop_often(void *argument)
{
    self = argument;
    for (unsigned met = 0, round = 0; !atomic_load(&over); round++) {
        atomic_fetch_add(&raced, meet(met += THREADS));
        dawdle(round);
        bool mine = bugcheck_claim();
        atomic_fetch_add(&claimed, mine);
        meet(met += THREADS);
        atomic_fetch_add(&wrong, atomic_load(&claimed) != 1 || bugcheck_is_mine() != mine);
        if (mine && (atomic_load(&raced) >= RACES || now_s() > deadline_s)) {
            atomic_store(&over, true);
        }
        meet(met += THREADS);
        atomic_store(&claimed, 0);
        atomic_store(&stopper, NULL);
    }
    return NULL;
}

static void test_one_reports(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    deadline_s = now_s() + LIMIT_S;
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, stop_often, &structures[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&wrong), 0);
    if (atomic_load(&raced) < RACES) {
        print_message("%u of %u races in %u s: this host has no two cores to spare\n",
                      atomic_load(&raced), RACES, LIMIT_S);
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_reports),
    };

    return cmocka_run_group_tests_name("bugcheck_claim", tests, NULL, NULL);
}
