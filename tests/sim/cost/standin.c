/* SPDX-License-Identifier: MIT */
/*
 * Stand-ins for the dependencies of the log, the statistics and the flight recorder. The explorer
 * does without those three (tests/sim/unrecorded.c); here they are real, since they are on a call's
 * path.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "kernel/console/ksyms.h"
#include "kernel/upcall.h"
#include "tests/sim/sim.h"

/* Reads one word, as the kernel's own does. */
void bugcheck_poll_freeze(void)
{
    static _Atomic(struct processor *) stopper;
    if (atomic_load_explicit(&stopper, memory_order_relaxed) != NULL) {
        abort();
    }
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    (void)address;
    text[0] = 0;
    return text;
}

void *arch_allocate_pages(size_t size)
{
    return aligned_alloc(4096, (size + 4095) / 4096 * 4096);
}

void arch_console_write(const char *text, size_t length)
{
    (void)text, (void)length;
}

uint32_t arch_hardware_id(unsigned processor)
{
    return processor;
}
