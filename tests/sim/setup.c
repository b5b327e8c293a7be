/* SPDX-License-Identifier: MIT */
/*
 * Brings the whole system to the beginning of a scenario: the kernel's variables as they were when
 * the program started, a new machine, and each processor run up to its first step. When no
 * processor can go on, it decides whether that is the end or a deadlock (C1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/wait.h"
#include "tests/sim/checks.h"

const struct scenario *scenario;

static char *pristine; /* the section sim_state before the first machine */

static void restore_section(void)
{
    size_t size = (size_t)(__stop_sim_state - __start_sim_state);

    if (pristine == NULL) {
        pristine = malloc(size);
        memcpy(pristine, __start_sim_state, size);
    }
    memcpy(__start_sim_state, pristine, size);
}

/* From here on the list of processors is constant; everything else is state. */
static void register_state(void)
{
    char *list = (char *)processors;
    char *list_end = list + sizeof processors;

    state_ranges_clear();
    state_add(__start_sim_state, (size_t)(list - __start_sim_state), true);
    state_add(list_end, (size_t)(__stop_sim_state - list_end), true);
    state_add(sim_cpus, sim_count * sizeof sim_cpus[0], true);
    for (unsigned i = 0; i < sim_count; i++) { /* except the recorder, which is stopped */
        state_add(processors[i], offsetof(struct processor, trace), true);
    }
    state_add(explore_cpus, sim_count * sizeof explore_cpus[0], true);
    state_add(&explore_world, sizeof explore_world, true);
    check_register_state();
    race_register_state();
}

void scenario_set_up(const struct scenario *chosen, unsigned processors_wanted)
{
    scenario = chosen;
    failed_clause = NULL;
    restore_section();
    sim_create(processors_wanted);
    for (unsigned i = 0; i < processors_wanted; i++) {
        atomic_store(&processors[i]->clock_agrees, true); /* there is only one time here */
    }
    memset(explore_cpus, 0, sizeof explore_cpus);
    explore_world = (struct explore_world){ .now_ticks = 1,
                                            .faults_left = chosen->faults,
                                            .dropped_to = processors_wanted };
    patience_set_ms(PATIENCE_MS);
    patience_quarters = chosen->ladder != NULL ? patience_quarters : 1;
    wait_pauses = chosen->ladder != NULL ? chosen->ladder->pauses : 0;
    wait_set_policy(chosen->halts ? WAIT_HALT : WAIT_SPIN);
    check_reset();
    race_reset();
    register_state();
    for (unsigned i = 0; i < sim_count; i++) {
        sim_start(i, chosen->body);
        sim_run(i);
        state_clear_dead_stack(i);
    }
}

/* ---- the end ---- */

bool check_all_done(void)
{
    for (unsigned i = 0; i < sim_count; i++) {
        if (sim_cpus[i].running) {
            return false;
        }
    }
    return true;
}

static void check_left(unsigned processor)
{
    const struct sim_cpu *cpu = &sim_cpus[processor];

    if (outcomes_is_gone(processor)) {
        return;
    }
    if (cpu->irql != IRQL_PASSIVE || !cpu->interrupts || cpu->in_service != 0) {
        check_fail("K10", "processor %u ends at IRQL %u with IF=%u", processor, cpu->irql,
                   cpu->interrupts);
    }
}

/* No processor can go on: all is done, or it is a deadlock. With a halt, a lost wake-up. */
void check_end(void)
{
    static const char *const kinds[] = { "accesses", "drains", "sends", "is interrupted", "masks",
                                         "relaxes",  "halts",  "idles", "is stopped" };
    char where[160] = "";
    size_t length = 0;

    if (explore_world.stopped || failed_clause != NULL) {
        return;
    }
    if (scenario_stops()) {
        check_fail("B4", "nobody stops the system");
    }
    if (check_all_done()) {
        for (unsigned i = 0; i < sim_count; i++) {
            memory_drain(i);
            check_left(i);
        }
        scenario_check_end();
        return;
    }
    for (unsigned i = 0; i < sim_count && length < sizeof where - 32; i++) {
        length += (size_t)snprintf(where + length, sizeof where - length, "%sP%u %s",
                                   i == 0 ? "" : ", ", i, kinds[explore_cpus[i].next]);
    }
    check_fail("C1", "deadlock: no processor can continue: %s", where);
}
