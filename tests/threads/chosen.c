/* SPDX-License-Identifier: MIT */
/*
 * The extension in another kernel, at work: a call of two processors out of four, in two phases,
 * with a deadline; and a call of one processor while its caller goes on.
 */
#include <stdio.h>

#include "include/muster.h"
#include "kernel/rendezvous/processors.h"
#include "tests/threads/machine.h"

#define PROCESSORS 4

static unsigned numbers[PROCESSORS];

static uintptr_t MUSTER_API write_number(uintptr_t base)
{
    unsigned self = arch_processor()->index;
    numbers[self] = (unsigned)base + self;
    return 0;
}

/* Both have written by now: no action begins before every setup has ended. */
static uintptr_t MUSTER_API add_up(uintptr_t base)
{
    (void)base;
    return numbers[2] + numbers[3];
}

static void call_two(void)
{
    struct rendezvous_report reports[PROCESSORS];
    struct processor_set targets = { 0 };

    processor_set_add(&targets, 2);
    processor_set_add(&targets, 3);
    enum rendezvous_status status = rendezvous_call(&(struct rendezvous_request){
        .targets = &targets,
        .routines = { [RENDEZVOUS_SETUP] = write_number, [RENDEZVOUS_ACTION] = add_up },
        .argument = 100,
        .timeout_ms = 60000,
        .reports = reports,
        .report_count = PROCESSORS });
    for (unsigned i = 0; status == RENDEZVOUS_OK && i < PROCESSORS; i++) {
        if (reports[i].part == RENDEZVOUS_FINISHED) {
            printf("processor=%u returned=%lu\n", i, (unsigned long)reports[i].returned);
        }
    }
}

static void call_and_go_on(void)
{
    struct rendezvous_completion completion;
    struct processor_set targets = { 0 };

    processor_set_add(&targets, 3);
    rendezvous_begin(&(struct rendezvous_request){ .targets = &targets,
                                                   .routines = { write_number },
                                                   .argument = 200 },
                     &completion);
    while (rendezvous_test(&completion) == RENDEZVOUS_PENDING) {
        arch_relax(); /* or other work */
    }
    printf("status=%u number=%u\n", (unsigned)rendezvous_test(&completion), numbers[3]);
}

static void call_from_processor_1(unsigned index)
{
    if (index == 1) {
        call_two();
        call_and_go_on();
    }
}

int main(void)
{
    machine_run(PROCESSORS, call_from_processor_1);
    return 0;
}
