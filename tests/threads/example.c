/* SPDX-License-Identifier: MIT */
/*
 * The core at work in another kernel: every processor writes its number, all at the same time, and
 * the caller adds up what they wrote.
 */
#include <stdio.h>

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/machine.h"

#define PROCESSORS 4

static unsigned numbers[PROCESSORS];

/* Runs on all processors at IPI_LEVEL. */
static uintptr_t MUSTER_API write_number(uintptr_t base)
{
    unsigned self = arch_processor()->index;
    numbers[self] = (unsigned)base + self;
    return self;
}

static void call_from_processor_1(unsigned index)
{
    if (index != 1) {
        return;
    }
    uintptr_t returned = rendezvous_run_everywhere(write_number, 100);
    unsigned sum = 0;
    for (unsigned i = 0; i < PROCESSORS; i++) {
        sum += numbers[i];
    }
    printf("processors=%u returned=%lu sum=%u\n", processor_count, (unsigned long)returned, sum);
}

int main(void)
{
    machine_run(PROCESSORS, call_from_processor_1);
    return 0;
}
